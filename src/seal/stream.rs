//! Sealing what arrives while it arrives: SMTP DATA and uploads.
//!
//! A message may be as long as the door allows, and must never lie in the clear in a
//! temporary file nor whole in memory. The bytes pass through one age encryption and come
//! out as chunks of at most 256 KiB, ready for a row each; put one after the other they
//! are an ordinary age file. If the connection breaks before [`ChunkSealer::finish`], what
//! was given out so far opens for nobody: age refuses a file without its last block.
//!
//! A mailed referral carries its restricted part, so the length of what arrived would tell
//! who wrote one (DOMAIN section 3). The clear bytes inside are therefore padded, at the
//! end, since the length is not known before:
//!
//! ```text
//!  the message as it came │ zeroes │ its length, 8 bytes, big endian
//! ```
//!
//! so that all of it has a multiple of 64 KiB less what age's own filler took: two messages
//! of one class have equal chunks, whatever is in them. A reader with another age tool
//! finds the message at the start.

use std::io::Write;

use age::stream::StreamWriter;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::envelope::{SealError, SharedBuffer, SizeClasses, begin_measured, decrypt};
use super::hybrid::{HybridIdentity, HybridRecipient};

/// Largest sealed chunk, in bytes (256 KiB). All but the last are exactly this long.
pub const CHUNK_LIMIT: usize = 256 * 1024;
/// Clear bytes handed to age at a time, so that one large push does not pile up twice.
const STEP: usize = 64 * 1024;
/// Sizes of a message with its padding: multiples of 64 KiB.
const CLASSES: SizeClasses = SizeClasses(&[64 * 1024]);
/// Bytes of the length at the end.
const LENGTH_BYTES: usize = 8;
/// Zeroes to pad with, so many at a time.
static ZEROES: [u8; 4096] = [0; 4096];

/// A piece of the sealed stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedChunk {
    /// Place in the stream, from 0.
    pub number: u32,
    /// Sealed bytes, at most [`CHUNK_LIMIT`].
    pub bytes: Vec<u8>,
}

/// What is known once the stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedStream {
    /// The chunks not yet given out: at least one.
    pub chunks: Vec<SealedChunk>,
    /// SHA-256 over all sealed bytes, in order.
    pub sha256: [u8; 32],
    /// All sealed bytes.
    pub sealed_len: u64,
    /// All clear bytes pushed. A secret: no row may hold it.
    pub clear_len: u64,
    /// Its size class, bytes: all that the sealed length tells of it.
    pub class_len: u64,
}

/// Takes clear bytes and gives out sealed chunks. Holds less than 512 KiB, however long
/// the stream; a push gives back about as many bytes as it was given.
pub struct ChunkSealer {
    writer: StreamWriter<SharedBuffer>,
    sealed: SharedBuffer,
    filler: usize,
    tally: Tally,
}

impl ChunkSealer {
    /// Begins a stream sealed to a case.
    pub fn new(case: &HybridRecipient) -> Self {
        let (sealed, writer, filler) = begin_measured(&[case]);
        Self { writer, sealed, filler, tally: Tally::default() }
    }

    /// Clear bytes pushed so far; the door compares it with its size limit.
    pub fn clear_len(&self) -> u64 {
        self.tally.clear_len
    }

    /// Seals more clear bytes; gives back the chunks that are full.
    pub fn push(&mut self, clear: &[u8]) -> Vec<SealedChunk> {
        self.tally.clear_len += clear.len() as u64;
        self.seal(clear)
    }

    fn seal(&mut self, clear: &[u8]) -> Vec<SealedChunk> {
        let mut ready = Vec::new();
        for step in clear.chunks(STEP) {
            self.writer.write_all(step).expect("writing to memory does not fail");
            ready.extend(self.tally.take_full(&self.sealed));
        }
        ready
    }

    /// Pads the stream and ends it. Until this was called, nothing given out can be opened.
    pub fn finish(mut self) -> SealedStream {
        let clear_len = self.tally.clear_len;
        let content = usize::try_from(clear_len).expect("what was pushed fits an address") + LENGTH_BYTES;
        let class = CLASSES.class_for(content);
        let mut chunks = Vec::new();
        let mut missing = class - self.filler - content;
        while missing > 0 {
            let piece = &ZEROES[..missing.min(ZEROES.len())];
            chunks.extend(self.seal(piece));
            missing -= piece.len();
        }
        chunks.extend(self.seal(&clear_len.to_be_bytes()));
        let Self { writer, sealed, mut tally, .. } = self;
        writer.finish().expect("writing to memory does not fail");
        chunks.extend(tally.take_full(&sealed));
        let rest = sealed.with(std::mem::take);
        if !rest.is_empty() {
            chunks.push(tally.number(rest));
        }
        SealedStream {
            chunks,
            sha256: tally.digest.finalize().into(),
            sealed_len: tally.sealed_len,
            clear_len,
            class_len: class as u64,
        }
    }
}

/// What is counted while chunks leave.
#[derive(Default)]
struct Tally {
    digest: Sha256,
    next: u32,
    sealed_len: u64,
    clear_len: u64,
}

impl Tally {
    fn take_full(&mut self, sealed: &SharedBuffer) -> Vec<SealedChunk> {
        std::iter::from_fn(|| sealed.with(split_full)).map(|bytes| self.number(bytes)).collect()
    }

    fn number(&mut self, bytes: Vec<u8>) -> SealedChunk {
        let number = self.next;
        self.next += 1;
        self.sealed_len += bytes.len() as u64;
        self.digest.update(&bytes);
        SealedChunk { number, bytes }
    }
}

fn split_full(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    if buffer.len() < CHUNK_LIMIT {
        return None;
    }
    let rest = buffer.split_off(CHUNK_LIMIT);
    Some(std::mem::replace(buffer, rest))
}

/// Opens a sealed stream, its chunks put one after the other, and takes the padding off: the message
/// exactly as it came. Memory: about the size of the sealed bytes. Nothing is returned unless the last
/// byte was verified.
///
/// # Errors
/// [`SealError::OtherKey`] or [`SealError::Damaged`] as for any object, also for a stream that was never
/// finished; [`SealError::Malformed`] where the padding is not what we write.
pub fn open_streamed(case: &HybridIdentity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut plain = decrypt(case, sealed)?;
    let length = message_len(&plain)?;
    plain.truncate(length);
    Ok(plain)
}

fn message_len(plain: &[u8]) -> Result<usize, SealError> {
    let (padded, length) = plain
        .split_last_chunk::<LENGTH_BYTES>()
        .ok_or(SealError::Malformed("no length after the message"))?;
    let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| SealError::TooLong)?;
    let padding = padded.get(length..).ok_or(SealError::Malformed("longer inside than outside"))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SealError::Malformed("padding that is not zeroes"));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Seals `clear`, pushed in pieces of the given sizes (over and over).
    fn sealed_in_pieces(
        case: &HybridIdentity,
        clear: &[u8],
        sizes: &[usize],
    ) -> (Vec<SealedChunk>, SealedStream) {
        let mut sealer = ChunkSealer::new(case.recipient());
        let (mut chunks, mut rest) = (Vec::new(), clear);
        for size in sizes.iter().cycle() {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            chunks.extend(sealer.push(piece));
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let end = sealer.finish();
        chunks.extend(end.chunks.iter().cloned());
        (chunks, end)
    }

    fn together(chunks: &[SealedChunk]) -> Vec<u8> {
        chunks.iter().flat_map(|c| c.bytes.iter().copied()).collect()
    }

    fn read(case: &HybridIdentity, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open_streamed(case, sealed).map(|clear| clear.to_vec())
    }

    /// Lengths of the chunks of a message of `length` bytes.
    fn lengths(case: &HybridIdentity, length: usize) -> Vec<usize> {
        let (chunks, _) = sealed_in_pieces(case, &vec![7; length], &[50_000]);
        chunks.iter().map(|chunk| chunk.bytes.len()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn any_pieces_make_the_same_message(
            length in 0usize..700_000,
            sizes in proptest::collection::vec(1usize..200_000, 1..6),
        ) {
            let case = HybridIdentity::generate();
            let clear: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let (chunks, end) = sealed_in_pieces(&case, &clear, &sizes);
            let all = together(&chunks);
            prop_assert!(chunks.iter().rev().skip(1).all(|c| c.bytes.len() == CHUNK_LIMIT));
            prop_assert!(chunks.iter().all(|c| !c.bytes.is_empty() && c.bytes.len() <= CHUNK_LIMIT));
            prop_assert!(chunks.iter().enumerate().all(|(n, c)| c.number as usize == n));
            prop_assert_eq!(end.sealed_len as usize, all.len());
            prop_assert_eq!(end.clear_len as usize, length);
            prop_assert_eq!(end.sha256, <[u8; 32]>::from(Sha256::digest(&all)));
            prop_assert_eq!(end.sealed_len as usize, CLASSES.sealed_len(length + LENGTH_BYTES, 1));
            prop_assert_eq!(read(&case, &all).unwrap(), clear);
        }
    }

    #[test]
    fn an_empty_stream_is_one_chunk_that_opens_to_nothing() {
        let case = HybridIdentity::generate();
        let end = ChunkSealer::new(case.recipient()).finish();
        assert_eq!((end.chunks.len(), end.clear_len), (1, 0));
        assert_eq!(read(&case, &end.chunks[0].bytes).unwrap(), b"");
    }

    #[test]
    fn what_waits_inside_stays_small_however_long_the_stream() {
        let case = HybridIdentity::generate();
        let mut sealer = ChunkSealer::new(case.recipient());
        let mut given_out = 0;
        for _ in 0..64 {
            given_out += sealer.push(&[b'a'; 64 * 1024]).iter().map(|c| c.bytes.len()).sum::<usize>();
            assert!(sealer.sealed.with(|buffer| buffer.capacity()) < 2 * CHUNK_LIMIT);
        }
        assert!(given_out > 3 * 1024 * 1024);
        assert_eq!(sealer.clear_len(), 64 * 64 * 1024);
    }

    #[test]
    fn the_chunks_of_one_class_are_equally_long() {
        let case = HybridIdentity::generate();
        for (shorter, longer) in [(0, 60_000), (70_000, 130_000), (400_000, 450_000)] {
            for _ in 0..4 {
                assert_eq!(lengths(&case, shorter), lengths(&case, longer));
            }
        }
        assert!(lengths(&case, 60_000) < lengths(&case, 70_000));
    }

    #[test]
    fn the_length_and_the_padding_are_read_strictly() {
        assert_eq!(message_len(&[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap(), 1);
        assert_eq!(message_len(&[0; 8]).unwrap(), 0);
        for bad in [&[0; 7][..], &[9, 0, 0, 0, 0, 0, 0, 0, 2], &[9, 1, 0, 0, 0, 0, 0, 0, 0, 1], &[255; 9]] {
            assert!(matches!(message_len(bad), Err(SealError::Malformed(_))), "{bad:?}");
        }
    }

    #[test]
    fn an_unfinished_reordered_or_foreign_stream_does_not_open() {
        let (case, other) = (HybridIdentity::generate(), HybridIdentity::generate());
        let (chunks, _) = sealed_in_pieces(&case, &[9; 700_000], &[50_000]);
        assert!(read(&case, &together(&chunks[..chunks.len() - 1])).is_err());
        let mut swapped = chunks.clone();
        swapped.swap(1, 2);
        assert!(read(&case, &together(&swapped)).is_err());
        assert_eq!(read(&other, &together(&chunks)), Err(SealError::OtherKey));
        assert_eq!(read(&case, b"hello"), Err(SealError::Damaged));
    }
}
