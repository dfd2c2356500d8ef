//! The state tree: a persistent binary Merkle radix tree in which every inner node has two children.
//!
//! A row's path is the SHA-256 of its key, most significant bit first. Leaf hash = SHA-256(0x00 ||
//! path || SHA-256(value)), inner hash = SHA-256(0x01 || left || right), the empty tree is 32 zero
//! bytes. The shape follows from the set of keys alone, so the root never depends on history.
//! Nodes are shared between versions; an update makes new ones on the way to what changed.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::fault::{refuse, Outcome};
use crate::merkle::{inner_hash, Hash};
use crate::signatures::sha256;

/// Root of the tree without rows.
pub const EMPTY_ROOT: Hash = [0; 32];
/// Fewer changes than this below a node are applied on one core.
const PARALLEL_FROM: usize = 512;

/// A row with its hash.
#[derive(Debug)]
pub struct Leaf {
    /// Leaf hash.
    pub hash: Hash,
    /// Raw key, shared by all versions of the row.
    pub key: Arc<[u8]>,
    /// Raw value.
    pub value: Box<[u8]>,
}

impl Leaf {
    /// A leaf whose path is already known.
    pub fn new(key: Arc<[u8]>, value: Box<[u8]>, path: &Hash) -> Arc<Leaf> {
        let hash = leaf_hash(path, &value);
        Arc::new(Leaf { hash, key, value })
    }

    /// SHA-256 of the key. Not kept: 32 bytes a row for what few updates need.
    pub fn path(&self) -> Hash {
        path_of(&self.key)
    }
}

/// Where a key stands.
#[cfg(not(test))]
fn path_of(key: &[u8]) -> Hash {
    sha256(key)
}

/// In tests a key of 32 bytes is its own path: nobody finds SHA-256 values that share 64 bits.
#[cfg(test)]
fn path_of(key: &[u8]) -> Hash {
    Hash::try_from(key).unwrap_or_else(|_| sha256(key))
}

/// Hash of a row from its path and value.
pub fn leaf_hash(path: &Hash, value: &[u8]) -> Hash {
    let mut bytes = [0u8; 65];
    bytes[1..33].copy_from_slice(path);
    bytes[33..].copy_from_slice(&sha256(value));
    Sha256::digest(bytes).into()
}

/// A branching of the tree.
#[derive(Debug)]
pub struct Inner {
    /// Inner hash.
    pub hash: Hash,
    /// Rows with bit 0.
    pub left: Node,
    /// Rows with bit 1.
    pub right: Node,
    /// The first 64 bits of some path below: enough to see almost always where a new row parts.
    prefix: u64,
    /// The bit at which the paths below part; all earlier ones are common.
    pub bit: u16,
}

/// A subtree that is not empty.
#[derive(Debug, Clone)]
pub enum Node {
    /// One row.
    Leaf(Arc<Leaf>),
    /// Two or more.
    Inner(Arc<Inner>),
}

/// A tree, empty or not.
pub type Tree = Option<Node>;

/// A change of one row: its new leaf, or None where it is removed. Lists are sorted by path.
#[derive(Debug, Clone)]
pub struct Change {
    /// SHA-256 of the key.
    pub path: Hash,
    /// The row from now on.
    pub leaf: Option<Arc<Leaf>>,
}

/// Bit `bit` of a path, the most significant first.
pub fn bit_at(path: &Hash, bit: u16) -> bool {
    path[usize::from(bit / 8)] >> (7 - bit % 8) & 1 == 1
}

/// Number of leading bits that two paths share; 256 when they are equal.
fn common_bits(a: &Hash, b: &Hash) -> u16 {
    match a.iter().zip(b).position(|(x, y)| x != y) {
        Some(at) => at as u16 * 8 + (a[at] ^ b[at]).leading_zeros() as u16,
        None => 256,
    }
}

fn head_of(path: &Hash) -> u64 {
    path[..8].iter().fold(0, |head, byte| head << 8 | u64::from(*byte))
}

impl Node {
    /// The subtree's hash.
    pub fn hash(&self) -> Hash {
        match self {
            Node::Leaf(leaf) => leaf.hash,
            Node::Inner(inner) => inner.hash,
        }
    }

    fn prefix(&self) -> u64 {
        match self {
            Node::Leaf(leaf) => head_of(&leaf.path()),
            Node::Inner(inner) => inner.prefix,
        }
    }

    fn first_leaf(&self) -> &Arc<Leaf> {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(leaf) => return leaf,
                Node::Inner(inner) => node = &inner.left,
            }
        }
    }

    fn is(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Leaf(a), Node::Leaf(b)) => Arc::ptr_eq(a, b),
            (Node::Inner(a), Node::Inner(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Inner {
    /// How many leading bits `path` shares with this subtree, at most `self.bit`.
    fn shared_with(&self, path: &Hash) -> u16 {
        let head = (self.prefix ^ head_of(path)).leading_zeros() as u16;
        if head < 64 || self.bit <= 64 {
            return head.min(self.bit);
        }
        let first = Node::first_leaf(&self.left).path();
        common_bits(&first, path).min(self.bit)
    }
}

/// Root of a tree.
pub fn root(tree: &Tree) -> Hash {
    tree.as_ref().map_or(EMPTY_ROOT, Node::hash)
}

fn branch(bit: u16, left: Tree, right: Tree) -> Tree {
    match (left, right) {
        (Some(left), Some(right)) => {
            let hash = inner_hash(&left.hash(), &right.hash());
            let prefix = left.prefix();
            Some(Node::Inner(Arc::new(Inner { hash, left, right, prefix, bit })))
        }
        (left, None) => left,
        (None, right) => right,
    }
}

/// Two pieces of work, on two cores when there is enough of it.
fn both<A: Send, B: Send>(
    amount: usize,
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    if amount >= PARALLEL_FROM {
        return rayon::join(a, b);
    }
    (a(), b())
}

fn split(changes: &[Change], bit: u16) -> (&[Change], &[Change]) {
    changes.split_at(changes.partition_point(|change| !bit_at(&change.path, bit)))
}

/// The tree of the rows that the changes put, over nothing.
pub fn build(changes: &[Change]) -> Tree {
    match changes {
        [] => None,
        [one] => one.leaf.clone().map(Node::Leaf),
        [first, .., last] => {
            let bit = common_bits(&first.path, &last.path);
            let (low, high) = split(changes, bit);
            let (left, right) = both(changes.len(), || build(low), || build(high));
            branch(bit, left, right)
        }
    }
}

/// The tree after changes, which are sorted by path and have distinct paths.
pub fn apply(tree: &Tree, changes: &[Change]) -> Tree {
    match tree {
        _ if changes.is_empty() => tree.clone(),
        None => build(changes),
        Some(Node::Leaf(leaf)) => apply_to_leaf(leaf, changes),
        Some(Node::Inner(inner)) => apply_to_inner(inner, changes),
    }
}

fn apply_to_leaf(leaf: &Arc<Leaf>, changes: &[Change]) -> Tree {
    let path = leaf.path();
    match changes.binary_search_by(|change| change.path.cmp(&path)) {
        Ok(_) => build(changes),
        Err(place) => {
            let mut merged = changes.to_vec();
            merged.insert(place, Change { path, leaf: Some(leaf.clone()) });
            build(&merged)
        }
    }
}

fn apply_to_inner(inner: &Arc<Inner>, changes: &[Change]) -> Tree {
    let (first, last) = (&changes[0].path, &changes[changes.len() - 1].path);
    let shared = inner.shared_with(first).min(inner.shared_with(last));
    let bit = shared.min(inner.bit);
    let (low, high) = split(changes, bit);
    if shared < inner.bit {
        // Some change lies outside: this subtree stands on one side of a new branching.
        let whole = Some(Node::Inner(inner.clone()));
        let inside_is_right = inner.bit_of_prefix(bit);
        let (left, right) = if inside_is_right {
            both(changes.len(), || build(low), || apply(&whole, high))
        } else {
            both(changes.len(), || apply(&whole, low), || build(high))
        };
        return branch(bit, left, right);
    }
    let (old_left, old_right) = (Some(inner.left.clone()), Some(inner.right.clone()));
    let (left, right) = both(changes.len(), || apply(&old_left, low), || apply(&old_right, high));
    let same = |new: &Tree, old: &Node| new.as_ref().is_some_and(|node| node.is(old));
    if same(&left, &inner.left) && same(&right, &inner.right) {
        return Some(Node::Inner(inner.clone()));
    }
    branch(bit, left, right)
}

impl Inner {
    /// Bit `bit` (before `self.bit`) of every path below.
    fn bit_of_prefix(&self, bit: u16) -> bool {
        if bit < 64 {
            return self.prefix >> (63 - bit) & 1 == 1;
        }
        bit_at(&self.left.first_leaf().path(), bit)
    }
}

/// Hash every node again from the values; the first row on a path where something disagrees.
pub fn first_wrong(node: &Node) -> Option<Arc<Leaf>> {
    match node {
        Node::Leaf(leaf) => {
            (leaf_hash(&leaf.path(), &leaf.value) != leaf.hash).then(|| leaf.clone())
        }
        Node::Inner(inner) => {
            let work = if inner.bit < 8 { PARALLEL_FROM } else { 0 };
            let (left, right) =
                both(work, || first_wrong(&inner.left), || first_wrong(&inner.right));
            let hash = inner_hash(&inner.left.hash(), &inner.right.hash());
            let here = || (hash != inner.hash).then(|| node.first_leaf().clone());
            left.or(right).or_else(here)
        }
    }
}

/// Into so many parts a tree is cut to be hashed again bit by bit.
pub const SLICES: usize = 1 << SLICE_BITS;
const SLICE_BITS: u16 = 12;

/// Hash one part of a tree again, and the way down to it; the first row that does not agree.
///
/// Part n holds the paths that begin with the bits of n; a small tree has a row in many of them.
pub fn slice_wrong(tree: &Node, number: usize) -> Option<Arc<Leaf>> {
    let mut node = tree;
    while let Node::Inner(inner) = node {
        if inner.bit >= SLICE_BITS {
            break;
        }
        if inner_hash(&inner.left.hash(), &inner.right.hash()) != inner.hash {
            return Some(node.first_leaf().clone());
        }
        let right = number >> (SLICE_BITS - 1 - inner.bit) & 1 == 1;
        node = if right { &inner.right } else { &inner.left };
    }
    first_wrong(node)
}

/// The root over rows with distinct keys, without a ledger.
pub fn root_of(rows: &[(&[u8], &[u8])]) -> Outcome<Hash> {
    let change = |(key, value): &(&[u8], &[u8])| {
        let path = sha256(key);
        Change { path, leaf: Some(Leaf::new(Arc::from(*key), Box::from(*value), &path)) }
    };
    let mut changes: Vec<Change> = rows.iter().map(change).collect();
    changes.sort_unstable_by_key(|change| change.path);
    if changes.windows(2).any(|pair| pair[0].path == pair[1].path) {
        return refuse("a key stands there twice");
    }
    Ok(root(&build(&changes)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Paths that share up to 250 bits, so that the 64 bits kept in a node decide little.
    fn path(number: u64) -> Hash {
        let mut path = [0xa5; 32];
        path[31] = (number & 7) as u8;
        path[20] ^= (number >> 3 & 1) as u8;
        path[8] ^= (number >> 4 & 3) as u8;
        path[7] ^= (number >> 6 & 1) as u8;
        path
    }

    fn change(number: u64, value: Option<u64>) -> Change {
        let path = path(number);
        let leaf = value.map(|v| Leaf::new(Arc::from(path), Box::from(v.to_be_bytes()), &path));
        Change { path, leaf }
    }

    #[test]
    fn a_tree_of_near_paths_is_the_same_by_any_history() {
        let (mut dice, mut tree) = (7u64, None);
        let mut rows: BTreeMap<Hash, Change> = BTreeMap::new();
        for step in 0..3_000 {
            let mut changes = BTreeMap::new();
            for _ in 0..=step % 5 {
                dice ^= dice << 13;
                dice ^= dice >> 7;
                dice ^= dice << 17;
                let value = (dice >> 40 & 1 == 1).then_some(dice);
                let one = change(dice % 128, value);
                changes.insert(one.path, one);
            }
            let changes: Vec<Change> = changes.into_values().collect();
            for one in &changes {
                match &one.leaf {
                    Some(_) => rows.insert(one.path, one.clone()),
                    None => rows.remove(&one.path),
                };
            }
            tree = apply(&tree, &changes);
            let fresh: Vec<Change> = rows.values().cloned().collect();
            assert_eq!(root(&tree), root(&build(&fresh)), "step {step}");
            assert!(tree.as_ref().and_then(first_wrong).is_none());
        }
    }

    #[test]
    fn an_altered_value_is_found_by_its_key() {
        let changes: Vec<Change> = (0..8).map(|n| change(n, Some(n))).collect();
        let wrong = Leaf { hash: [9; 32], key: Arc::from(path(5)), value: Box::from([1]) };
        let mut altered = changes.clone();
        altered[5].leaf = Some(Arc::new(wrong));
        assert!(build(&changes).as_ref().and_then(first_wrong).is_none());
        let found = build(&altered).as_ref().and_then(first_wrong).map(|leaf| leaf.key.to_vec());
        assert_eq!(found, Some(path(5).to_vec()));
        let sliced = |tree: &Tree| {
            let tree = tree.as_ref()?;
            (0..SLICES).find_map(|number| slice_wrong(tree, number)).map(|leaf| leaf.key.to_vec())
        };
        assert_eq!(sliced(&build(&changes)), None);
        assert_eq!(sliced(&build(&altered)), Some(path(5).to_vec()));
    }
}
