//! Proofs about the tree, and their verification. *Inclusion*: this event is in the tree with that
//! root (RFC 9162 section 2.1.3). *Consistency*: the older tree is a beginning of the newer one, so
//! nothing was changed or taken away in between (section 2.1.4). All of it iterative: no input,
//! however made, can exhaust the stack.
//!
//! Proofs are built level by level from all leaf hashes, in place: pair them up, carry a lone last
//! one over, and take along the neighbours that the proof names. A million leaves cost a million
//! node hashes and 32 MB, paid by a command or a request for a receipt, never while accepting.

use super::{Hash, empty_root, node_hash};

/// The path from leaf `index` to the root of the tree of the first `size` leaves: the neighbours,
/// lowest first. `None` when the leaf is not in that tree or there are fewer leaves.
pub fn inclusion_proof(leaves: &[Hash], index: u64, size: u64) -> Option<Vec<Hash>> {
    let mut level = first(leaves, size)?;
    let mut at = usize::try_from(index).ok().filter(|at| *at < level.len())?;
    let mut path = Vec::new();
    while level.len() > 1 {
        path.extend(level.get(at ^ 1));
        at >>= 1;
        climb(&mut level);
    }
    Some(path)
}

/// What shows that the tree of the first `old` leaves is a beginning of the tree of the first
/// `new`. Empty when they are the same or the old one is empty. `None` when `old > new` or there
/// are fewer than `new` leaves.
pub fn consistency_proof(leaves: &[Hash], old: u64, new: u64) -> Option<Vec<Hash>> {
    let mut level = first(leaves, new)?;
    if old > new {
        return None;
    }
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Some(path);
    }
    let mut at = usize::try_from(old - 1).ok()?;
    while at & 1 == 1 {
        at >>= 1;
        climb(&mut level);
    }
    // `at` is now the last complete subtree of the old tree; if that is all of the old tree, whoever
    // checks has its root already.
    if at > 0 {
        path.push(level[at]);
    }
    while level.len() > 1 {
        path.extend(level.get(at ^ 1));
        at >>= 1;
        climb(&mut level);
    }
    Some(path)
}

/// Does `path` lead from `leaf`, as number `index` of `size`, to `root`? (RFC 9162 section 2.1.3.2)
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let mut walk = Walk { node: index, last: size - 1 };
    let mut hash = *leaf;
    for neighbour in path {
        match walk.step() {
            Some(Side::Left) => hash = node_hash(neighbour, &hash),
            Some(Side::Right) => hash = node_hash(&hash, neighbour),
            None => return false,
        }
    }
    walk.last == 0 && hash == *root
}

/// Does `path` show that the tree of `old` leaves and `old_root` is a beginning of the tree of
/// `new` leaves and `new_root`? (RFC 9162 section 2.1.4.2)
pub fn verify_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old > new {
        return false;
    }
    if old == 0 || old == new {
        let same = if old == 0 { *old_root == empty_root() } else { old_root == new_root };
        return path.is_empty() && same && (new > 0 || *new_root == empty_root());
    }
    let (start, path) = match path.split_first() {
        _ if old.is_power_of_two() => (old_root, path),
        Some((start, rest)) => (start, rest),
        None => return false,
    };
    let shift = (old - 1).trailing_ones();
    let mut walk = Walk { node: (old - 1) >> shift, last: (new - 1) >> shift };
    let (mut was, mut is) = (*start, *start);
    for neighbour in path {
        match walk.step() {
            Some(Side::Left) => (was, is) = (node_hash(neighbour, &was), node_hash(neighbour, &is)),
            Some(Side::Right) => is = node_hash(&is, neighbour),
            None => return false,
        }
    }
    walk.last == 0 && was == *old_root && is == *new_root
}

/// A working copy of the first `size` leaves.
fn first(leaves: &[Hash], size: u64) -> Option<Vec<Hash>> {
    leaves.get(..usize::try_from(size).ok()?).map(<[Hash]>::to_vec)
}

/// From one level to the next, in place; a lone last node is carried over.
fn climb(level: &mut Vec<Hash>) {
    let nodes = level.len();
    for pair in 0..nodes / 2 {
        level[pair] = node_hash(&level[2 * pair], &level[2 * pair + 1]);
    }
    if nodes % 2 == 1 {
        level[nodes / 2] = level[nodes - 1];
    }
    level.truncate(nodes.div_ceil(2));
}

/// On which side of our node the neighbour stands.
enum Side {
    Left,
    Right,
}

/// Where a path has got to: the number of our node on its level, and of the last node there.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    /// The side of the next neighbour, and up past it; `None` above the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let left = self.node & 1 == 1 || self.node == self.last;
        if left {
            // A lone last node is carried over until it has a neighbour on its left. Our node is not 0
            // here: 0 is even, and the last one only above the root.
            let lone = self.node.trailing_zeros();
            self.node >>= lone;
            self.last >>= lone;
        }
        self.node >>= 1;
        self.last >>= 1;
        Some(if left { Side::Left } else { Side::Right })
    }
}
