//! What the decoding child writes and its parent reads: one frame, and nothing before or after it.
//!
//! ```text
//!  "DLS1"  0  pages (1 byte)  { code's length (1), code, picture's length (4), picture } …
//!  "DLS1"  1  the reason's code, to the end
//! ```
//!
//! The parent trusts nothing of it: lengths are counted, a code is parsed again, a picture has to begin
//! and end as a JPEG does. Numbers are big-endian.

use super::{MOST_PAGES, ScanError, ScannedPage};
use crate::domain::paper::PaperCode;

const MAGIC: &[u8; 4] = b"DLS1";
const PAGES: u8 = 0;
const REASON: u8 = 1;

/// Largest picture of one page, bytes (4 MiB).
const LARGEST_PICTURE: usize = 4 * 1024 * 1024;
/// Largest frame, bytes (32 MiB).
pub const LARGEST: usize = 32 * 1024 * 1024;

/// The frame of an answer.
pub fn written(answer: &Result<Vec<ScannedPage>, ScanError>) -> Vec<u8> {
    let mut frame = MAGIC.to_vec();
    match answer {
        Err(reason) => {
            frame.push(REASON);
            frame.extend_from_slice(reason.code().as_bytes());
        }
        Ok(pages) => {
            frame.push(PAGES);
            frame.push(u8::try_from(pages.len()).unwrap_or(u8::MAX));
            for page in pages {
                let code = page.code.map_or_else(String::new, |code| code.text());
                frame.push(u8::try_from(code.len()).unwrap_or_default());
                frame.extend_from_slice(code.as_bytes());
                frame.extend_from_slice(&u32::try_from(page.jpeg.len()).unwrap_or_default().to_be_bytes());
                frame.extend_from_slice(&page.jpeg);
            }
        }
    }
    frame
}

/// The answer in a frame; [`ScanError::Unreadable`] for anything that is not exactly one.
pub fn read(frame: &[u8]) -> Result<Vec<ScannedPage>, ScanError> {
    let mut rest = frame.strip_prefix(MAGIC).ok_or(ScanError::Unreadable)?;
    match take(&mut rest, 1)? {
        [PAGES] => pages(rest).ok_or(ScanError::Unreadable),
        _ => {
            let reason = std::str::from_utf8(rest).ok().and_then(ScanError::from_code);
            Err(reason.unwrap_or(ScanError::Unreadable))
        }
    }
}

fn pages(mut rest: &[u8]) -> Option<Vec<ScannedPage>> {
    let count = usize::from(*take(&mut rest, 1).ok()?.first()?);
    let pages = (0..count).map(|_| page(&mut rest)).collect::<Option<Vec<_>>>()?;
    (rest.is_empty() && (1..=MOST_PAGES).contains(&count)).then_some(pages)
}

fn page(rest: &mut &[u8]) -> Option<ScannedPage> {
    let length = usize::from(*take(rest, 1).ok()?.first()?);
    let code = match take(rest, length).ok()? {
        [] => None,
        text => Some(PaperCode::parse(std::str::from_utf8(text).ok()?)?),
    };
    let length = u32::from_be_bytes(take(rest, 4).ok()?.try_into().ok()?);
    let jpeg = take(rest, usize::try_from(length).ok()?).ok()?;
    let whole = jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]);
    (whole && jpeg.len() <= LARGEST_PICTURE).then(|| ScannedPage { code, jpeg: jpeg.to_vec() })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], ScanError> {
    let (taken, left) = rest.split_at_checked(length).ok_or(ScanError::Unreadable)?;
    *rest = left;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> ScannedPage {
        ScannedPage { code: None, jpeg: vec![0xff, 0xd8, 0xff, 1, 2, 0xff, 0xd9] }
    }

    #[test]
    fn what_is_written_is_read() {
        let pages = vec![one(), one()];
        assert_eq!(read(&written(&Ok(pages.clone()))), Ok(pages));
        for reason in ScanError::ALL {
            assert_eq!(read(&written(&Err(reason))), Err(reason));
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
        let frame = written(&Ok(vec![one()]));
        for end in 0..frame.len() {
            assert_eq!(read(&frame[..end]), Err(ScanError::Unreadable), "cut at {end}");
        }
        assert_eq!(read(&[&frame[..], b"x"].concat()), Err(ScanError::Unreadable), "more than one frame");
        assert_eq!(read(&written(&Ok(Vec::new()))), Err(ScanError::Unreadable), "no page");
        assert_eq!(read(&written(&Ok(vec![one(); MOST_PAGES + 1]))), Err(ScanError::Unreadable));
        let no_picture = ScannedPage { code: None, jpeg: b"<html>".to_vec() };
        assert_eq!(read(&written(&Ok(vec![no_picture]))), Err(ScanError::Unreadable));
        let large = ScannedPage {
            jpeg: [&[0xff, 0xd8, 0xff][..], &vec![0; LARGEST_PICTURE], &[0xff, 0xd9]].concat(),
            ..one()
        };
        assert_eq!(read(&written(&Ok(vec![large]))), Err(ScanError::Unreadable));
        let mut wrong_code = frame.clone();
        wrong_code.splice(6..7, *b"\x03DL1");
        assert_eq!(read(&wrong_code), Err(ScanError::Unreadable));
    }
}
