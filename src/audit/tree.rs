//! The Merkle tree over the trail (RFC 6962 section 2.1, RFC 9162 section 2.1).
//!
//! ```text
//!            root                 A leaf is SHA-256(0x00 ‖ event bytes), a node SHA-256(0x01 ‖ left ‖ right).
//!          ┌──┴───┐               Of seven leaves the complete subtrees are {0-3} {4-5} {6}: their roots are
//!       {0-3}     ┌┴────┐         the *edge*, all that is needed to append the eighth or to say the root.
//!      ┌──┴──┐  {4-5}  {6}
//! ```
//!
//! The edge of n leaves has as many hashes as n has bits set: a million events need at most 20, so
//! it fits in the head row and is never worth caching.

use sha2::{Digest, Sha256};

mod paths;

pub use paths::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// Hash of a leaf: SHA-256(0x00 ‖ bytes). The prefix keeps a leaf from passing for a node.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// Hash of a node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut block = [1; 65];
    block[1..33].copy_from_slice(left);
    block[33..].copy_from_slice(right);
    Sha256::digest(block).into()
}

/// Root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// Root of the tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::new();
    leaves.iter().for_each(|leaf| edge.append(*leaf));
    edge.root()
}

/// The right edge of a tree: the roots of its complete subtrees, largest first, and the number of
/// leaves. Always has exactly as many hashes as `size` has bits set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    hashes: Vec<Hash>,
}

/// Why some bytes are not an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// Not eight bytes of size and as many hashes as the size has bits set.
    #[error("the trail's edge has {found} bytes where {wanted} belong; restore the head row from a backup")]
    Length {
        /// Bytes that were given.
        found: usize,
        /// Bytes that a tree of the stated size has.
        wanted: usize,
    },
    /// The size inside differs from the size stated beside it.
    #[error("the trail's edge is of {inside} events, the head row says {beside}; restore it from a backup")]
    Size {
        /// Size in the edge.
        inside: u64,
        /// Size stated beside it.
        beside: u64,
    },
}

impl Edge {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf on the right: one node hash on average, at most 64.
    pub fn append(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each bit set at the low end of the size is a complete subtree as large as ours: join them.
        for _ in 0..self.size.trailing_ones() {
            let left = self.hashes.pop().expect("an edge has one hash for each bit set in its size");
            hash = node_hash(&left, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        let joined = self.hashes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        joined.unwrap_or_else(empty_root)
    }

    /// For the head row: the size as eight big-endian bytes, then the hashes, largest subtree first.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.hashes.iter().flatten());
        bytes
    }

    /// Reads what [`Edge::encode`] wrote.
    ///
    /// # Errors
    /// When the length does not belong to the size.
    pub fn decode(bytes: &[u8]) -> Result<Self, EdgeError> {
        let found = bytes.len();
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(EdgeError::Length { found, wanted: 8 })?;
        let size = u64::from_be_bytes(*size);
        let wanted = 8 + 32 * size.count_ones() as usize;
        if found != wanted {
            return Err(EdgeError::Length { found, wanted });
        }
        let (hashes, _) = rest.as_chunks::<32>();
        Ok(Self { size, hashes: hashes.to_vec() })
    }
}

#[cfg(test)]
mod tests;
