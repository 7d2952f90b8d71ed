//! A printed sheet as a phone or a scanner sees it: turned, slanted, unevenly lit, blurred, noisy,
//! squeezed into a JPEG. Seeded, so that every run takes the same pictures.

use pixels::image::{self, DynamicImage, GrayImage, Luma};

/// Chance that is the same in every run (xorshift).
pub struct Chance(u64);

impl Chance {
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 up to 1.
    pub fn share(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u32 << 24) as f32
    }

    pub fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * self.share()
    }
}

/// How a picture is taken.
#[derive(Clone, Copy, Debug)]
pub struct Photo {
    /// Radians, to the right.
    pub angle: f32,
    /// How much smaller the far end is, along and across the sheet.
    pub slant: (f32, f32),
    /// The sheet's height as a share of the picture's shorter side.
    pub fill: f32,
    /// The brightest light, and how much it falls off to one side.
    pub light: (f32, f32),
    /// Of the blur, in pixels.
    pub blur: f32,
    /// Of the noise, of 255.
    pub noise: f32,
    /// Of the JPEG, of 100.
    pub quality: u8,
}

impl Photo {
    /// What somebody takes who looks at what they do, whichever way round.
    pub fn reasonable(chance: &mut Chance) -> Self {
        Self {
            angle: chance.between(0.0, std::f32::consts::TAU),
            slant: (chance.between(-0.1, 0.1), chance.between(-0.1, 0.1)),
            fill: chance.between(0.75, 0.98),
            light: (chance.between(0.6, 1.0), chance.between(-0.3, 0.3)),
            blur: chance.between(0.0, 1.0),
            noise: chance.between(1.0, 10.0),
            quality: chance.between(50.0, 92.0) as u8,
        }
    }

    /// The same by somebody in a hurry, in a dark room.
    pub fn hard(chance: &mut Chance) -> Self {
        Self {
            slant: (chance.between(-0.35, 0.35), chance.between(-0.3, 0.3)),
            fill: chance.between(0.45, 1.1),
            light: (chance.between(0.25, 1.0), chance.between(-0.6, 0.6)),
            blur: chance.between(0.0, 3.5),
            noise: chance.between(5.0, 40.0),
            quality: chance.between(8.0, 60.0) as u8,
            ..Self::reasonable(chance)
        }
    }

    /// Takes a picture of a sheet: `width` by `height` pixels, as a JPEG.
    pub fn of(&self, sheet: &GrayImage, (width, height): (u32, u32), chance: &mut Chance) -> Vec<u8> {
        let mut picture = self.seen(sheet, (width, height));
        if self.blur > 0.3 {
            picture = DynamicImage::ImageLuma8(picture).fast_blur(self.blur).into_luma8();
        }
        for pixel in picture.as_flat_samples_mut().samples.iter_mut() {
            let noise = (chance.share() + chance.share() + chance.share() - 1.5) * 1.15 * self.noise;
            *pixel = (f32::from(*pixel) + noise) as u8;
        }
        as_jpeg(&picture, self.quality)
    }

    fn seen(&self, sheet: &GrayImage, (width, height): (u32, u32)) -> GrayImage {
        let (wide, high) = (sheet.width() as f32, sheet.height() as f32);
        let scale = width.min(height) as f32 * self.fill / high;
        let (sin, cos) = self.angle.sin_cos();
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        let samples = sheet.as_raw();
        let across = sheet.width() as usize;
        let mut pixels = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            for x in 0..width {
                let (dx, dy) = ((x as f32 - middle_x) / scale, (y as f32 - middle_y) / scale);
                let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
                let far = 1.0 + 2.0 * self.slant.0 * v / high + 2.0 * self.slant.1 * u / wide;
                let (u, v) = (u * far + wide / 2.0, v * far + high / 2.0);
                let inside = u >= 0.0 && v >= 0.0 && u < wide - 1.0 && v < high - 1.0;
                // The table is darker than paper.
                let mut grey = 90.0;
                if inside {
                    let at = v as usize * across + u as usize;
                    let (fu, fv) = (u.fract(), v.fract());
                    let one = |at: usize| f32::from(samples[at]);
                    let above = one(at) * (1.0 - fu) + one(at + 1) * fu;
                    let below = one(at + across) * (1.0 - fu) + one(at + across + 1) * fu;
                    grey = above * (1.0 - fv) + below * fv;
                }
                let light = self.light.0 * (1.0 + self.light.1 * (x as f32 / middle_x - 1.0));
                pixels.push((grey * light) as u8);
            }
        }
        GrayImage::from_raw(width, height, pixels).expect("as many pixels as its sides say")
    }
}

/// A JPEG of a picture.
pub fn as_jpeg(picture: &GrayImage, quality: u8) -> Vec<u8> {
    pixels::picture::grey_jpeg(picture, quality).expect("encodes")
}

/// A picture of a JPEG.
pub fn as_picture(jpeg: &[u8]) -> GrayImage {
    image::load_from_memory(jpeg).expect("decodes").into_luma8()
}

/// White paper with nothing on it.
pub fn blank(width: u32, height: u32) -> GrayImage {
    GrayImage::from_pixel(width, height, Luma([250]))
}
