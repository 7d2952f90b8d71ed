//! Pictures: JPEG, PNG and PDF pages to pixels, square codes in them, a sheet turned upright by its code,
//! pixels to JPEG.
//!
//! It knows nothing of forms, people or referrals, and does no IO: bytes and pixels in, pixels and bytes
//! out. It runs in the decoding child (`src/scan`), where a crash loses one upload. A package of its own
//! because unoptimised it is of no use, and all else is better built unoptimised while it is written.

pub mod codes;
pub mod pdf;
pub mod picture;
pub mod upright;

pub use image;

/// Most pages of one file.
pub const MOST_PAGES: usize = 20;
/// Most pixels of one picture (50 million: a large phone's camera).
pub const MOST_PIXELS: u64 = 50_000_000;
/// Longest side of a picture that is kept, in pixels: about 190 to the inch on A4.
pub const LONGEST_SIDE: u32 = 2_200;

/// Why a file is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It asks for a password.
    Locked,
    /// Over [`MOST_PAGES`].
    TooManyPages,
    /// Over [`MOST_PIXELS`], or over the memory that it may take.
    TooManyPixels,
    /// It ends too early, or its inside is not what its beginning says.
    Damaged,
    /// A PDF without a page.
    NoPages,
}
