//! What may be attached, and how it is kept: sealed like everything else, never served under its
//! own type.

use serde::{Deserialize, Serialize};

/// Largest attachment, bytes (10 MiB).
pub const LARGEST: usize = 10 * 1024 * 1024;
/// Most attachments of one referral.
pub const MOST: usize = 5;

/// What the family part says of an attachment: signed with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its number on this referral, from 1: the version of the sealed object of kind `attachment`.
    pub number: u64,
    /// The name it came with, cleaned.
    pub name: String,
    /// `application/pdf`, `image/jpeg` or `image/png`, by its first bytes.
    pub kind: String,
    /// Length in bytes.
    pub size: usize,
    /// Lower-case hex SHA-256 of the bytes.
    pub sha256: String,
}

/// Why something cannot be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// No bytes.
    #[error("Choose a file: this one is empty")]
    Empty,
    /// Over [`LARGEST`].
    #[error("The file must be 10 MB or smaller")]
    TooLarge,
    /// Neither PDF nor JPEG nor PNG.
    #[error(
        "The file must be a PDF, a JPEG or a PNG. If it is an iPhone photo, choose \"Most compatible\" in the camera settings"
    )]
    Kind,
    /// Over [`MOST`].
    #[error("You can attach up to 5 files")]
    TooMany,
}

/// The type that the first bytes say, whatever the name claims.
pub fn kind_of(bytes: &[u8]) -> Result<&'static str, AttachmentError> {
    match bytes {
        [] => Err(AttachmentError::Empty),
        _ if bytes.len() > LARGEST => Err(AttachmentError::TooLarge),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok("application/pdf"),
        [0xff, 0xd8, 0xff, ..] => Ok("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok("image/png"),
        _ => Err(AttachmentError::Kind),
    }
}

/// A file name without path, control characters or direction overrides, at most 80 characters.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '"'))
        .take(80)
        .collect();
    let kept = kept.trim().to_owned();
    if kept.is_empty() { "attachment".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_not_the_name() {
        assert_eq!(kind_of(b"%PDF-1.7 ..."), Ok("application/pdf"));
        assert_eq!(kind_of(b"MZ\x90\x00"), Err(AttachmentError::Kind));
        assert_eq!(kind_of(b""), Err(AttachmentError::Empty));
        assert_eq!(kind_of(&vec![0; LARGEST + 1]), Err(AttachmentError::TooLarge));
    }

    #[test]
    fn a_name_keeps_no_path_and_no_tricks() {
        assert_eq!(clean_name("C:\\fake\\photo.jpg"), "photo.jpg");
        assert_eq!(clean_name("../../etc/\u{202E}fdp.exe\r\n"), "fdp.exe");
        assert_eq!(clean_name("///"), "attachment");
    }
}
