//! What is printed: content as data in, PDF bytes out.
//!
//! ```text
//!   facts + answers ──> referral · restricted_sheet · insert ──> content ──> html (the twin on screen)
//!                                                                   │
//!   content ──> layout (clean · shape · wrap · flow · paginate) ──> pdf
//! ```
//!
//! Pure: no files, no clock, no chance. The same content gives the same bytes, so a printed
//! document can be compared with what is sealed. Fonts are compiled in and only the letters used
//! are put into the file, so a name in any of the scripts on board looks the same everywhere; a
//! letter that no font has is printed as an empty box and named in [`Rendered::missing`].
//!
//! The paper is black on white, nothing smaller than 10 points, the insert's punched margin at
//! least 20 mm (DOMAIN section 6), and every file is tagged so that it can be read aloud. A crash
//! here loses nothing: documents are made on demand from sealed content and never stored.

pub mod content;
pub mod facts;
pub mod html;
pub mod insert;
pub mod paper;
pub mod referral;
pub mod restricted_sheet;
pub mod sample;

mod answers;
mod clean;
mod evidence;
mod evidence_sheet;
mod fonts;
mod layout;
mod pdf;
mod shape;
mod square;
mod wrap;

pub use answers::{NOT_ANSWERED, applies};
pub use content::{
    Block, Column, Document, Field, Footer, Level, Notice, Page, Signature, Strokes, Table, WriteIn,
};
pub use evidence_sheet::{Content, EvidencePrint, evidence_sheet};
pub use facts::{Attached, DutyLine, Facts, Printed, ReferralPrint};
pub use html::{html, html_below};
pub use insert::red_book_insert;
pub use layout::LayoutError;
pub use paper::{PaperForm, paper_form};
pub use pdf::PdfError;
pub use referral::{WITHOUT_AGREEMENT, referral, senders_copy};
pub use restricted_sheet::restricted_sheet;

/// A finished document.
#[derive(Debug)]
pub struct Rendered {
    /// The file.
    pub pdf: Vec<u8>,
    /// Numbered pages; two-up prints two of them on each side of paper.
    pub pages: usize,
    /// Letters that no font on board has, printed as empty boxes, and accents beyond what a letter
    /// can carry; sorted, each once. The document then ends with a sentence that says so.
    pub missing: Vec<char>,
}

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The content cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The file could not be written.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// Prints a document. A few milliseconds for two pages.
///
/// # Errors
///
/// A table with a row longer than its header, a header or banner that fills the page, or a fault
/// in the fonts on board.
pub fn render(document: &Document) -> Result<Rendered, RenderError> {
    let mut layout = layout::lay_out(document)?;
    let warned;
    let mut document = document;
    if !layout.missing.is_empty() {
        warned = with_warning(document);
        document = &warned;
        layout = layout::lay_out(document)?;
    }
    let pdf = pdf::write(document, &layout)?;
    Ok(Rendered { pdf, pages: layout.pages.len(), missing: layout.missing })
}

/// How many numbered pages a document has; cheaper than printing it.
///
/// # Errors
///
/// As [`render`], but for the fonts.
pub fn pages(document: &Document) -> Result<usize, RenderError> {
    let layout = layout::lay_out(document)?;
    match layout.missing.is_empty() {
        true => Ok(layout.pages.len()),
        false => Ok(layout::lay_out(&with_warning(document))?.pages.len()),
    }
}

/// The document with a sentence at its end: a name that prints as boxes must not pass for a name.
fn with_warning(document: &Document) -> Document {
    let mut warned = document.clone();
    warned.blocks.push(Block::Notice(Notice {
        heading: None,
        text: "Some letters could not be printed and stand here as empty boxes. Read them on the screen."
            .to_owned(),
    }));
    warned
}

#[cfg(test)]
mod builder_tests;
#[cfg(test)]
mod tests;
