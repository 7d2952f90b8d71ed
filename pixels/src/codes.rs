//! Square codes in a picture: those that are wanted, or none. Tried in several sizes, because a code is
//! found best when its squares are some pixels wide: noise is gone by then, and edges are still there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{GrayImage, RgbImage, imageops};

use super::picture;

/// Where in the picture a code is, in pixels, and what it says.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it says.
    pub text: String,
    /// Its corners: top left, top right, bottom right, bottom left of the code as it was printed.
    pub corners: [(f32, f32); 4],
}

/// Long sides, in pixels, in which a picture is looked at: a smaller one is made larger, to twice at most.
const SIZES: [u32; 4] = [1_600, 2_200, 1_100, 3_200];

/// The first code in the picture whose text is wanted.
pub fn find(picture: &RgbImage, wanted: &dyn Fn(&str) -> bool) -> Option<Found> {
    let longest = picture.width().max(picture.height());
    for size in SIZES.into_iter().filter(|size| *size <= 2 * longest) {
        let small = sized(picture, size);
        let scale = longest as f32 / small.width().max(small.height()) as f32;
        let found = search(&small, wanted).or_else(|| search(&imageops::fast_blur(&small, 1.0), wanted));
        if let Some(found) = found {
            let corners = found.corners.map(|(x, y)| (x * scale, y * scale));
            return Some(Found { corners, ..found });
        }
    }
    None
}

/// The picture in grey, its long side so many pixels.
fn sized(picture: &RgbImage, size: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest >= size {
        return imageops::grayscale(&picture::within(picture, size));
    }
    let side = |side: u32| (side * size / longest).max(1);
    let grey = imageops::grayscale(picture);
    imageops::resize(&grey, side(width), side(height), imageops::FilterType::CatmullRom)
}

fn search(grey: &GrayImage, wanted: &dyn Fn(&str) -> bool) -> Option<Found> {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    // The finder was written by others and reckons without looking: a stumble is a code not found.
    let search = AssertUnwindSafe(|| {
        let pixel = |x: usize, y: usize| grey.as_raw()[y * width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
        prepared.detect_grids().iter().find_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            let corners = grid.bounds.map(|point| (point.x as f32, point.y as f32));
            wanted(&text).then_some(Found { text, corners })
        })
    });
    catch_unwind(search).unwrap_or(None)
}
