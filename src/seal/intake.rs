//! What comes from outside, sealed to a published key: a setting's own age tool, the
//! offline form, `dutyline seal`.
//!
//! It arrives as an attachment or inside the text of a mail, and mail does things to text:
//! it changes line ends, quotes, indents, adds spaces, wraps anew. The armour is therefore
//! looked for line by line and read generously; what is sealed inside is checked by age
//! anyway. Nothing is guessed past that. Whatever does not open is the caller's to hold,
//! with the reason told apart here: the sender of [`OutsideError::OtherKey`] needs our
//! present key, the sender of [`OutsideError::Damaged`] needs to send again.
//!
//! Strangers choose these bytes. A passphrase is never tried, since a stranger would set
//! the price of trying; a header is read only up to 64 KiB, since the age crate's time for
//! it grows with the square of its length.

use std::io::{Read, Write};

use age::armor::{ArmoredWriter, Format};
use age::{DecryptError, Decryptor, Encryptor, Identity, x25519};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::envelope::SealError;
use super::hybrid::HybridRecipient;
use super::keys::KeySet;

/// How every age file begins (C2SP age, "Version line").
const MAGIC: &[u8] = b"age-encryption.org/";
const ARMOUR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOUR_END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// How the last line of a header begins.
const HEADER_END: &[u8] = b"\n--- ";
/// Longest header read, in bytes: room for about 40 hybrid recipients.
const HEADER_LIMIT: usize = 64 * 1024;
/// What some systems write before the first letter of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why something from outside did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutsideError {
    /// Nothing in it is an age file (or it is one of a later format than version 1).
    #[error("this is not a file sealed with age")]
    NotAge,
    /// Sealed to a key that is not ours (or no longer).
    #[error("this was sealed to another key than the ones this relay publishes")]
    OtherKey,
    /// An age file that lost or changed bytes on the way.
    #[error("the sealed file was damaged on the way: please send it again")]
    Damaged,
    /// More clear bytes inside than the caller allows.
    #[error("the sealed file is larger than this relay accepts")]
    TooLarge,
    /// Sealed with a passphrase instead of a key.
    #[error("this was sealed with a passphrase: please seal it to this relay's public key")]
    PassphraseUsed,
}

impl From<DecryptError> for OutsideError {
    fn from(e: DecryptError) -> Self {
        match e {
            DecryptError::NoMatchingKeys => OutsideError::OtherKey,
            DecryptError::UnknownFormat => OutsideError::NotAge,
            _ => OutsideError::Damaged,
        }
    }
}

/// Whether the bytes are, or a text contains, an age file. Says nothing of whose it is.
pub fn is_age(bytes: &[u8]) -> bool {
    without_lead(bytes).starts_with(MAGIC)
        || bytes.split(|b| *b == b'\n').any(|l| unquoted(l) == ARMOUR_BEGIN)
}

/// Opens an age file, binary or armoured, sealed to the classic or the hybrid published
/// key. In a text with several armoured blocks the first one counts. `limit` is the most
/// clear bytes to be given out. Nothing comes out before the last byte was verified.
///
/// # Errors
/// See [`OutsideError`]. A damaged hybrid stanza cannot be told from one for another key
/// and counts as [`OutsideError::OtherKey`].
pub fn open_from_outside(
    keys: &KeySet,
    bytes: &[u8],
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, OutsideError> {
    let binary = without_lead(bytes);
    if binary.starts_with(MAGIC) {
        return open_binary(keys, binary, limit);
    }
    open_binary(keys, &without_armour(bytes)?, limit)
}

fn open_binary(keys: &KeySet, sealed: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, OutsideError> {
    if !sealed.starts_with(MAGIC) {
        return Err(OutsideError::NotAge);
    }
    let head = &sealed[..sealed.len().min(HEADER_LIMIT)];
    if !head.windows(HEADER_END.len()).any(|w| w == HEADER_END) {
        return Err(OutsideError::Damaged);
    }
    let decryptor = Decryptor::new_buffered(sealed)?;
    if decryptor.is_scrypt() {
        return Err(OutsideError::PassphraseUsed);
    }
    let ours: [&dyn Identity; 2] = [keys.intake(), keys.relay()];
    let reader = decryptor.decrypt(ours.into_iter())?;
    // Room for all of it, so that growing leaves no copies of the plain text behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len().min(limit.saturating_add(1))));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut plain).map_err(|_| OutsideError::Damaged)?;
    if plain.len() > limit {
        return Err(OutsideError::TooLarge);
    }
    Ok(plain)
}

/// The bytes inside the first armoured block.
fn without_armour(text: &[u8]) -> Result<Vec<u8>, OutsideError> {
    let mut lines = text.split(|b| *b == b'\n').map(unquoted);
    if !lines.any(|line| line == ARMOUR_BEGIN) {
        return Err(OutsideError::NotAge);
    }
    let mut letters = Vec::new();
    for line in lines {
        if line == ARMOUR_END {
            return BASE64_STANDARD.decode(&letters).map_err(|_| OutsideError::Damaged);
        }
        letters.extend(line.iter().filter(|b| !b.is_ascii_whitespace()));
    }
    Err(OutsideError::Damaged)
}

/// A line without what mail puts around it: quote marks, spaces, the first half of CRLF.
fn unquoted(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii();
    let start = line.iter().position(|b| *b != b'>' && !b.is_ascii_whitespace()).unwrap_or(line.len());
    &line[start..]
}

fn without_lead(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start()
}

/// Seals a file to a published key, classic (`age1…`) or hybrid (`age1pq1…`), as an
/// outsider would; `armour` gives text that can be pasted into a mail.
///
/// # Errors
/// [`SealError::NotARecipient`] when the text is neither kind of key.
pub fn seal_to_published(recipient: &str, plain: &[u8], armour: bool) -> Result<Vec<u8>, SealError> {
    let text = recipient.trim();
    let to: Box<dyn age::Recipient> = match text.parse::<HybridRecipient>() {
        Ok(hybrid) => Box::new(hybrid),
        Err(_) => Box::new(text.parse::<x25519::Recipient>().map_err(|_| SealError::NotARecipient)?),
    };
    let format = if armour { Format::AsciiArmor } else { Format::Binary };
    let encryptor = Encryptor::with_recipients(std::iter::once(to.as_ref()))
        .expect("one recipient never conflicts with itself");
    Ok(write_sealed(encryptor, format, plain).expect("writing to memory does not fail"))
}

fn write_sealed(encryptor: Encryptor, format: Format, plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(Vec::new(), format)?)?;
    writer.write_all(plain)?;
    writer.finish()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::HybridIdentity;

    const LIMIT: usize = 1024 * 1024;
    const HYBRID_IDENTITY: &str = include_str!("../../tests/vectors/age/hybrid-identity.txt");
    const CLASSIC_IDENTITY: &str = include_str!("../../tests/vectors/age/classic-identity.txt");
    const CLASSIC_RECIPIENT: &str = include_str!("../../tests/vectors/age/classic-recipient.txt");
    /// Made by other implementations of age: see the README beside them.
    const VECTORS: [(&[u8], &[u8]); 4] = [
        (include_bytes!("../../tests/vectors/age/hybrid.age"), b"Sealed to a hybrid test key.\n"),
        (include_bytes!("../../tests/vectors/age/hybrid-armoured.age"), b"Sealed to a hybrid test key.\n"),
        (include_bytes!("../../tests/vectors/age/classic.age"), b"Sealed to a classic test key.\n"),
        (include_bytes!("../../tests/vectors/age/classic-armoured.age"), b"Sealed to a classic test key.\n"),
    ];

    fn vector_keys() -> KeySet {
        let relay: HybridIdentity = HYBRID_IDENTITY.trim().parse().unwrap();
        KeySet::for_test(relay, CLASSIC_IDENTITY.trim().parse().unwrap())
    }

    fn open(keys: &KeySet, bytes: &[u8]) -> Result<Vec<u8>, OutsideError> {
        open_from_outside(keys, bytes, LIMIT).map(|plain| plain.to_vec())
    }

    /// One message in each of the four forms that outsiders use.
    fn four_forms(keys: &KeySet, plain: &[u8]) -> Vec<Vec<u8>> {
        let (classic, hybrid) = keys.published();
        let forms = [(&classic, false), (&classic, true), (&hybrid, false), (&hybrid, true)];
        forms.map(|(to, armour)| seal_to_published(to, plain, armour).unwrap()).into()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn files_of_other_implementations_open() {
        let keys = vector_keys();
        assert_eq!(keys.published().0, CLASSIC_RECIPIENT.trim());
        for (sealed, plain) in VECTORS {
            assert!(is_age(sealed));
            assert_eq!(open(&keys, sealed).unwrap(), plain);
        }
    }

    #[test]
    fn both_keys_and_both_forms_open_at_every_size() {
        let (keys, _) = KeySet::generate();
        for plain in [&b""[..], b"a", &[b'x'; 47], &[7; 200_000]] {
            for sealed in four_forms(&keys, plain) {
                assert!(is_age(&sealed));
                assert_eq!(open(&keys, &sealed).unwrap(), plain);
            }
        }
    }

    #[test]
    fn armour_is_found_in_what_mail_makes_of_it() {
        let (keys, _) = KeySet::generate();
        for armoured in four_forms(&keys, b"hello").iter().skip(1).step_by(2).map(|b| text(b)) {
            let crlf = armoured.replace('\n', "\r\n");
            let quoted = armoured.lines().map(|l| format!("> > {l}  \r\n")).collect::<String>();
            let spaced = armoured.replace('\n', " \r\n\r\n  ");
            let wrapped = armoured.lines().map(|l| rewrapped(l, 40)).collect::<String>();
            let no_end_of_line = armoured.trim_end().to_owned();
            let with_mark = format!("\u{feff}\r\n \n{crlf}");
            let in_a_letter = format!("Dear duty line,\r\nsee below.\r\n\r\n{crlf}\r\n--\r\nMo Example\r\n");
            for mangled in [crlf, quoted, spaced, wrapped, no_end_of_line, with_mark, in_a_letter] {
                assert!(is_age(mangled.as_bytes()), "{mangled}");
                assert_eq!(open(&keys, mangled.as_bytes()).unwrap(), b"hello", "{mangled}");
            }
        }
        let lead = [b"\r\n ".to_vec(), four_forms(&keys, b"hello").remove(0)].concat();
        assert_eq!(open(&keys, &lead).unwrap(), b"hello");
    }

    fn rewrapped(line: &str, width: usize) -> String {
        if line.starts_with('-') {
            return format!("{line}\n");
        }
        let bytes: Vec<_> = line.as_bytes().chunks(width).map(text).collect();
        bytes.join("\n") + "\n"
    }

    #[test]
    fn what_is_not_age_is_told_from_what_is_damaged() {
        let (keys, _) = KeySet::generate();
        let prose = b"Paste it from -----BEGIN AGE ENCRYPTED FILE----- on.";
        for other in [&b""[..], b"hello", b"%PDF-1.7", prose, b"-----BEGIN PGP MESSAGE-----\n\n"] {
            assert!(!is_age(other));
            assert_eq!(open(&keys, other), Err(OutsideError::NotAge));
        }
        let later = b"age-encryption.org/v9\n-> X\n\n--- AAAA\n";
        assert_eq!(open(&keys, later), Err(OutsideError::NotAge));
        let shell = b"-----BEGIN AGE ENCRYPTED FILE-----\naGVsbG8=\n-----END AGE ENCRYPTED FILE-----\n";
        assert_eq!(open(&keys, shell), Err(OutsideError::NotAge));
    }

    #[test]
    fn damage_is_damage_wherever_it_happens_after_the_stanza() {
        let (keys, _) = KeySet::generate();
        for sealed in four_forms(&keys, &[b'x'; 70_000]) {
            let mut flipped = sealed.clone();
            let at = sealed.len() - 300;
            flipped[at] ^= 1;
            assert_eq!(open(&keys, &flipped), Err(OutsideError::Damaged));
            for end in [sealed.len() - 40, sealed.len() / 2, 60] {
                assert_eq!(open(&keys, &sealed[..end]), Err(OutsideError::Damaged), "to {end}");
            }
        }
    }

    #[test]
    fn another_relays_files_and_passphrases_are_told_apart() {
        let ((keys, _), (other, _)) = (KeySet::generate(), KeySet::generate());
        for sealed in four_forms(&other, b"hello") {
            assert_eq!(open(&keys, &sealed), Err(OutsideError::OtherKey));
        }
        let mut passphrase = age::scrypt::Recipient::new("correct horse".to_owned().into());
        passphrase.set_work_factor(2);
        let sealed = age::encrypt(&passphrase, b"hello").unwrap();
        assert_eq!(open(&keys, &sealed), Err(OutsideError::PassphraseUsed));
    }

    #[test]
    fn the_limit_is_on_clear_bytes_and_exact() {
        let (keys, _) = KeySet::generate();
        for sealed in four_forms(&keys, &[1; 70_000]) {
            assert_eq!(open_from_outside(&keys, &sealed, 70_000).unwrap().len(), 70_000);
            assert_eq!(open_from_outside(&keys, &sealed, 69_999).err(), Some(OutsideError::TooLarge));
            assert_eq!(open_from_outside(&keys, &sealed, 0).err(), Some(OutsideError::TooLarge));
        }
    }

    #[test]
    fn an_endless_header_is_not_read() {
        let (keys, _) = KeySet::generate();
        let mut hostile = b"age-encryption.org/v1\n".to_vec();
        while hostile.len() < 8 * 1024 * 1024 {
            hostile.extend_from_slice(b"-> X25519 AAAA\n\n");
        }
        hostile.extend_from_slice(b"--- AAAA\n");
        assert_eq!(open(&keys, &hostile), Err(OutsideError::Damaged));
    }

    #[test]
    fn only_public_keys_are_sealed_to() {
        for text in ["", "age1", CLASSIC_IDENTITY, HYBRID_IDENTITY, "mail@setting.example"] {
            assert_eq!(seal_to_published(text, b"x", false), Err(SealError::NotARecipient));
        }
        let spaced = format!("  {}\r\n", CLASSIC_RECIPIENT.trim());
        assert!(seal_to_published(&spaced, b"x", true).is_ok());
    }
}
