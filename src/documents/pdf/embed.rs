//! Fonts cut down to the glyphs that are printed.
//!
//! A PDF says of each glyph which characters it stands for. In some fonts one glyph serves several
//! letters (the Arabic ب, ت and ث share a body and differ by their dots), so a second meaning of
//! a glyph goes into a second copy of the font, which then holds only such glyphs. That way names
//! can be searched, copied and read aloud as they were typed.

use std::collections::{BTreeMap, HashMap};

use printpdf::ParsedFont;
use subsetter::GlyphRemapper;

use super::PdfError;
use crate::documents::fonts::Face;

/// A font as embedded: the face, and which copy of it.
pub type Embedded = (Face, usize);

/// The fonts of one file.
#[derive(Default)]
pub struct Fonts {
    used: BTreeMap<Embedded, GlyphRemapper>,
    meanings: HashMap<(Face, u16), Vec<String>>,
}

/// The name of an embedded font in the file's resources.
pub fn resource((face, copy): Embedded) -> String {
    format!("{}-{copy}", face.name())
}

impl Fonts {
    /// Where a glyph is found: the embedded font, and its number there. No `meaning` where the text
    /// is told in another way.
    pub fn find(&mut self, face: Face, glyph: u16, meaning: Option<&str>) -> (Embedded, u16) {
        let known = self.meanings.entry((face, glyph)).or_default();
        let copy = match meaning {
            None => 0,
            Some(text) => known.iter().position(|known| known == text).unwrap_or(known.len()),
        };
        if copy == known.len() {
            known.push(meaning.unwrap_or_default().to_owned());
        }
        let glyphs = self.used.entry((face, copy)).or_default();
        ((face, copy), glyphs.remap(glyph))
    }

    /// The cut-down fonts under the names of their resources.
    pub fn finish(self) -> Result<Vec<(String, ParsedFont)>, PdfError> {
        self.used.iter().map(|(at, glyphs)| Ok((resource(*at), cut(at.0, glyphs)?))).collect()
    }
}

fn cut(face: Face, glyphs: &GlyphRemapper) -> Result<ParsedFont, PdfError> {
    let failed = |cause: String| PdfError::Subset { font: face.name(), cause };
    let bytes = subsetter::subset(face.bytes(), 0, glyphs).map_err(|error| failed(error.to_string()))?;
    let mut warnings = Vec::new();
    let mut font = ParsedFont::from_bytes(&bytes, 0, &mut warnings)
        .ok_or_else(|| failed("the result cannot be read".to_owned()))?;
    font.font_name = Some(format!("{}+{}", tag(glyphs), face.name()));
    Ok(font)
}

/// Six capital letters that mark a cut-down font, different for different choices of glyphs.
fn tag(glyphs: &GlyphRemapper) -> String {
    let mix = |sum: u64, glyph: u16| sum.wrapping_mul(31).wrapping_add(u64::from(glyph));
    let sum = glyphs.remapped_gids().fold(7, mix);
    let letter = |place: u32| char::from(b'A' + (sum / 26_u64.pow(place) % 26) as u8);
    (0..6).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_meaning_goes_into_a_second_copy() {
        let mut fonts = Fonts::default();
        let (first, _) = fonts.find(Face::Arabic, 40, Some("ب"));
        let (second, _) = fonts.find(Face::Arabic, 40, Some("ت"));
        let (again, _) = fonts.find(Face::Arabic, 40, Some("ب"));
        let (untold, _) = fonts.find(Face::Arabic, 40, None);
        assert_eq!((first.1, second.1, again.1, untold.1), (0, 1, 0, 0));
        assert_eq!(fonts.finish().expect("cut").len(), 2);
    }

    #[test]
    fn cut_fonts_are_small_and_carry_a_tag() {
        let mut fonts = Fonts::default();
        fonts.find(Face::Sans, 36, Some("A"));
        let cut = fonts.finish().expect("cut");
        let name = cut[0].1.font_name.as_deref().expect("named");
        assert_eq!(name.find('+'), Some(6));
        assert!(cut[0].1.original_bytes.len() < 20_000);
    }
}
