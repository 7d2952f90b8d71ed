//! From a layout to the bytes of a PDF. The only room that uses printpdf and lopdf.
//!
//! printpdf writes pages and fonts; what makes the file readable aloud (structure tree, language,
//! title, PDF/UA mark) is added to its objects afterwards. We do not claim PDF/A. The same layout
//! gives the same bytes: dates come from the content and the file's id from its bytes.

mod draw;
mod embed;
mod tags;

use printpdf::{
    CustomPdfConformance, FontId, Mm, PdfConformance, PdfDocument, PdfFont, PdfPage, PdfSaveOptions, Pt,
};

use super::content::Document;
use super::layout::Layout;
use draw::Pen;
use embed::Fonts;

/// Why a PDF could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A font could not be cut down to the letters used.
    #[error("font {font} could not be cut down: {cause}")]
    Subset {
        /// The font's name.
        font: &'static str,
        /// What the subsetter said.
        cause: String,
    },
    /// printpdf complained about what it was given.
    #[error("the page writer complained: {0}")]
    Writer(String),
    /// The finished objects could not be put in order or written.
    #[error("the file could not be put together: {0}")]
    Assemble(String),
}

/// Writes a layout as PDF.
pub fn write(document: &Document, layout: &Layout) -> Result<Vec<u8>, PdfError> {
    let mut fonts = Fonts::default();
    let mut pen = Pen::new(&mut fonts, &layout.tree);
    let mut sheets = Vec::new();
    for pages in layout.pages.chunks(layout.sheet.pages_across) {
        sheets.push(pen.sheet(&layout.sheet, pages));
    }
    let marks = pen.finish();
    let mut pdf = PdfDocument::new(&document.title);
    pdf.metadata.info.conformance = PdfConformance::Custom(CustomPdfConformance {
        requires_xmp_metadata: false,
        requires_icc_profile: false,
        ..CustomPdfConformance::default()
    });
    for (name, font) in fonts.finish()? {
        pdf.resources.fonts.map.insert(FontId(name), PdfFont::new(font));
    }
    let (width, height) = layout.sheet.paper;
    let page = |ops| PdfPage::new(Mm::from(Pt(width)), Mm::from(Pt(height)), ops);
    pdf.pages = sheets.into_iter().map(page).collect();
    let mut warnings = Vec::new();
    let file = pdf.to_lopdf_document(&PdfSaveOptions::default(), &mut warnings);
    match warnings.first() {
        Some(warning) => Err(PdfError::Writer(format!("{warning:?}"))),
        None => tags::finish(file, document, &layout.tree, &marks),
    }
}
