//! From a paragraph to lines of a given width.
//!
//! Lines break where UAX #14 allows, but not within a telephone or NHS number written in groups; a word wider than the column is broken between letters, so
//! nothing is ever cut off. Each line is put into visual order by the bidirectional algorithm
//! (UAX #9) and shaped on its own, so letters at a break take their right form. Heights come from
//! the ink itself: a tall vowelled line makes room for itself instead of running into the next.

use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, Level};

use super::clean;
use super::fonts::Weight;
use super::shape::{Piece, Run, Shaper, itemise};

/// Baseline to baseline, as a multiple of the size.
const LEADING: f32 = 1.4;
/// Room above and below the baseline that every line takes, as a multiple of the size.
const ASCENT: f32 = 1.0;
const DESCENT: f32 = 0.3;
/// Rounding in sums of advances, in points.
const SLACK: f32 = 0.05;

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Letters {
    /// Points.
    pub size: f32,
    /// Regular or bold.
    pub weight: Weight,
}

/// A line of text, ready to be placed.
#[derive(Clone, Debug)]
pub struct Line {
    /// From left to right.
    pub runs: Vec<Run>,
    /// Size of the letters in points.
    pub size: f32,
    /// Points.
    pub width: f32,
    /// From the line's top to its baseline, in points.
    pub baseline: f32,
    /// Points, ink and leading included.
    pub height: f32,
    /// The paragraph runs from right to left: the line belongs at the right edge.
    pub rtl: bool,
}

/// The lines of a text in a column of `width` points, at least one.
pub fn wrap(shaper: &mut Shaper, text: &str, letters: Letters, width: f32) -> Vec<Line> {
    let paragraphs = clean::paragraphs(text, &mut shaper.missing);
    paragraphs.iter().flat_map(|text| Paragraph::new(shaper, text, letters).lines(shaper, width)).collect()
}

struct Paragraph<'a> {
    text: &'a str,
    bidi: BidiInfo<'a>,
    pieces: Vec<Piece>,
    letters: Letters,
    /// Points from the start of the text to each byte.
    reach: Vec<f32>,
    /// Where a line may end.
    breaks: Vec<usize>,
    /// Where a word may be broken if it must.
    clusters: Vec<usize>,
}

impl<'a> Paragraph<'a> {
    fn new(shaper: &mut Shaper, text: &'a str, letters: Letters) -> Self {
        let bidi = BidiInfo::new(text, None);
        let pieces = itemise(text, &bidi.levels, letters.weight);
        let mut advances = vec![0.0; text.len() + 1];
        for piece in &pieces {
            shaper.measure(text, piece, letters.size, &mut advances);
        }
        let breaks = unicode_linebreak::linebreaks(text).map(|(at, _)| at);
        let breaks = breaks.filter(|at| !within_number(text, *at)).collect();
        let clusters = text.char_indices().filter(|(_, ch)| stands_alone(*ch)).map(|(at, _)| at);
        let clusters = clusters.filter(|at| advances[*at] > 0.0).chain([text.len()]).collect();
        let sum = |total: &mut f32, advance: f32| Some(std::mem::replace(total, *total + advance));
        let reach = advances.into_iter().scan(0.0, sum).collect();
        Self { text, bidi, pieces, letters, reach, breaks, clusters }
    }

    fn lines(&self, shaper: &mut Shaper, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut start = 0;
        loop {
            let (line, end) = self.line(shaper, start, width);
            lines.push(line);
            start = end;
            if start >= self.text.len() {
                return lines;
            }
        }
    }

    /// The longest line from `start` that fits, and where the next one starts.
    fn line(&self, shaper: &mut Shaper, start: usize, width: f32) -> (Line, usize) {
        let mut end = self.fitting_end(start, width);
        loop {
            let line = self.build(shaper, start, end);
            let shorter = self.shorter_end(start, end);
            if line.width <= width + SLACK || shorter.is_none() {
                return (line, end);
            }
            end = shorter.unwrap_or(end);
        }
    }

    /// The last allowed end within `width` by the measured advances; inside a word if it must be.
    fn fitting_end(&self, start: usize, width: f32) -> usize {
        let fits = |end: &usize| self.reach[self.trimmed(start, *end)] - self.reach[start] <= width + SLACK;
        let after = |ends: &'_ [usize]| ends.partition_point(|end| *end <= start);
        let ends = &self.breaks[after(&self.breaks)..];
        if let Some(end) = ends.iter().take_while(|end| fits(end)).last() {
            return *end;
        }
        let inner = &self.clusters[after(&self.clusters)..];
        inner.iter().take_while(|end| fits(end)).last().or(inner.first()).copied().unwrap_or(self.text.len())
    }

    /// The next smaller end, should shaping at the break have made the line wider.
    fn shorter_end(&self, start: usize, end: usize) -> Option<usize> {
        let before = |ends: &[usize]| ends.iter().rev().copied().find(|at| *at > start && *at < end);
        before(&self.breaks).or_else(|| before(&self.clusters))
    }

    fn trimmed(&self, start: usize, end: usize) -> usize {
        start + self.text[start..end].trim_end().len()
    }

    fn build(&self, shaper: &mut Shaper, start: usize, end: usize) -> Line {
        let end = self.trimmed(start, end);
        let rtl = self.bidi.paragraphs.first().is_some_and(|paragraph| paragraph.level.is_rtl());
        let size = self.letters.size;
        let (mut runs, mut width) = (Vec::new(), 0.0);
        for (range, piece) in self.visual(start..end) {
            let run = shaper.run(self.text, range, &piece, size, width);
            width += run.width;
            runs.push(run);
        }
        let top = runs.iter().fold(ASCENT * size, |top, run: &Run| top.max(run.top));
        let bottom = runs.iter().fold(DESCENT * size, |bottom, run| bottom.max(run.bottom));
        let height = (LEADING * size).max(top + bottom + 1.0);
        let baseline = (height - top - bottom) / 2.0 + top;
        Line { runs, size, width, baseline, height, rtl }
    }

    /// The pieces of a line from left to right.
    fn visual(&self, line: Range<usize>) -> Vec<(Range<usize>, Piece)> {
        let Some(paragraph) = self.bidi.paragraphs.first().filter(|_| !line.is_empty()) else {
            return vec![];
        };
        let (levels, runs) = self.bidi.visual_runs(paragraph, line);
        runs.into_iter().flat_map(|run| self.pieces_in(&run, levels[run.start])).collect()
    }

    fn pieces_in(&self, run: &Range<usize>, level: Level) -> Vec<(Range<usize>, Piece)> {
        let first = self.pieces.partition_point(|piece| piece.range.end <= run.start);
        let touched = self.pieces[first..].iter().take_while(|piece| piece.range.start < run.end);
        let cut = |piece: &Piece| {
            (piece.range.start.max(run.start)..piece.range.end.min(run.end), piece.at_level(level))
        };
        let mut parts: Vec<_> = touched.map(cut).collect();
        if level.is_rtl() {
            parts.reverse();
        }
        parts
    }
}

/// Most digits of a telephone number (ITU-T E.164): a longer row of groups is a list, which may be broken.
const MOST_DIGITS: usize = 15;

/// Whether a break would part the groups of one number, `0300 790 / 0156`: read from two lines, a
/// number is dialled wrong.
fn within_number(text: &str, at: usize) -> bool {
    let Some(before) = text[..at].strip_suffix(' ') else { return false };
    let (before, after) = (digits(before.rsplit(' ')), digits(text[at..].split(' ')));
    before > 0 && after > 0 && before + after <= MOST_DIGITS
}

/// The digits of the groups that words begin with.
fn digits<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    words.map_while(group).take(MOST_DIGITS).sum()
}

/// How many digits a group of a number has: 2 to 7, with a plus or brackets, or with the sentence's
/// own mark behind it. None for any other word.
fn group(word: &str) -> Option<usize> {
    let word = word.trim_start_matches(['+', '(']).trim_end_matches([')', ',', '.', ';', ':', '\n']);
    let all = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (all && (2..=7).contains(&word.len())).then_some(word.len())
}

/// Whether a line may start with the character when a word must be broken: not with a mark.
fn stands_alone(ch: char) -> bool {
    unicode_bidi::bidi_class(ch) != BidiClass::NSM && !clean::is_invisible(ch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: Letters = Letters { size: 11.0, weight: Weight::Regular };

    fn lines(text: &str, width: f32) -> Vec<Line> {
        wrap(&mut Shaper::new(), text, BODY, width)
    }

    fn words(line: &Line) -> String {
        let part = |run: &Run| run.glyphs.iter().map(|glyph| glyph.text.clone()).collect::<String>();
        line.runs.iter().map(part).collect()
    }

    #[test]
    fn wraps_at_spaces_within_the_width() {
        let lines = lines("The health visitor will ring within two working days of this referral.", 120.0);
        assert!(lines.len() >= 3);
        assert!(lines.iter().all(|line| line.width <= 120.1 && !words(line).ends_with(' ')));
        let joined = lines.iter().map(words).collect::<Vec<_>>().join(" ");
        assert_eq!(joined, "The health visitor will ring within two working days of this referral.");
    }

    #[test]
    fn a_word_wider_than_the_column_is_broken_not_cut() {
        let lines = lines(&"Llanfair".repeat(20), 60.0);
        assert!(lines.len() > 5 && lines.iter().all(|line| line.width <= 60.1));
        assert_eq!(lines.iter().map(words).collect::<String>(), "Llanfair".repeat(20));
    }

    #[test]
    fn a_telephone_number_stays_on_one_line() {
        for number in ["0300 790 0156", "01632 960300", "+44 1632 960300", "(01632) 960300", "999 000 0018"] {
            let text = format!("Swale health visiting duty line, {number} or {number}.");
            for width in 90..260 {
                for line in lines(&text, width as f32) {
                    let words = words(&line);
                    let part = number.split(' ').any(|group| words.contains(group));
                    assert!(!part || words.contains(number), "{words} at {width}");
                }
            }
        }
    }

    #[test]
    fn a_list_of_figures_may_be_broken() {
        let list = "12 24 36 48 60 12 24 36 48 60 12 24 36 48 60";
        let lines = lines(list, 60.0);
        let whole = |line: &Line| words(line).split(' ').all(|figure| figure.len() == 2);
        assert!(lines.len() > 3 && lines.iter().all(whole));
        assert!(!within_number("on 21 November", 6) && !within_number("Flat 2 45 Road", 7));
    }

    #[test]
    fn mixed_directions_are_put_in_visual_order() {
        let line = &lines("شقة 12 Maidstone Road", 500.0)[0];
        assert!(line.rtl);
        assert_eq!(words(line), "Maidstone Road 12 ةقش");
        let line = &lines("Anna محمد Nowak", 500.0)[0];
        assert!(!line.rtl);
        assert_eq!(words(line), "Anna دمحم Nowak");
    }

    #[test]
    fn an_override_does_not_turn_a_name_round() {
        assert_eq!(words(&lines("\u{202E}Kowalska", 500.0)[0]), "Kowalska");
    }

    #[test]
    fn vowelled_lines_make_room_for_their_ink() {
        for line in lines("مُحَمَّدٌ ٱلْعَرَبِيُّ\nसिर्जना", 500.0) {
            for run in &line.runs {
                assert!(run.top <= line.baseline && run.bottom <= line.height - line.baseline);
            }
        }
    }

    #[test]
    fn an_empty_text_is_one_empty_line() {
        let lines = lines("", 100.0);
        assert!(lines.len() == 1 && lines[0].runs.is_empty() && lines[0].height > 0.0);
    }
}
