//! Sealing what arrives while it arrives: SMTP DATA and uploads.
//!
//! A message may be as long as the door allows, and must never lie in the clear in a
//! temporary file nor whole in memory. The bytes pass through one age encryption and come
//! out as chunks of at most 256 KiB, ready for a row each; put one after the other they
//! are an ordinary age file. If the connection breaks before [`ChunkSealer::finish`], what
//! was given out so far opens for nobody: age refuses a file without its last block.

use std::io::{BufReader, Read, Write};

use age::Decryptor;
use age::stream::StreamWriter;
use sha2::{Digest, Sha256};

use super::envelope::{SealError, SharedBuffer, begin};
use super::hybrid::{HybridIdentity, HybridRecipient};

/// Largest sealed chunk, in bytes (256 KiB). All but the last are exactly this long.
pub const CHUNK_LIMIT: usize = 256 * 1024;
/// Clear bytes handed to age at a time, so that one large push does not pile up twice.
const STEP: usize = 64 * 1024;

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
    /// All clear bytes pushed.
    pub clear_len: u64,
}

/// Takes clear bytes and gives out sealed chunks. Holds less than 512 KiB, however long
/// the stream; a push gives back about as many bytes as it was given.
pub struct ChunkSealer {
    writer: StreamWriter<SharedBuffer>,
    sealed: SharedBuffer,
    tally: Tally,
}

impl ChunkSealer {
    /// Begins a stream sealed to a case.
    pub fn new(case: &HybridRecipient) -> Self {
        let sealed = SharedBuffer::default();
        let writer = begin(&[case], sealed.clone());
        Self { writer, sealed, tally: Tally::default() }
    }

    /// Clear bytes pushed so far; the door compares it with its size limit.
    pub fn clear_len(&self) -> u64 {
        self.tally.clear_len
    }

    /// Seals more clear bytes; gives back the chunks that are full.
    pub fn push(&mut self, clear: &[u8]) -> Vec<SealedChunk> {
        self.tally.clear_len += clear.len() as u64;
        let mut ready = Vec::new();
        for step in clear.chunks(STEP) {
            self.writer.write_all(step).expect("writing to memory does not fail");
            ready.extend(self.tally.take_full(&self.sealed));
        }
        ready
    }

    /// Ends the stream. Until this was called, nothing given out can be opened.
    pub fn finish(self) -> SealedStream {
        let Self { writer, sealed, mut tally } = self;
        writer.finish().expect("writing to memory does not fail");
        let mut chunks = tally.take_full(&sealed);
        let rest = sealed.with(std::mem::take);
        if !rest.is_empty() {
            chunks.push(tally.number(rest));
        }
        SealedStream {
            chunks,
            sha256: tally.digest.finalize().into(),
            sealed_len: tally.sealed_len,
            clear_len: tally.clear_len,
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

/// Reads a sealed stream back, from its chunks one after the other. Memory: one block of
/// 64 KiB. Every byte that comes out is authentic, but only the end of the reader says
/// that none is missing: act on nothing before it returned 0 without an error.
///
/// # Errors
/// [`SealError::OtherKey`] or [`SealError::Damaged`] for a header that does not open; the
/// reader itself fails on damage further on, and on a stream that was never finished.
pub fn open_stream<R: Read>(case: &HybridIdentity, sealed: R) -> Result<impl Read + use<R>, SealError> {
    let decryptor = Decryptor::new_buffered(BufReader::with_capacity(STEP, sealed))?;
    Ok(decryptor.decrypt(std::iter::once(case as _))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::open_object;
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

    fn read(case: &HybridIdentity, sealed: &[u8]) -> Result<Vec<u8>, std::io::Error> {
        let mut clear = Vec::new();
        open_stream(case, sealed).map_err(std::io::Error::other)?.read_to_end(&mut clear)?;
        Ok(clear)
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
            prop_assert_eq!(read(&case, &all).unwrap(), clear.clone());
            let whole = open_object(&case, &all).unwrap();
            prop_assert_eq!(whole.as_slice(), clear.as_slice());
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
    fn an_unfinished_reordered_or_foreign_stream_does_not_open() {
        let (case, other) = (HybridIdentity::generate(), HybridIdentity::generate());
        let (chunks, _) = sealed_in_pieces(&case, &[9; 700_000], &[50_000]);
        assert!(read(&case, &together(&chunks[..chunks.len() - 1])).is_err());
        let mut swapped = chunks.clone();
        swapped.swap(1, 2);
        assert!(read(&case, &together(&swapped)).is_err());
        assert!(matches!(open_stream(&other, &together(&chunks)[..]), Err(SealError::OtherKey)));
        assert!(matches!(open_stream(&case, &b"hello"[..]), Err(SealError::Damaged)));
    }
}
