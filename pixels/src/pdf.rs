//! PDF pages to pixels. Nothing in a PDF is run: the reader draws and has no scripts, no links, no net.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{Rgb, RgbImage};

use super::{Fault, LONGEST_SIDE, MOST_PAGES};

/// Draws each page and hands it on; one page is in memory at a time.
///
/// # Errors
/// What the file is not; the first page that cannot be drawn ends it.
pub fn each_page(bytes: &[u8], take: &mut dyn FnMut(&RgbImage) -> Result<(), Fault>) -> Result<(), Fault> {
    // The reader was written by others: what it trips over is a damaged file.
    let all = AssertUnwindSafe(|| {
        let pdf = Pdf::new(bytes.to_vec()).map_err(fault)?;
        match pdf.pages().len() {
            0 => Err(Fault::NoPages),
            1..=MOST_PAGES => pdf.pages().iter().try_for_each(|page| take(&drawn(page)?)),
            _ => Err(Fault::TooManyPages),
        }
    });
    catch_unwind(all).unwrap_or(Err(Fault::Damaged))
}

fn fault(error: LoadPdfError) -> Fault {
    match error {
        LoadPdfError::Decryption(_) => Fault::Locked,
        LoadPdfError::Invalid => Fault::Damaged,
    }
}

/// One page on white, its long side [`LONGEST_SIDE`].
fn drawn(page: &Page<'_>) -> Result<RgbImage, Fault> {
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !(1.0..=20_000.0).contains(&longest) || width.min(height) < 1.0 {
        return Err(Fault::Damaged);
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
