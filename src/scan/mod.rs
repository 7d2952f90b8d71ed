//! A photograph or a scan of a signed form becomes pictures of pages that are safe to keep and to show:
//! bytes in, pictures out, nothing else. Pure but for [`child`], the parent's end of the pipe.
//!
//! ```text
//!  serve ──(bytes)──> dutyline decode: sniff ─> decode ─> square codes ─> upright, cropped, smaller ─> JPEG
//!        <─(frame)──   a child without keys, database or files; 256 MiB, seconds, then gone
//! ```
//!
//! Files come from phones, scanners and strangers, and decoders are where such files do their harm. So
//! they are never decoded in the process that holds keys (issue 4, "What bad input gets"), and what
//! comes out is drawn afresh: EXIF, GPS, scripts and every foreign byte stay behind. A PDF's scripts are
//! never run, because nothing here can. A crash here loses an upload and nothing else: it is sent again.

pub mod child;
pub mod frame;

mod kind;

use pixels::image::RgbImage;
use pixels::upright::Sheet;
use pixels::{Fault, codes, pdf, picture, upright};

use crate::domain::paper::{CODE_LEFT, CODE_SIDE, CODE_TOP, PaperCode, SHEET};

pub use child::Decoder;
pub use pixels::{LONGEST_SIDE, MOST_PAGES, MOST_PIXELS};

/// Largest file, bytes (10 MiB).
pub const LARGEST: usize = 10 * 1024 * 1024;
/// One page as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedPage {
    /// What its square code says; `None` when none of ours was read.
    pub code: Option<PaperCode>,
    /// The picture: a JPEG that was made here, the long side at most [`LONGEST_SIDE`].
    pub jpeg: Vec<u8>,
}

/// Why a file is not taken: a sentence for a tired person, and a stable code for the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// No bytes.
    #[error("Choose a file: this one is empty.")]
    Empty,
    /// Over [`LARGEST`].
    #[error("The file must be 10 MB or smaller. Send one page at a time, or choose a smaller picture size.")]
    TooLarge,
    /// An iPhone's own kind of photo.
    #[error(
        "This is a HEIC photo, which cannot be read here. Take the photo as JPEG: on an iPhone choose Settings, Camera, Formats, \"Most Compatible\". Or scan the form to a PDF."
    )]
    Heic,
    /// Neither JPEG nor PNG nor PDF.
    #[error("The file must be a photo (JPEG or PNG) or a PDF.")]
    Kind,
    /// It asks for a password.
    #[error("This PDF is locked with a password. Save it without one, or take a photo of the page.")]
    Locked,
    /// Over [`MOST_PAGES`].
    #[error("This PDF has more than 20 pages. Send only the pages of the signed form.")]
    TooManyPages,
    /// Over [`MOST_PIXELS`].
    #[error("This picture is too large to be read. Choose a smaller picture size, or take the photo again.")]
    TooManyPixels,
    /// It ends too early, or its inside is not what its beginning says.
    #[error("This file is damaged or incomplete. Send it again, or take a new photo.")]
    Damaged,
    /// A PDF without a page.
    #[error("There is no page in this PDF. Scan the form again.")]
    NoPages,
    /// The child ended without an answer: too much memory, or a crash.
    #[error("This file could not be read. Try a photo of the page, taken as JPEG.")]
    Unreadable,
    /// The child took too long.
    #[error("This file took too long to read. Try a photo of the page, taken as JPEG.")]
    TooSlow,
    /// Others' files are being read.
    #[error("Other files are being read just now. Wait a minute, then send it again.")]
    Busy,
}

impl ScanError {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::TooLarge,
        Self::Heic,
        Self::Kind,
        Self::Locked,
        Self::TooManyPages,
        Self::TooManyPixels,
        Self::Damaged,
        Self::NoPages,
        Self::Unreadable,
        Self::TooSlow,
        Self::Busy,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "scan-empty",
            Self::TooLarge => "scan-too-large",
            Self::Heic => "scan-heic",
            Self::Kind => "scan-kind",
            Self::Locked => "scan-locked",
            Self::TooManyPages => "scan-pages",
            Self::TooManyPixels => "scan-pixels",
            Self::Damaged => "scan-damaged",
            Self::NoPages => "scan-no-pages",
            Self::Unreadable => "scan-unreadable",
            Self::TooSlow => "scan-slow",
            Self::Busy => "scan-busy",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.code() == code)
    }
}

impl From<Fault> for ScanError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Locked => Self::Locked,
            Fault::TooManyPages => Self::TooManyPages,
            Fault::TooManyPixels => Self::TooManyPixels,
            Fault::Damaged => Self::Damaged,
            Fault::NoPages => Self::NoPages,
        }
    }
}

/// Where our code is on our sheet.
const OURS: Sheet = Sheet { size: SHEET, code: (CODE_LEFT, CODE_TOP), side: CODE_SIDE };

/// Reads a file: its pages in order, upright where their code tells which way that is.
///
/// # Errors
/// What the file is not; see [`ScanError`]. A page without a readable code is none: it is kept as it is.
pub fn read(bytes: &[u8]) -> Result<Vec<ScannedPage>, ScanError> {
    let mut pages = Vec::new();
    let mut take = |picture: &RgbImage| page(picture).map(|page| pages.push(page));
    match kind::of(bytes)? {
        kind::Kind::Jpeg => take(&picture::jpeg(bytes)?)?,
        kind::Kind::Png => take(&picture::png(bytes)?)?,
        kind::Kind::Pdf => pdf::each_page(bytes, &mut take)?,
    }
    Ok(pages)
}

/// One decoded picture as a page.
fn page(picture: &RgbImage) -> Result<ScannedPage, Fault> {
    let found = codes::find(picture, &|text| PaperCode::parse(text).is_some());
    let kept = match &found {
        Some(found) => upright::turned(picture, found, OURS),
        None => upright::smaller(picture),
    };
    let code = found.and_then(|found| PaperCode::parse(&found.text));
    Ok(ScannedPage { code, jpeg: picture::as_jpeg(&kept)? })
}

#[cfg(test)]
mod tests;
