//! A QR code as an `svg` element for a page.

use qrcode::QrCode;
use qrcode::render::svg;

use super::error::PageError;

/// The square of a text, without the line that only a file needs. Made here from the text, and so safe to
/// write into a page as it is.
///
/// # Errors
/// When the text is too long for a square.
pub fn square(text: &str) -> Result<String, PageError> {
    let failed = |error: qrcode::types::QrError| PageError::Internal(format!("the square: {error}"));
    let drawn = QrCode::new(text).map_err(failed)?.render::<svg::Color>().min_dimensions(200, 200).build();
    let at = drawn.find("<svg").unwrap_or(0);
    Ok(drawn[at..].to_owned())
}
