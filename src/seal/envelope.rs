//! Where age is called: one plain text in, one age file out, and back.
//!
//! Two traits of the age crate shape this file. First, a decrypting reader hands out
//! blocks before it has seen the end; here nothing is handed out until the last block was
//! verified, so a truncated file yields an error and no bytes. Second, age puts a filler
//! stanza of random length ("grease") into every header, so equal plain texts give sealed
//! files of different lengths. Where the length must tell nothing, the padding is chosen
//! after the header is known and takes up exactly that difference.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use age::stream::StreamWriter;
use age::{DecryptError, Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::hybrid::{HybridIdentity, HybridRecipient, STANZA_BYTES};

/// Bytes of an age file that are no stanza and no content: version line (22), closing
/// line with its MAC (48), payload nonce (16).
const FRAME_BYTES: usize = 22 + 48 + 16;
/// Bytes of content under one authentication tag.
const BLOCK_BYTES: usize = 64 * 1024;
/// Bytes of an authentication tag.
const TAG_BYTES: usize = 16;
/// Room in every size class for age's filler stanza (13 to 190 bytes in age 0.11).
pub(super) const FILLER_ROOM: usize = 256;
/// How often a header is made again when its filler does not fit the room.
const FILLER_TRIES: usize = 16;

/// Why something sealed by dutyline does not open, or cannot be sealed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// None of the keys at hand is the one it was sealed to.
    #[error("this was sealed to another key")]
    OtherKey,
    /// Bytes were changed, cut off or added since it was sealed.
    #[error("the sealed bytes are damaged or incomplete")]
    Damaged,
    /// It opened, and what is inside is not what belongs there.
    #[error("the sealed content is malformed: {0}")]
    Malformed(&'static str),
    /// More bytes than the form of the content can hold.
    #[error("the content is too long to be sealed")]
    TooLong,
    /// The text given is neither a classic nor a hybrid age recipient.
    #[error("this is not an age public key (age1… or age1pq1…)")]
    NotARecipient,
}

impl From<DecryptError> for SealError {
    fn from(e: DecryptError) -> Self {
        match e {
            DecryptError::NoMatchingKeys => SealError::OtherKey,
            _ => SealError::Damaged,
        }
    }
}

/// The sizes a padded plain text may have, in bytes: the steps, then multiples of the last.
/// From a sealed length a reader learns the class and nothing more.
#[derive(Clone, Copy, Debug)]
pub struct SizeClasses(pub(super) &'static [usize]);

impl SizeClasses {
    /// The smallest class that holds `content` bytes beside the filler's room.
    pub fn class_for(self, content: usize) -> usize {
        let need = content + FILLER_ROOM;
        let largest = self.0.last().copied().expect("a list of classes is never empty");
        self.0.iter().copied().find(|class| need <= *class).unwrap_or(need.div_ceil(largest) * largest)
    }

    /// Bytes of the age file that holds `content` bytes, sealed to so many recipients.
    pub fn sealed_len(self, content: usize, recipients: usize) -> usize {
        let class = self.class_for(content);
        FRAME_BYTES + recipients * STANZA_BYTES + class + class.div_ceil(BLOCK_BYTES) * TAG_BYTES
    }
}

/// Memory that an age writer fills while others look at it: age keeps the writer it was
/// given to itself until the end.
#[derive(Clone, Default)]
pub(super) struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl SharedBuffer {
    /// What is done with the bytes so far. Never held across a wait.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|buffer| buffer.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins an age file in `out`; age writes the header at once.
pub(super) fn begin<W: Write>(recipients: &[&HybridRecipient], out: W) -> StreamWriter<W> {
    Encryptor::with_recipients(recipients.iter().map(|r| *r as _))
        .expect("hybrid recipients carry one label and wrapping a file key cannot fail")
        .wrap_output(out)
        .expect("writing to memory does not fail")
}

/// Seals `plain`. The sealed length follows the content's, plus a random 13 to 190 bytes.
pub(super) fn encrypt(recipients: &[&HybridRecipient], plain: &[u8]) -> Vec<u8> {
    let header = FRAME_BYTES + recipients.len() * STANZA_BYTES + FILLER_ROOM;
    let tags = (plain.len() / BLOCK_BYTES + 1) * TAG_BYTES;
    finish(begin(recipients, Vec::with_capacity(header + plain.len() + tags)), plain)
}

/// Seals a plain text of `content` bytes so that the sealed length is
/// [`SizeClasses::sealed_len`]. `fill` makes the plain text, padded to exactly the length
/// that it is given (never below `content`).
pub(super) fn encrypt_to_class(
    recipients: &[&HybridRecipient],
    classes: SizeClasses,
    content: usize,
    fill: impl FnOnce(usize) -> Zeroizing<Vec<u8>>,
) -> Vec<u8> {
    let (buffer, writer, filler) = begin_measured(recipients);
    let plain = fill(classes.class_for(content) - filler);
    finish(writer, &plain);
    buffer.with(std::mem::take)
}

/// Begins a file in memory, and says how long age's filler stanza came out: at most [`FILLER_ROOM`].
pub(super) fn begin_measured(
    recipients: &[&HybridRecipient],
) -> (SharedBuffer, StreamWriter<SharedBuffer>, usize) {
    (0..FILLER_TRIES)
        .map(|_| begin_once(recipients))
        .find(|(_, _, filler)| *filler <= FILLER_ROOM)
        .expect("age's filler stanza stays within its room")
}

fn begin_once(recipients: &[&HybridRecipient]) -> (SharedBuffer, StreamWriter<SharedBuffer>, usize) {
    let buffer = SharedBuffer::default();
    let writer = begin(recipients, buffer.clone());
    let filler = buffer.with(|header| header.len()) - FRAME_BYTES - recipients.len() * STANZA_BYTES;
    (buffer, writer, filler)
}

fn finish<W: Write>(mut writer: StreamWriter<W>, plain: &[u8]) -> W {
    writer.write_all(plain).expect("writing to memory does not fail");
    writer.finish().expect("writing to memory does not fail")
}

/// Opens a whole binary age file. Nothing comes out before its end was verified.
pub(super) fn decrypt(identity: &HybridIdentity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut reader = Decryptor::new_buffered(sealed)?.decrypt(std::iter::once(identity as _))?;
    // Room for all of it, so that growing leaves no copies of the plain text behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plain).map_err(|_| SealError::Damaged)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: SizeClasses = SizeClasses(&[1024, 4096, 65536]);

    #[test]
    fn a_class_leaves_room_for_the_filler() {
        assert_eq!(CLASSES.class_for(0), 1024);
        assert_eq!(CLASSES.class_for(1024 - FILLER_ROOM), 1024);
        assert_eq!(CLASSES.class_for(1025 - FILLER_ROOM), 4096);
        assert_eq!(CLASSES.class_for(65536), 131_072);
        assert_eq!(CLASSES.class_for(131_072), 196_608);
    }

    #[test]
    fn the_sealed_length_is_the_class_whatever_filler_age_adds() {
        let (one, two) = (HybridIdentity::generate(), HybridIdentity::generate());
        for to in [&[one.recipient()][..], &[one.recipient(), two.recipient()][..]] {
            for content in [0, 300, 65536] {
                for _ in 0..6 {
                    let sealed = encrypt_to_class(to, CLASSES, content, |n| Zeroizing::new(vec![b' '; n]));
                    assert_eq!(sealed.len(), CLASSES.sealed_len(content, to.len()));
                    assert!(decrypt(&one, &sealed).unwrap().len() >= content);
                }
            }
        }
    }

    #[test]
    fn hybrid_and_classic_recipients_never_share_a_file() {
        let hybrid = HybridIdentity::generate();
        let classic = age::x25519::Identity::generate().to_public();
        let both: [&dyn age::Recipient; 2] = [hybrid.recipient(), &classic];
        let refused = Encryptor::with_recipients(both.into_iter()).err();
        assert!(matches!(refused, Some(age::EncryptError::IncompatibleRecipients { .. })));
    }
}
