//! Merkle trees over lists: RFC 6962 as CometBFT uses it.
//!
//! Leaf = SHA-256(0x00 || bytes), inner = SHA-256(0x01 || left || right), a list of n splits at the
//! largest power of two below n, the empty list is SHA-256 of nothing.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::fault::{refuse, Outcome};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Lists from this size on are hashed on all cores.
const PARALLEL_FROM: usize = 512;
/// A path longer than this belongs to no list that fits a machine.
const MAX_PATH: usize = 64;

/// Hash of one leaf.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// Hash of an inner node.
pub fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1u8; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// All leaf hashes of a list.
pub fn leaf_hashes<T: AsRef<[u8]> + Sync>(leaves: &[T]) -> Vec<Hash> {
    let large = leaves.len() >= PARALLEL_FROM || leaves.iter().any(|l| l.as_ref().len() > 16_384);
    if large && leaves.len() > 1 {
        return leaves.par_iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    }
    leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect()
}

/// A tree with all its levels: level 0 are the leaf hashes, the last is the root.
///
/// Pairing neighbours and lifting an odd last one gives the same tree as splitting at the largest
/// power of two, and keeps every level in one row of memory.
pub struct Levels(Vec<Vec<Hash>>);

impl Levels {
    /// Hash a list from its leaf hashes.
    pub fn new(leaf_hashes: Vec<Hash>) -> Self {
        let mut levels = vec![leaf_hashes];
        while levels[levels.len() - 1].len() > 1 {
            levels.push(lift(&levels[levels.len() - 1]));
        }
        Levels(levels)
    }

    /// Number of leaves.
    pub fn len(&self) -> usize {
        self.0[0].len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0[0].is_empty()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        match self.0[self.0.len() - 1].first() {
            Some(root) => *root,
            None => Sha256::digest([]).into(),
        }
    }

    /// The siblings from the leaf up; a lifted node has none on that level.
    pub fn path(&self, index: usize) -> Option<Vec<Hash>> {
        if index >= self.len() {
            return None;
        }
        let path = self.0.iter().enumerate();
        Some(path.filter_map(|(up, level)| level.get((index >> up) ^ 1).copied()).collect())
    }
}

fn lift(level: &[Hash]) -> Vec<Hash> {
    let pair = |pair: &[Hash]| match pair {
        [left, right] => inner_hash(left, right),
        rest => rest[0],
    };
    if level.len() >= 2 * PARALLEL_FROM {
        return level.par_chunks(2).map(pair).collect();
    }
    level.chunks(2).map(pair).collect()
}

/// Root over a list.
pub fn root<T: AsRef<[u8]> + Sync>(leaves: &[T]) -> Hash {
    Levels::new(leaf_hashes(leaves)).root()
}

/// Whether `leaf` stands at `index` of a list of `total` leaves with this root.
pub fn verify(root: &[u8], leaf: &[u8], index: u64, total: u64, path: &[&[u8]]) -> bool {
    climb(leaf_hash(leaf), index, total, path).is_ok_and(|found| root == found)
}

/// The root that a path leads to. The list's shape says on every level where the sibling stands.
fn climb(leaf: Hash, index: u64, total: u64, path: &[&[u8]]) -> Outcome<Hash> {
    if index >= total || path.len() > MAX_PATH {
        return refuse("the index is outside the list");
    }
    let mut siblings = path.iter();
    let (mut hash, mut index, mut last) = (leaf, index, total - 1);
    while last > 0 {
        if index % 2 == 1 || index < last {
            let Some(Ok(sibling)) = siblings.next().map(|s| Hash::try_from(*s)) else {
                return refuse("the path is too short, or a sibling is no hash");
            };
            let left = index % 2 == 1;
            hash = if left { inner_hash(&sibling, &hash) } else { inner_hash(&hash, &sibling) };
        }
        index /= 2;
        last /= 2;
    }
    if siblings.next().is_some() {
        return refuse("the path is too long");
    }
    Ok(hash)
}
