//! Items as page operations, each wrapped in the mark that ties it to the structure.

use printpdf::{
    Codepoint, Color, DictItem, FontId, Greyscale, Line as Path, LineCapStyle, LineJoinStyle, LinePoint, Op,
    PaintMode, PdfFontHandle, Point, Pt, Rect, TextItem, TextMatrix,
};

use unicode_bidi::BidiClass;

use super::embed::{Embedded, Fonts, resource};
use crate::documents::layout::sheet::Sheet;
use crate::documents::layout::tree::{NodeId, Tree};
use crate::documents::layout::{Item, Mark, PageLayout};
use crate::documents::shape::Run;
use crate::documents::square::Squares;
use crate::documents::wrap::Line;

/// Width of a signature's line, in points.
const INK: f32 = 1.4;
/// What each row of a square code reaches into the next, in points.
const SEAM: f32 = 0.05;
/// Grey of the line to cut along.
const CUT_GREY: f32 = 0.6;

/// A piece of a page that belongs to a node: the sheet, and the mark's number on it.
#[derive(Clone, Copy, Debug)]
pub struct Marked {
    /// What it belongs to.
    pub node: NodeId,
    /// Sheets counted from 0.
    pub sheet: usize,
    /// Counted from 0 on each sheet.
    pub mcid: usize,
}

/// Draws sheet after sheet.
pub struct Pen<'a> {
    fonts: &'a mut Fonts,
    tree: &'a Tree,
    marks: Vec<Marked>,
    ops: Vec<Op>,
    sheets: usize,
    mcid: usize,
    /// What is added to an item's place: right, and the height from which `y` counts down.
    origin: (f32, f32),
}

impl<'a> Pen<'a> {
    /// A pen that collects the fonts it uses.
    pub fn new(fonts: &'a mut Fonts, tree: &'a Tree) -> Self {
        Self { fonts, tree, marks: vec![], ops: vec![], sheets: 0, mcid: 0, origin: (0.0, 0.0) }
    }

    /// Everything that belongs to the structure.
    pub fn finish(self) -> Vec<Marked> {
        self.marks
    }

    /// One side of paper with the pages that lie on it.
    pub fn sheet(&mut self, sheet: &Sheet, pages: &[PageLayout]) -> Vec<Op> {
        self.mcid = 0;
        for (slot, page) in pages.iter().enumerate() {
            self.origin = (sheet.shift(slot), sheet.paper.1);
            page.items.iter().for_each(|item| self.item(item));
        }
        if sheet.pages_across > 1 {
            self.cut_line(sheet);
        }
        self.sheets += 1;
        std::mem::take(&mut self.ops)
    }

    fn item(&mut self, item: &Item) {
        self.begin(item.node, matches!(item.mark, Mark::Text(_)));
        let (x, y) = (item.x + self.origin.0, self.origin.1 - item.y);
        match &item.mark {
            Mark::Text(line) => {
                let signs = self.text(line, x, y);
                self.ops.push(Op::EndMarkedContent);
                return self.signs(signs, line.size);
            }
            Mark::Bar { width, height, grey } => self.bar((x, y - height), (*width, *height), *grey),
            Mark::Ink(paths) => self.ink(paths, x, y),
            Mark::Squares { side, squares } => self.squares(squares, (x, y), *side),
        }
        self.ops.push(Op::EndMarkedContent);
    }

    fn begin(&mut self, node: Option<NodeId>, text: bool) {
        let Some(node) = node else {
            let kind = if text { "Pagination" } else { "Layout" };
            return self.mark("Artifact", [("Type", DictItem::Name(kind.as_bytes().to_vec()))]);
        };
        self.marks.push(Marked { node, sheet: self.sheets, mcid: self.mcid });
        let tag = self.tree.nodes()[node.0].tag.name();
        self.mark(tag, [("MCID", DictItem::Int(self.mcid as i64))]);
        self.mcid += 1;
    }

    fn mark<const N: usize>(&mut self, tag: &str, properties: [(&str, DictItem); N]) {
        let map = properties.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let properties = DictItem::Dict { map };
        self.ops.push(Op::BeginMarkedContentWithProperties { tag: tag.to_owned(), properties });
    }

    /// Draws a line, and gives the vowel signs that are to be drawn over it.
    fn text(&mut self, line: &Line, x: f32, y: f32) -> Vec<Row> {
        let mut over = Vec::new();
        self.ops.extend([Op::StartTextSection, fill(0.0)]);
        for run in &line.runs {
            if let Some(text) = &run.actual {
                self.mark("Span", [("ActualText", DictItem::Bytes(utf16(text)))]);
            }
            for row in self.rows(run, line.size, x, y) {
                if row.sign { over.push(row) } else { self.show(row, line.size) }
            }
            if run.actual.is_some() {
                self.ops.push(Op::EndMarkedContent);
            }
        }
        self.ops.push(Op::EndTextSection);
        over
    }

    /// Vowel signs of a text from right to left come after their line and outside its structure:
    /// a sign is drawn before its letter and often on a height of its own, and readers of the page
    /// would tear the name apart there. So such names are searched, copied and read aloud by their
    /// letters alone, which is also how they are mostly typed.
    fn signs(&mut self, rows: Vec<Row>, size: f32) {
        if rows.is_empty() {
            return;
        }
        self.mark("Artifact", [("Type", DictItem::Name(b"Layout".to_vec()))]);
        self.mark("Span", [("ActualText", DictItem::Bytes(utf16("")))]);
        self.ops.extend([Op::StartTextSection, fill(0.0)]);
        rows.into_iter().for_each(|row| self.show(row, size));
        self.ops.extend([Op::EndTextSection, Op::EndMarkedContent, Op::EndMarkedContent]);
    }

    /// Glyphs of the same font and height in one go; a lifted one gets a place of its own, because
    /// a row of glyphs in a PDF knows no height.
    fn rows(&mut self, run: &Run, size: f32, x: f32, y: f32) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut signs: Vec<Row> = Vec::new();
        for glyph in &run.glyphs {
            let meaning = run.actual.is_none().then_some(glyph.text.as_str());
            let (font, id) = self.fonts.find(run.face, glyph.id, meaning);
            let at = (x + glyph.x, y + glyph.y);
            let sign = run.rtl && is_sign(&glyph.text);
            let rows = if sign { &mut signs } else { &mut rows };
            if rows.last().is_none_or(|row| row.font != font || row.start.1 != at.1) {
                rows.push(Row { font, start: at, items: vec![], pen: 0.0, sign });
            }
            if let Some(row) = rows.last_mut() {
                row.push(at.0, size, (id, run.face.width(glyph.id)), &glyph.text);
            }
        }
        rows.append(&mut signs);
        rows
    }

    fn show(&mut self, row: Row, size: f32) {
        let font = PdfFontHandle::External(FontId(resource(row.font)));
        self.ops.push(Op::SetFont { font, size: Pt(size) });
        self.ops.push(Op::SetTextMatrix { matrix: TextMatrix::Translate(Pt(row.start.0), Pt(row.start.1)) });
        self.ops.push(Op::ShowText { items: row.items });
    }

    fn bar(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), grey: f32) {
        self.ops.push(fill(grey));
        let rectangle = Rect {
            x: Pt(x),
            y: Pt(y),
            width: Pt(width),
            height: Pt(height),
            mode: Some(PaintMode::Fill),
            winding_order: None,
        };
        self.ops.push(Op::DrawRectangle { rectangle });
    }

    /// A square code. Rows overlap by a hair: where two only touch, readers that smooth edges show a line.
    fn squares(&mut self, squares: &Squares, (x, y): (f32, f32), side: f32) {
        let one = side / f32::from(squares.across.max(1));
        for (row, from, count) in &squares.runs {
            let (right, down) = (f32::from(*from) * one, f32::from(*row) * one);
            let (width, height) = (f32::from(*count) * one, one + SEAM);
            self.bar((x + right, y - down - height), (width, height), 0.0);
        }
    }

    fn ink(&mut self, paths: &[Vec<(f32, f32)>], x: f32, y: f32) {
        self.ops.extend([
            Op::SaveGraphicsState,
            Op::SetOutlineColor { col: grey(0.0) },
            Op::SetOutlineThickness { pt: Pt(INK) },
            Op::SetLineCapStyle { cap: LineCapStyle::Round },
            Op::SetLineJoinStyle { join: LineJoinStyle::Round },
        ]);
        for path in paths {
            // A dot is a line of no length; with round ends it shows.
            let ends = path.iter().chain(path.last().filter(|_| path.len() == 1));
            let point = |(dx, dy): &(f32, f32)| LinePoint {
                p: Point { x: Pt(x + dx), y: Pt(y - dy) },
                bezier: false,
            };
            self.ops
                .push(Op::DrawLine { line: Path { points: ends.map(point).collect(), is_closed: false } });
        }
        self.ops.push(Op::RestoreGraphicsState);
    }

    fn cut_line(&mut self, sheet: &Sheet) {
        self.mark("Artifact", [("Type", DictItem::Name(b"Layout".to_vec()))]);
        let (x, dash) = (sheet.paper.0 / 2.0 - 0.25, 6.0);
        let count = (sheet.paper.1 / (2.0 * dash)) as usize;
        for step in 0..=count {
            self.bar((x, step as f32 * 2.0 * dash), (0.5, dash), CUT_GREY);
        }
        self.ops.push(Op::EndMarkedContent);
    }
}

/// Glyphs of one embedded font on one height.
struct Row {
    font: Embedded,
    start: (f32, f32),
    items: Vec<TextItem>,
    /// Vowel signs, see [`Pen::signs`].
    sign: bool,
    /// Where the reader's pen stands, in thousandths of an em from the start.
    pen: f32,
}

impl Row {
    /// Adds a glyph at `x`, moving the pen there if its own advance did not bring it there.
    fn push(&mut self, x: f32, size: f32, (id, width): (u16, f32), text: &str) {
        let want = (x - self.start.0) * 1000.0 / size;
        let back = (self.pen - want).round();
        if back != 0.0 {
            self.items.push(TextItem::Offset(back));
        }
        self.pen += width - back;
        self.items.push(TextItem::GlyphIds(vec![Codepoint {
            gid: id,
            offset: 0.0,
            cid: Some(text.to_owned()),
        }]));
    }
}

fn is_sign(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|ch| unicode_bidi::bidi_class(ch) == BidiClass::NSM)
}

fn grey(level: f32) -> Color {
    Color::Greyscale(Greyscale::new(level, None))
}

fn fill(level: f32) -> Op {
    Op::SetFillColor { col: grey(level) }
}

/// A PDF text string: UTF-16 with its mark in front.
pub fn utf16(text: &str) -> Vec<u8> {
    let mark = [0xFE, 0xFF].into_iter();
    mark.chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pen_follows_the_places_that_were_laid_out() {
        let mut row = Row {
            font: (crate::documents::fonts::Face::Sans, 0),
            start: (50.0, 0.0),
            items: vec![],
            sign: false,
            pen: 0.0,
        };
        row.push(50.0, 10.0, (1, 600.0), "a");
        row.push(56.0, 10.0, (2, 500.0), "b");
        row.push(60.0, 10.0, (3, 500.0), "c");
        let moves: Vec<f32> = row
            .items
            .iter()
            .filter_map(|item| if let TextItem::Offset(by) = item { Some(*by) } else { None })
            .collect();
        assert_eq!(moves, [100.0], "b is 0.6 em after a as its width says; c is pulled back a tenth");
    }

    #[test]
    fn text_strings_are_utf16_with_a_mark() {
        assert_eq!(utf16("Aй"), [0xFE, 0xFF, 0, 0x41, 0x04, 0x39]);
    }
}
