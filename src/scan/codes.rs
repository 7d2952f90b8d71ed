//! Square codes in a picture: ours, or none. Tried in several sizes, because a code is found best when
//! its squares are a few pixels wide: noise is gone by then, and edges are still there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{GrayImage, RgbImage, imageops};

use super::picture;
use crate::domain::paper::PaperCode;

/// Where in the picture a code is, in pixels, and what it says.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it says.
    pub code: PaperCode,
    /// Its corners: top left, top right, bottom right, bottom left of the code as it was printed.
    pub corners: [(f32, f32); 4],
}

/// Long sides, in pixels, in which a picture is looked at.
const SIZES: [u32; 4] = [1_600, 2_200, 1_100, 3_200];

/// The first of our codes in the picture.
pub fn find(picture: &RgbImage) -> Option<Found> {
    let longest = picture.width().max(picture.height());
    let mut tried = Vec::new();
    for size in SIZES {
        let small = picture::within(picture, size);
        if tried.contains(&small.dimensions()) {
            continue;
        }
        tried.push(small.dimensions());
        let grey = imageops::grayscale(&small);
        let scale = longest as f32 / small.width().max(small.height()) as f32;
        let found = ours(&grey).or_else(|| ours(&imageops::fast_blur(&grey, 1.0)));
        if let Some(found) = found {
            let corners = found.corners.map(|(x, y)| (x * scale, y * scale));
            return Some(Found { corners, ..found });
        }
    }
    None
}

fn ours(grey: &GrayImage) -> Option<Found> {
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    // The finder was written by others and reckons without looking: a stumble is a code not found.
    let search = AssertUnwindSafe(|| {
        let pixel = |x: usize, y: usize| grey.as_raw()[y * width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
        prepared.detect_grids().iter().find_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            let corners = grid.bounds.map(|point| (point.x as f32, point.y as f32));
            Some(Found { code: PaperCode::parse(&text)?, corners })
        })
    });
    catch_unwind(search).unwrap_or(None)
}
