//! What a document says, as plain data: no fonts, no measures, no page numbers.
//!
//! The builders of the real documents (referral, restricted sheet, Red Book insert) make one of
//! these; [`super::render`] turns it into a PDF, and an HTML twin can be made from the same value
//! (DOMAIN section 6: every document has one). Text may be in any mixture of scripts; the base
//! direction of each paragraph is taken from its first letter that has one.

use crate::domain::paper::PaperMark;
use crate::domain::time::Instant;

/// A document to print.
#[derive(Clone, Debug)]
pub struct Document {
    /// The kind of document, such as "Referral form". Becomes the window title and the only name
    /// in the file's properties: never a child's name, because properties are indexed and mailed.
    pub title: String,
    /// One more sentence for the file's properties; the same rule holds.
    pub subject: String,
    /// The language of the document's own words, as BCP 47: `en-GB`.
    pub lang: String,
    /// When the content was fixed. The PDF's dates come from here, so the same content gives the
    /// same bytes.
    pub made_at: Instant,
    /// Paper and how pages lie on it.
    pub page: Page,
    /// Printed at the top of each page; empty for none.
    pub header_line: String,
    /// Printed at the foot of each page beside "Page n of m".
    pub footer: Footer,
    /// A banner on every page, such as "RESTRICTED: do not file in the Red Book".
    pub mark: Option<String>,
    /// The content from top to bottom.
    pub blocks: Vec<Block>,
}

/// Paper sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A4 portrait.
    A4,
    /// A5 portrait to be punched into the Red Book: inner margin of 22 mm, left on odd pages and
    /// right on even ones (DOMAIN section 6 asks for at least 20 mm).
    A5Insert,
    /// The same A5 pages, two beside each other on A4 landscape, with a line to cut along.
    A5TwoUpOnA4,
    /// A4 portrait to be signed and scanned: at the foot of each page a square code that says which form,
    /// which words and which page it is.
    ToSign(PaperMark),
}

/// What the foot of each page says on its left: `reference · version`.
#[derive(Clone, Debug, Default)]
pub struct Footer {
    /// The referral's reference.
    pub reference: String,
    /// Which version of the content this is; empty for none.
    pub version: String,
}

impl Footer {
    /// The line as it is printed.
    pub fn text(&self) -> String {
        match (self.reference.is_empty(), self.version.is_empty()) {
            (false, false) => format!("{} · {}", self.reference, self.version),
            _ => format!("{}{}", self.reference, self.version),
        }
    }
}

/// One piece of content. A line break inside a text starts a new line with its own direction.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading; stays on the page of what follows it.
    Heading(Level, String),
    /// Running text.
    Paragraph(String),
    /// A line to be seen at once, as large as the title: a telephone number that is safe to ring.
    Large(String),
    /// Questions and answers, as a table of two columns with the questions as row headers.
    Fields(Vec<Field>),
    /// A list with bullets.
    Bullets(Vec<String>),
    /// A boxed text that must be noticed.
    Notice(Notice),
    /// Who signed, when and how, with the drawing where there is one.
    Signature(Signature),
    /// A table with a header row, which is repeated on each page.
    Table(Table),
    /// Boxes to be written into by hand.
    WriteIn(Vec<WriteIn>),
    /// Empty space, in points.
    Space(f32),
    /// Blocks that stay on one page if they fit on one.
    KeepTogether(Vec<Block>),
}

/// How deep a heading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The document's title; use it once.
    One,
    /// A section.
    Two,
    /// A part of a section.
    Three,
}

/// A question and its answer.
#[derive(Clone, Debug)]
pub struct Field {
    /// The question, printed bold.
    pub label: String,
    /// The answer; an empty one leaves an empty cell.
    pub value: String,
}

/// A boxed text.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Printed bold above the text, if there is one.
    pub heading: Option<String>,
    /// The text.
    pub text: String,
}

/// A signature as it was given.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Whose it is, for instance "Parent or carer".
    pub label: String,
    /// The name as the signer printed it.
    pub printed_name: String,
    /// When, in words.
    pub when: String,
    /// How, in words: drawn on the screen, typed, on paper.
    pub method: String,
    /// The drawing, if it was drawn.
    pub strokes: Option<Strokes>,
}

/// A drawn signature: each stroke a list of points, `x` from left to right and `y` from top to
/// bottom, both between 0 and 1. Points outside are moved to the edge, unreadable ones left out.
#[derive(Clone, Debug, Default)]
pub struct Strokes {
    /// The strokes in the order they were drawn.
    pub paths: Vec<Vec<(f32, f32)>>,
    /// Width of the drawing surface divided by its height; 3 if unknown.
    pub aspect: f32,
}

/// A box to be written into by hand, across the page.
#[derive(Clone, Debug)]
pub struct WriteIn {
    /// What belongs into it, printed above it.
    pub label: String,
    /// Its height, in points.
    pub height: f32,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Titles and shares of the width.
    pub columns: Vec<Column>,
    /// Rows of cells. Missing cells are empty; more cells than columns are an error.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its title in the header row.
    pub title: String,
    /// Its share of the width against the other columns, at least 1.
    pub share: u16,
}

impl Document {
    /// Every text the reader meets, furniture first, in reading order; page numbers left out.
    pub fn texts(&self) -> Vec<&str> {
        let mut all = vec![self.header_line.as_str()];
        all.extend(self.mark.as_deref());
        self.blocks.iter().for_each(|block| block.texts(&mut all));
        all.extend([self.footer.reference.as_str(), self.footer.version.as_str()]);
        all.retain(|text| !text.is_empty());
        all
    }
}

impl Block {
    fn texts<'b>(&'b self, all: &mut Vec<&'b str>) {
        match self {
            Block::Heading(_, text) | Block::Paragraph(text) | Block::Large(text) => all.push(text),
            Block::Fields(fields) => {
                all.extend(fields.iter().flat_map(|field| [field.label.as_str(), field.value.as_str()]));
            }
            Block::Bullets(items) => all.extend(items.iter().map(String::as_str)),
            Block::Notice(notice) => {
                all.extend(notice.heading.as_deref());
                all.push(&notice.text);
            }
            Block::Signature(it) => {
                all.extend([&it.label, &it.printed_name, &it.when, &it.method].map(String::as_str));
            }
            Block::Table(table) => {
                all.extend(table.columns.iter().map(|column| column.title.as_str()));
                all.extend(table.rows.iter().flatten().map(String::as_str));
            }
            Block::WriteIn(boxes) => all.extend(boxes.iter().map(|one| one.label.as_str())),
            Block::Space(_) => {}
            Block::KeepTogether(blocks) => blocks.iter().for_each(|block| block.texts(all)),
        }
    }

    /// A section's heading.
    pub fn section(text: impl Into<String>) -> Self {
        Block::Heading(Level::Two, text.into())
    }

    /// Questions and answers from pairs.
    pub fn fields<L: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (L, V)>) -> Self {
        let field = |(label, value): (L, V)| Field { label: label.into(), value: value.into() };
        Block::Fields(pairs.into_iter().map(field).collect())
    }
}
