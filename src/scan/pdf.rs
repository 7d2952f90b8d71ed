//! PDF pages to pixels. Nothing in a PDF is run: the reader draws and has no scripts, no links, no net.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{Rgb, RgbImage};

use super::{LONGEST_SIDE, MOST_PAGES, ScanError, ScannedPage};

/// Draws each page and hands it on; one page is in memory at a time.
pub fn each_page(
    bytes: &[u8],
    page: impl Fn(&RgbImage) -> Result<ScannedPage, ScanError>,
) -> Result<Vec<ScannedPage>, ScanError> {
    // The reader was written by others: what it trips over is a damaged file.
    let all = AssertUnwindSafe(|| {
        let pdf = Pdf::new(bytes.to_vec()).map_err(fault)?;
        match pdf.pages().len() {
            0 => Err(ScanError::NoPages),
            1..=MOST_PAGES => pdf.pages().iter().map(|one| page(&drawn(one)?)).collect(),
            _ => Err(ScanError::TooManyPages),
        }
    });
    catch_unwind(all).unwrap_or(Err(ScanError::Damaged))
}

fn fault(error: LoadPdfError) -> ScanError {
    match error {
        LoadPdfError::Decryption(_) => ScanError::Locked,
        LoadPdfError::Invalid => ScanError::Damaged,
    }
}

/// One page on white, its long side [`LONGEST_SIDE`].
fn drawn(page: &Page<'_>) -> Result<RgbImage, ScanError> {
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !(1.0..=20_000.0).contains(&longest) || width.min(height) < 1.0 {
        return Err(ScanError::Damaged);
    }
    let scale = LONGEST_SIDE as f32 / longest;
    let size = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let drawn = render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &size);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let mut picture = RgbImage::new(width.max(1), height.max(1));
    // On an opaque ground every pixel is opaque, so that nothing has to be divided by its cover.
    for (to, from) in picture.pixels_mut().zip(drawn.data()) {
        *to = Rgb([from.r, from.g, from.b]);
    }
    Ok(picture)
}
