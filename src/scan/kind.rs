//! What a file is, by its first bytes: never by its name, and never by what it claims further in.

use super::{LARGEST, ScanError};

/// What is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ISO/IEC 10918-1.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// ISO 32000.
    Pdf,
}

/// Brands of the HEIF family (ISO/IEC 23008-12, annex B) that phones write.
const HEIF: [&[u8]; 10] =
    [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"];

/// The kind of a file.
///
/// # Errors
/// Empty, too large, a HEIC photo by name, anything else, and a JPEG without its end.
pub fn of(bytes: &[u8]) -> Result<Kind, ScanError> {
    match bytes {
        [] => Err(ScanError::Empty),
        _ if bytes.len() > LARGEST => Err(ScanError::TooLarge),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok(Kind::Pdf),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Kind::Png),
        [0xff, 0xd8, 0xff, ..] if whole_jpeg(bytes) => Ok(Kind::Jpeg),
        [0xff, 0xd8, 0xff, ..] => Err(ScanError::Damaged),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if HEIF.iter().any(|one| brand.starts_with(one)) => {
            Err(ScanError::Heic)
        }
        _ => Err(ScanError::Kind),
    }
}

/// Whether the picture itself, and not only the small one inside its EXIF, comes to its end. Decoders
/// paint what is missing grey, and a signature may be in the part that is missing.
fn whole_jpeg(bytes: &[u8]) -> bool {
    let mut rest = &bytes[2..];
    loop {
        match rest {
            [0xff, 0xff, ..] => rest = &rest[1..],
            [0xff, 0xda, after @ ..] => return after.windows(2).any(|pair| pair == [0xff, 0xd9]),
            [0xff, 0x01 | 0xd0..=0xd7, after @ ..] => rest = after,
            [0xff, _, high, low, ..] => {
                let length = usize::from(*high) << 8 | usize::from(*low);
                match rest.get(2 + length.max(2)..) {
                    Some(after) => rest = after,
                    None => return false,
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(of(b"%PDF-1.7"), Ok(Kind::Pdf));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n...."), Ok(Kind::Png));
        assert_eq!(of(b""), Err(ScanError::Empty));
        assert_eq!(of(b"MZ\x90\x00"), Err(ScanError::Kind));
        assert_eq!(of(b"<html>%PDF-1.7"), Err(ScanError::Kind));
        assert_eq!(of(&vec![0; LARGEST + 1]), Err(ScanError::TooLarge));
        assert_eq!(of(b"\0\0\0\x24ftypheic\0\0\0\0mif1"), Err(ScanError::Heic));
        assert_eq!(of(b"\0\0\0\x24ftypmp42"), Err(ScanError::Kind));
    }

    #[test]
    fn the_end_of_the_small_picture_in_the_exif_is_not_the_end() {
        let exif = [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        let scan = [0xff, 0xda, 0, 2, 1, 2, 3];
        let cut = [&exif[..], &scan[..]].concat();
        assert_eq!(of(&cut), Err(ScanError::Damaged));
        assert_eq!(of(&[&cut[..], &[0xff, 0xd9]].concat()), Ok(Kind::Jpeg));
        assert_eq!(
            of(&[0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]),
            Err(ScanError::Damaged),
            "a length past the end"
        );
        assert_eq!(of(&[0xff, 0xd8, 0xff]), Err(ScanError::Damaged));
    }
}
