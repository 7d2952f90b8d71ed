//! From characters to placed glyphs: which font, which direction, which form of each letter.
//!
//! A paragraph is cut into *pieces* of one direction, script and font, and each is shaped by
//! harfrust: Arabic letters join, vowel signs sit on their letters, Devanagari conjuncts form.
//! Each glyph keeps the characters it stands for, so that the PDF can be read aloud and searched.
//! A letter that no font has becomes an empty box and is remembered in [`Shaper::missing`].

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::str::FromStr;

use harfrust::{Buffer, BufferFlags, ClusterLevel, Direction, GlyphId, ShapeOptions, ShapePlan, ShaperFont};
use unicode_bidi::Level;
use unicode_script::{Script, UnicodeScript};

use super::clean::is_invisible;
use super::fonts::{FACES, Face, Weight};

/// Part of a paragraph in one direction, script and font.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Bytes of the paragraph.
    pub range: Range<usize>,
    /// Direction level by the Unicode bidirectional algorithm; odd is right to left.
    pub level: Level,
    script: Script,
    /// The font; for missing letters the one whose empty box is shown.
    pub face: Face,
    missing: bool,
}

/// A glyph in its place.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// Its number in the font file.
    pub id: u16,
    /// Points from the start of the line.
    pub x: f32,
    /// Points above the baseline.
    pub y: f32,
    /// The characters it stands for; empty when a neighbour stands for them.
    pub text: String,
}

/// Glyphs of one piece, from left to right.
#[derive(Clone, Debug)]
pub struct Run {
    /// Their font.
    pub face: Face,
    /// Whether it is read from right to left.
    pub rtl: bool,
    /// The glyphs.
    pub glyphs: Vec<Glyph>,
    /// The text, when the glyphs' own order or numbers do not tell it.
    pub actual: Option<String>,
    /// Points from the run's first to its last edge.
    pub width: f32,
    /// Highest ink above the baseline, in points.
    pub top: f32,
    /// Deepest ink below the baseline, in points, positive.
    pub bottom: f32,
}

impl Run {
    fn empty(face: Face) -> Self {
        Self { face, rtl: false, glyphs: vec![], actual: None, width: 0.0, top: 0.0, bottom: 0.0 }
    }
}

/// A cluster of glyphs while a run is put together.
struct Raw {
    id: u16,
    cluster: usize,
    advance: f32,
    dx: f32,
    dy: f32,
}

/// Shapes text and remembers what could not be shown. One per document.
pub struct Shaper {
    fonts: [ShaperFont<'static, 'static>; 7],
    plans: HashMap<(Face, [u8; 4], bool), ShapePlan>,
    buffer: Buffer,
    /// Letters that no font has, and accents that were cut.
    pub missing: BTreeSet<char>,
}

impl Default for Shaper {
    fn default() -> Self {
        Self::new()
    }
}

impl Shaper {
    /// A shaper for one document.
    pub fn new() -> Self {
        Self {
            fonts: FACES.map(|face| ShaperFont::new(face.font())),
            plans: HashMap::new(),
            buffer: Buffer::new(),
            missing: BTreeSet::new(),
        }
    }

    /// Shapes part of a piece; positions are in points at `size`, starting from `x`.
    pub fn run(&mut self, text: &str, range: Range<usize>, piece: &Piece, size: f32, x: f32) -> Run {
        let raws =
            if piece.missing { self.boxes(text, &range, piece) } else { self.shape(text, &range, piece) };
        let (texts, tangled) = cluster_texts(text, &range, &raws);
        let scale = size / piece.face.units();
        let rtl = piece.level.is_rtl();
        let actual = (piece.missing || (tangled && !rtl)).then(|| text[range].to_owned());
        let mut run = Run { rtl, actual, ..Run::empty(piece.face) };
        let mut pen = 0.0;
        for (raw, text) in raws.into_iter().zip(texts) {
            let y = raw.dy * scale;
            if let Some(ink) = self.fonts[piece.face as usize].glyph_extents(GlyphId::new(u32::from(raw.id)))
            {
                run.top = run.top.max(y + ink.y_bearing as f32 * scale);
                run.bottom = run.bottom.max(-(y + (ink.y_bearing + ink.height) as f32 * scale));
            }
            run.glyphs.push(Glyph { id: raw.id, x: x + (pen + raw.dx) * scale, y, text });
            pen += raw.advance;
        }
        run.width = pen * scale;
        run
    }

    /// Adds each cluster's advance, in points at `size`, to `advances` at its first byte.
    pub fn measure(&mut self, text: &str, piece: &Piece, size: f32, advances: &mut [f32]) {
        let scale = size / piece.face.units();
        let raws = if piece.missing {
            self.boxes(text, &piece.range, piece)
        } else {
            self.shape(text, &piece.range, piece)
        };
        for raw in raws {
            advances[raw.cluster] += raw.advance * scale;
        }
    }

    fn shape(&mut self, text: &str, range: &Range<usize>, piece: &Piece) -> Vec<Raw> {
        let rtl = piece.level.is_rtl();
        let direction = if rtl { Direction::RightToLeft } else { Direction::LeftToRight };
        let tag = piece.script.short_name();
        let script = harfrust::Script::from_str(tag).ok();
        let font = &self.fonts[piece.face as usize];
        let key = (piece.face, tag.as_bytes().try_into().unwrap_or(*b"Zyyy"), rtl);
        let plan = self
            .plans
            .entry(key)
            .or_insert_with(|| ShapePlan::new(piece.face.font(), direction, script, None, &[]));
        let buffer = &mut self.buffer;
        buffer.reset();
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES);
        buffer.set_cluster_level(ClusterLevel::MonotoneCharacters);
        buffer.set_direction(direction);
        buffer.set_script(script);
        for (at, ch) in text[range.clone()].char_indices() {
            buffer.push(ch as u32, cluster_number(range.start + at));
        }
        harfrust::shape(font, buffer, ShapeOptions::new().plan(Some(plan)))
            .expect("direction and script of plan and buffer are set together above");
        self.collect()
    }

    fn collect(&self) -> Vec<Raw> {
        let (infos, places) = (self.buffer.glyph_infos(), self.buffer.glyph_positions());
        let raw = |(info, place): (&harfrust::GlyphInfo, &harfrust::GlyphPosition)| Raw {
            id: u16::try_from(info.glyph_id).unwrap_or(0),
            cluster: info.cluster as usize,
            advance: place.x_advance as f32,
            dx: place.x_offset as f32,
            dy: place.y_offset as f32,
        };
        infos.iter().zip(places).map(raw).collect()
    }

    /// An empty box for each letter that cannot be shown.
    fn boxes(&mut self, text: &str, range: &Range<usize>, piece: &Piece) -> Vec<Raw> {
        let advance = piece.face.width(0) * piece.face.units() / 1000.0;
        let letters = text[range.clone()].char_indices().map(|(at, ch)| (range.start + at, ch));
        self.missing.extend(letters.clone().map(|(_, ch)| ch));
        let mut boxes: Vec<Raw> =
            letters.map(|(cluster, _)| Raw { id: 0, cluster, advance, dx: 0.0, dy: 0.0 }).collect();
        if piece.level.is_rtl() {
            boxes.reverse();
        }
        boxes
    }
}

/// Paragraphs are far shorter than 4 GiB (attachments and forms are limited to megabytes).
fn cluster_number(at: usize) -> u32 {
    u32::try_from(at).expect("a paragraph of less than 4 GiB")
}

/// The characters each glyph stands for, and whether several glyphs share some. The widest glyph
/// of a cluster takes all its characters: dots and vowel signs have no width of their own.
fn cluster_texts(text: &str, range: &Range<usize>, raws: &[Raw]) -> (Vec<String>, bool) {
    let starts: BTreeSet<usize> = raws.iter().map(|raw| raw.cluster).collect();
    let mut texts = vec![String::new(); raws.len()];
    let (mut at, mut tangled) = (0, false);
    while at < raws.len() {
        let cluster = raws[at].cluster;
        let len = raws[at..].iter().take_while(|raw| raw.cluster == cluster).count();
        let end = starts.range(cluster + 1..).next().copied().unwrap_or(range.end);
        let widest = (at..at + len).reduce(|a, b| if raws[b].advance > raws[a].advance { b } else { a });
        texts[widest.unwrap_or(at)] = text[cluster..end].to_owned();
        tangled |= len > 1;
        at += len;
    }
    (texts, tangled)
}

/// Cuts a paragraph into pieces, in the order of the text.
pub fn itemise(text: &str, levels: &[Level], weight: Weight) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut script = Script::Latin;
    for (at, ch) in text.char_indices() {
        let shared = matches!(ch.script(), Script::Common | Script::Inherited | Script::Unknown);
        if !shared {
            script = ch.script();
        }
        let before = pieces.last().filter(|piece| !piece.missing).map(|piece| piece.face);
        let found = face_for(ch, script, weight, before.filter(|_| shared));
        let face = found.unwrap_or(Face::plain(weight));
        let end = at + ch.len_utf8();
        let piece = Piece { range: at..end, level: levels[at], script, face, missing: found.is_none() };
        match pieces.last_mut() {
            Some(last) if last.goes_on_with(&piece) => last.range.end = end,
            _ => pieces.push(piece),
        }
    }
    pieces
}

impl Piece {
    /// The same in a direction; the end of a line may change that of its spaces (UAX #9, L1).
    pub fn at_level(&self, level: Level) -> Self {
        Self { level, ..self.clone() }
    }

    fn goes_on_with(&self, next: &Piece) -> bool {
        (self.level, self.script, self.face, self.missing)
            == (next.level, next.script, next.face, next.missing)
    }
}

/// Signs shared by all scripts stay in the font of the letters before them where it has them.
fn face_for(ch: char, script: Script, weight: Weight, before: Option<Face>) -> Option<Face> {
    match before {
        Some(face) if is_invisible(ch) || (face != Face::Fallback && face.covers(ch)) => Some(face),
        _ if is_invisible(ch) => Some(Face::plain(weight)),
        _ => Face::pick(ch, script, weight),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(text: &str) -> (Vec<Run>, BTreeSet<char>) {
        let bidi = unicode_bidi::BidiInfo::new(text, None);
        let pieces = itemise(text, &bidi.levels, Weight::Regular);
        let mut shaper = Shaper::new();
        let runs =
            pieces.iter().map(|piece| shaper.run(text, piece.range.clone(), piece, 10.0, 0.0)).collect();
        (runs, shaper.missing)
    }

    #[test]
    fn each_script_gets_its_font_and_nothing_is_missing() {
        let (runs, missing) = shaped("Żółć Ґанок सिर्जना مُحَمَّد 12");
        let faces: Vec<Face> = runs.iter().map(|run| run.face).collect();
        assert!(
            faces.contains(&Face::Sans) && faces.contains(&Face::Devanagari) && faces.contains(&Face::Arabic)
        );
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn arabic_letters_join_and_vowels_are_lifted_onto_them() {
        let (runs, _) = shaped("مُحَمَّد");
        let alone: Vec<u16> = "محمد".chars().map(|ch| shaped(&ch.to_string()).0[0].glyphs[0].id).collect();
        let word = shaped("محمد").0;
        assert!(word[0].glyphs.iter().rev().map(|glyph| glyph.id).ne(alone), "joined forms differ");
        assert!(runs[0].glyphs.iter().any(|glyph| glyph.y.abs() > 0.5), "a vowel stands off the baseline");
        assert!(runs[0].actual.is_none(), "Arabic is read from its glyphs");
    }

    #[test]
    fn the_glyphs_of_a_run_tell_its_text() {
        for text in ["Zażółć", "Ґанок", "مُحَمَّدٌ بلا", "किताब"] {
            let run = &shaped(text).0[0];
            let mut parts: Vec<&str> = run.glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
            if run.face == Face::Arabic {
                parts.reverse();
            }
            assert_eq!(parts.concat(), text);
        }
    }

    #[test]
    fn reordered_devanagari_carries_its_text() {
        assert_eq!(shaped("सिर्जना").0[0].actual.as_deref(), Some("सिर्जना"));
    }

    #[test]
    fn what_no_font_has_is_a_box_and_is_named() {
        let (runs, missing) = shaped("王 Li");
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), ['王']);
        assert_eq!((runs[0].glyphs[0].id, runs[0].actual.as_deref()), (0, Some("王")));
        assert!(runs[0].width > 1.0 && runs[0].top > 1.0, "the box is seen");
    }

    #[test]
    fn joiners_and_marks_of_direction_need_no_font() {
        assert!(shaped("a\u{200F}\u{200D}\u{FE0F}b").1.is_empty());
    }
}
