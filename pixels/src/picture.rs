//! JPEG and PNG to pixels, and pixels to JPEG.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::{ColorType, DynamicImage, GrayImage, ImageDecoder, ImageError, Limits, Rgb, RgbImage, imageops};

use super::{Fault, LONGEST_SIDE, MOST_PIXELS};

/// Quality of what is kept: writing stays sharp, a page takes some hundred kilobytes.
const QUALITY: u8 = 82;
/// Most bytes of one decoded picture (150 MiB): the child has 256 MiB in all.
const MOST_BYTES: u64 = 150 * 1024 * 1024;
/// Longest side of a picture that is worked on: twice what is kept.
const WORKED_ON: u32 = 2 * LONGEST_SIDE;

/// A JPEG, turned as its EXIF says.
pub fn jpeg(bytes: &[u8]) -> Result<RgbImage, Fault> {
    decoded(JpegDecoder::new(Cursor::new(bytes)).map_err(fault)?)
}

/// A PNG on white, turned as its EXIF says.
pub fn png(bytes: &[u8]) -> Result<RgbImage, Fault> {
    decoded(PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(fault)?)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    limits
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::TooManyPixels,
        _ => Fault::Damaged,
    }
}

fn decoded(mut decoder: impl ImageDecoder) -> Result<RgbImage, Fault> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(Fault::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(Fault::Damaged);
    }
    decoder.set_limits(limits()).map_err(fault)?;
    let turn = decoder.orientation().map_err(fault)?;
    let clear = decoder.color_type().has_alpha();
    let decoded = DynamicImage::from_decoder(decoder).map_err(fault)?;
    // Made smaller before it is copied into other colours: a large photo is in memory once.
    let mut smaller = if width.max(height) > WORKED_ON { halved(&decoded) } else { decoded };
    if clear {
        smaller = on_white(&smaller);
    }
    smaller.apply_orientation(turn);
    Ok(match smaller.color() {
        ColorType::Rgb8 => smaller.into_rgb8(),
        _ => smaller.to_rgb8(),
    })
}

/// The same, the long side [`WORKED_ON`], each pixel the mean of those it stands for.
fn halved(picture: &DynamicImage) -> DynamicImage {
    picture.thumbnail(WORKED_ON, WORKED_ON)
}

/// What is clear becomes white, as on paper.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    let mut paper = RgbImage::from_pixel(picture.width(), picture.height(), Rgb([255; 3]));
    for (paper, ink) in paper.pixels_mut().zip(picture.to_rgba8().pixels()) {
        let [.., cover] = ink.0;
        for (paper, ink) in paper.0.iter_mut().zip(ink.0) {
            let mixed = u32::from(ink) * u32::from(cover) + u32::from(*paper) * u32::from(255 - cover);
            *paper = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
        }
    }
    DynamicImage::ImageRgb8(paper)
}

/// A JPEG of it, with nothing in it but the picture.
pub fn as_jpeg(picture: &RgbImage) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).map_err(fault)?;
    Ok(bytes)
}

/// A grey JPEG in a quality of 1 to 100.
pub fn grey_jpeg(picture: &GrayImage, quality: u8) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(fault)?;
    Ok(bytes)
}

/// The same picture, its long side at most `longest`.
pub fn within(picture: &RgbImage, longest: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    if width.max(height) <= longest {
        return picture.clone();
    }
    let scaled = |side: u32| {
        let exact = u64::from(side) * u64::from(longest) / u64::from(width.max(height));
        u32::try_from(exact).unwrap_or(longest).max(1)
    };
    imageops::thumbnail(picture, scaled(width), scaled(height))
}
