//! A page turned the right way up by its code, and cropped to the sheet with room to spare.
//!
//! The code lies in a known place of a sheet of known size ([`Sheet`]), so its corners tell where the
//! sheet is. A photo taken at a slant makes the far end
//! smaller than reckoned, so the crop leaves [`SPARE`] all round: it takes the table away and never a
//! signature.

use image::{Rgb, RgbImage};

use super::codes::Found;
use super::{LONGEST_SIDE, picture};

/// A printed sheet, in millimetres from its top left corner.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    /// Width and height.
    pub size: (f32, f32),
    /// Where the code's top left corner is.
    pub code: (f32, f32),
    /// A side of the code.
    pub side: f32,
}

/// Kept beyond the reckoned edges of the sheet: a share of its height.
const SPARE: f32 = 0.18;

/// A picture without a readable code: smaller, if it is large, and otherwise as it came.
pub fn smaller(picture: &RgbImage) -> RgbImage {
    picture::within(picture, LONGEST_SIDE)
}

/// The sheet upright, from a picture in which its code was found.
pub fn turned(picture: &RgbImage, found: &Found, sheet: Sheet) -> RgbImage {
    let Some(way) = Way::of(found, sheet) else { return smaller(picture) };
    let area = way.area(picture);
    let [width, height] = [area.right - area.left, area.bottom - area.top];
    if !(100.0..=40_000.0).contains(&(width.min(height) / way.millimetres)) {
        return smaller(picture);
    }
    // Millimetres of paper for each pixel of the result.
    let step = way.millimetres.max(width.max(height) / LONGEST_SIDE as f32);
    let pixels = |length: f32| ((length / step) as u32).clamp(1, LONGEST_SIDE);
    RgbImage::from_fn(pixels(width), pixels(height), |x, y| {
        let at = (area.left + (x as f32 + 0.5) * step, area.top + (y as f32 + 0.5) * step);
        sample(picture, way.to_picture(at), step / way.millimetres)
    })
}

/// How millimetres on the sheet become pixels of the picture: turned, scaled, moved.
struct Way {
    /// The picture's place of the code's middle.
    middle: (f32, f32),
    /// One millimetre to the right on the sheet, in pixels.
    right: (f32, f32),
    /// Millimetres in a pixel.
    millimetres: f32,
    /// The code's middle on the sheet.
    on_sheet: (f32, f32),
    /// The sheet's width and height.
    size: (f32, f32),
}

/// A rectangle on the sheet, in millimetres.
struct Area {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Way {
    fn of(found: &Found, sheet: Sheet) -> Option<Self> {
        let [a, b, c, d] = found.corners;
        let mean = |axis: fn((f32, f32)) -> f32| [a, b, c, d].map(axis).iter().sum::<f32>() / 4.0;
        // Both horizontal edges, and both vertical ones turned by a quarter: the mean forgives a slant.
        let x = (b.0 - a.0 + c.0 - d.0 + (d.1 - a.1) + (c.1 - b.1)) / 4.0;
        let y = (b.1 - a.1 + c.1 - d.1 - (d.0 - a.0) - (c.0 - b.0)) / 4.0;
        let side = x.hypot(y);
        if !side.is_finite() || side < 10.0 {
            return None;
        }
        Some(Self {
            middle: (mean(|p| p.0), mean(|p| p.1)),
            right: (x / sheet.side, y / sheet.side),
            millimetres: sheet.side / side,
            on_sheet: (sheet.code.0 + sheet.side / 2.0, sheet.code.1 + sheet.side / 2.0),
            size: sheet.size,
        })
    }

    fn to_picture(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x - self.on_sheet.0, y - self.on_sheet.1);
        let (rx, ry) = self.right;
        (self.middle.0 + x * rx - y * ry, self.middle.1 + x * ry + y * rx)
    }

    fn to_sheet(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (x, y) = (x - self.middle.0, y - self.middle.1);
        let (rx, ry) = self.right;
        let square = rx * rx + ry * ry;
        let (across, down) = ((x * rx + y * ry) / square, (y * rx - x * ry) / square);
        (across + self.on_sheet.0, down + self.on_sheet.1)
    }

    /// The sheet with room to spare, no further than the picture goes.
    fn area(&self, picture: &RgbImage) -> Area {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|at| self.to_sheet(at));
        let least = |axis: fn(&(f32, f32)) -> f32| corners.iter().map(axis).fold(f32::MAX, f32::min);
        let most = |axis: fn(&(f32, f32)) -> f32| corners.iter().map(axis).fold(f32::MIN, f32::max);
        let spare = SPARE * self.size.1;
        Area {
            left: least(|at| at.0).max(-spare),
            top: least(|at| at.1).max(-spare),
            right: most(|at| at.0).min(self.size.0 + spare),
            bottom: most(|at| at.1).min(self.size.1 + spare),
        }
    }
}

/// The colour at a place, mixed from its neighbours; white outside the picture. Where the result is
/// coarser than the picture, so many pixels across are averaged.
fn sample(picture: &RgbImage, (x, y): (f32, f32), coarse: f32) -> Rgb<u8> {
    if coarse < 1.5 {
        return mixed(picture, (x, y));
    }
    let quarter = coarse / 4.0;
    let mut sum = [0_u32; 3];
    for (dx, dy) in [(-quarter, -quarter), (quarter, -quarter), (-quarter, quarter), (quarter, quarter)] {
        let colour = mixed(picture, (x + dx, y + dy));
        sum.iter_mut().zip(colour.0).for_each(|(sum, one)| *sum += u32::from(one));
    }
    Rgb(sum.map(|sum| (sum / 4) as u8))
}

fn mixed(picture: &RgbImage, (x, y): (f32, f32)) -> Rgb<u8> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
        return Rgb([255; 3]);
    }
    let (x, y) = ((x - 0.5).clamp(0.0, width - 1.0), (y - 0.5).clamp(0.0, height - 1.0));
    let (left, top) = (x as u32, y as u32);
    let (right, bottom) = ((left + 1).min(picture.width() - 1), (top + 1).min(picture.height() - 1));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x: u32, y: u32| picture.get_pixel(x, y).0.map(f32::from);
    let (a, b, c, d) = (at(left, top), at(right, top), at(left, bottom), at(right, bottom));
    let mut colour = [0_u8; 3];
    for (n, out) in colour.iter_mut().enumerate() {
        let above = a[n] + (b[n] - a[n]) * fx;
        let below = c[n] + (d[n] - c[n]) * fx;
        *out = (above + (below - above) * fy) as u8;
    }
    Rgb(colour)
}
