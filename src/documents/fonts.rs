//! The letters on board: which font file serves which script.
//!
//! Names are printed in the letters their owners use, on machines whose fonts we do not know, so
//! the files are compiled in (`data/fonts`, with their licences). They are read once per process.
//! A crash here means that a font file in the repository is damaged.

use std::sync::LazyLock;

use harfrust::{Font, GlyphId};
use unicode_script::Script;

/// A font file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Latin, Cyrillic and Greek.
    Sans,
    /// The same, bold.
    SansBold,
    /// Nepali, Hindi, Marathi.
    Devanagari,
    /// The same, bold.
    DevanagariBold,
    /// Arabic, Urdu, Farsi and others in Arabic letters.
    Arabic,
    /// The same, bold.
    ArabicBold,
    /// The last resort: symbols and rarer scripts, one weight.
    Fallback,
}

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// For answers and running text.
    Regular,
    /// For headings and questions.
    Bold,
}

/// Every face, in the order of the enum.
pub const FACES: [Face; 7] = [
    Face::Sans,
    Face::SansBold,
    Face::Devanagari,
    Face::DevanagariBold,
    Face::Arabic,
    Face::ArabicBold,
    Face::Fallback,
];

static FONTS: LazyLock<[Font; 7]> = LazyLock::new(|| {
    FACES.map(|face| Font::new(face.bytes(), 0).expect("the font files in the repository are sound"))
});

impl Face {
    /// The file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Face::Sans => include_bytes!("../../data/fonts/NotoSans-Regular.ttf"),
            Face::SansBold => include_bytes!("../../data/fonts/NotoSans-Bold.ttf"),
            Face::Devanagari => include_bytes!("../../data/fonts/NotoSansDevanagari-Regular.ttf"),
            Face::DevanagariBold => include_bytes!("../../data/fonts/NotoSansDevanagari-Bold.ttf"),
            Face::Arabic => include_bytes!("../../data/fonts/NotoSansArabic-Regular.ttf"),
            Face::ArabicBold => include_bytes!("../../data/fonts/NotoSansArabic-Bold.ttf"),
            Face::Fallback => include_bytes!("../../data/fonts/DejaVuSans.ttf"),
        }
    }

    /// The font's own name, for the PDF.
    pub fn name(self) -> &'static str {
        match self {
            Face::Sans => "NotoSans-Regular",
            Face::SansBold => "NotoSans-Bold",
            Face::Devanagari => "NotoSansDevanagari-Regular",
            Face::DevanagariBold => "NotoSansDevanagari-Bold",
            Face::Arabic => "NotoSansArabic-Regular",
            Face::ArabicBold => "NotoSansArabic-Bold",
            Face::Fallback => "DejaVuSans",
        }
    }

    /// The parsed font.
    pub fn font(self) -> &'static Font {
        &FONTS[self as usize]
    }

    /// Font units in an em.
    pub fn units(self) -> f32 {
        f32::from(self.font().units_per_em())
    }

    /// Whether the font has a glyph for the character.
    pub fn covers(self, ch: char) -> bool {
        self.font().charmap().map_unicode(ch).is_some()
    }

    /// A glyph's advance in thousandths of an em, cut to a whole number as a PDF's width table is.
    pub fn width(self, glyph: u16) -> f32 {
        let advance = self.font().glyph_metrics().h_advance(GlyphId::new(u32::from(glyph)));
        (advance * 1000.0 / self.units()).trunc()
    }

    /// The plain font in a weight: also where an empty box for a missing letter is taken from.
    pub fn plain(weight: Weight) -> Self {
        match weight {
            Weight::Regular => Face::Sans,
            Weight::Bold => Face::SansBold,
        }
    }

    /// The font that serves a script by design, if not the plain one.
    fn of_script(script: Script, weight: Weight) -> Self {
        match (script, weight) {
            (Script::Devanagari, Weight::Regular) => Face::Devanagari,
            (Script::Devanagari, Weight::Bold) => Face::DevanagariBold,
            (Script::Arabic, Weight::Regular) => Face::Arabic,
            (Script::Arabic, Weight::Bold) => Face::ArabicBold,
            _ => Face::plain(weight),
        }
    }

    /// The best font for a character of a script; `None` when no font has it.
    pub fn pick(ch: char, script: Script, weight: Weight) -> Option<Self> {
        [
            Face::of_script(script, weight),
            Face::plain(weight),
            Face::of_script(Script::Arabic, weight),
            Face::of_script(Script::Devanagari, weight),
            Face::Fallback,
        ]
        .into_iter()
        .find(|face| face.covers(ch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_each_script_finds_its_font() {
        for face in FACES {
            assert!(face.units() >= 1000.0, "{face:?}");
        }
        assert_eq!(Face::pick('Ż', Script::Latin, Weight::Bold), Some(Face::SansBold));
        assert_eq!(Face::pick('ї', Script::Cyrillic, Weight::Regular), Some(Face::Sans));
        assert_eq!(Face::pick('न', Script::Devanagari, Weight::Regular), Some(Face::Devanagari));
        assert_eq!(Face::pick('م', Script::Arabic, Weight::Bold), Some(Face::ArabicBold));
        assert_eq!(Face::pick('☺', Script::Common, Weight::Regular), Some(Face::Fallback));
        assert_eq!(Face::pick('王', Script::Han, Weight::Regular), None);
    }

    #[test]
    fn widths_are_thousandths_of_an_em() {
        let space = Face::Sans.font().charmap().map_unicode(' ').expect("a space");
        assert_eq!(Face::Sans.width(u16::try_from(space.to_u32()).expect("small")), 260.0);
    }
}
