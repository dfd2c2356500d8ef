//! Proofs that a row is there, or is not: existence proofs, and pairs of neighbours, as in ICS-23.

use super::tree::{bit_at, leaf_hash, Leaf, Node, Tree, EMPTY_ROOT};
use crate::merkle::{inner_hash, Hash};
use crate::signatures::sha256;

/// No path has more branchings than bits.
const MAX_STEPS: usize = 256;

/// One step up: whether the sibling stands on the left, and its hash.
pub type Step = (bool, Hash);

/// A row and the steps from its leaf to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existence {
    /// Raw key.
    pub key: Vec<u8>,
    /// Raw value.
    pub value: Vec<u8>,
    /// Siblings, bottom-up.
    pub steps: Vec<Step>,
}

/// Existence, or absence by the neighbours in the order of paths; all None for the empty tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The row itself.
    pub exists: Option<Existence>,
    /// The last row before.
    pub left: Option<Existence>,
    /// The first row after.
    pub right: Option<Existence>,
}

impl Existence {
    fn new(leaf: &Leaf, mut steps: Vec<Step>) -> Self {
        steps.reverse();
        Existence { key: leaf.key.to_vec(), value: leaf.value.to_vec(), steps }
    }

    /// The root that this row and its steps lead to, if the sides follow the key's path.
    fn root(&self) -> Option<Hash> {
        if self.steps.len() > MAX_STEPS {
            return None;
        }
        let leaf = leaf_hash(&sha256(&self.key), &self.value);
        Some(self.steps.iter().fold(leaf, |hash, (on_left, sibling)| {
            if *on_left {
                inner_hash(sibling, &hash)
            } else {
                inner_hash(&hash, sibling)
            }
        }))
    }
}

/// The outermost row of a subtree, with the steps to it added to `steps` (top-down).
fn outermost(node: &Node, rightmost: bool, mut steps: Vec<Step>) -> Existence {
    let mut node = node;
    loop {
        match node {
            Node::Leaf(leaf) => return Existence::new(leaf, steps),
            Node::Inner(inner) if rightmost => {
                steps.push((true, inner.left.hash()));
                node = &inner.right;
            }
            Node::Inner(inner) => {
                steps.push((false, inner.right.hash()));
                node = &inner.left;
            }
        }
    }
}

/// Prove that a key is or is not in a tree.
pub fn prove(tree: &Tree, key: &[u8]) -> Proof {
    let path = sha256(key);
    let Some(top) = tree else { return Proof::default() };
    let (mut steps, mut passed) = (Vec::new(), Vec::new());
    let mut node = top;
    let leaf = loop {
        match node {
            Node::Leaf(leaf) => break leaf,
            Node::Inner(inner) => {
                let right = bit_at(&path, inner.bit);
                passed.push((inner, right));
                let (next, sibling) =
                    if right { (&inner.right, &inner.left) } else { (&inner.left, &inner.right) };
                steps.push((right, sibling.hash()));
                node = next;
            }
        }
    };
    if leaf.key[..] == *key {
        return Proof { exists: Some(Existence::new(leaf, steps)), ..Proof::default() };
    }
    // The leaf shares the most bits with the path; the subtree of all rows that share as many
    // stands wholly on one side of the path, and the neighbours are at its edge and next to it.
    let found = leaf.path();
    let Some(bit) = (0..256u16).find(|bit| bit_at(&found, *bit) != bit_at(&path, *bit)) else {
        return Proof::default();
    };
    let depth = passed.iter().take_while(|(inner, _)| inner.bit < bit).count();
    let subtree = match passed.get(depth) {
        Some((inner, _)) => Node::Inner((*inner).clone()),
        None => Node::Leaf(leaf.clone()),
    };
    let before = bit_at(&path, bit);
    let near = outermost(&subtree, before, steps[..depth].to_vec());
    // Beyond the subtree: up to the nearest branching where it turned the other way.
    let turn = passed[..depth].iter().rposition(|(_, right)| *right != before);
    let far = turn.map(|at| {
        let (inner, _) = passed[at];
        let (other, own) =
            if before { (&inner.right, &inner.left) } else { (&inner.left, &inner.right) };
        let mut up = steps[..at].to_vec();
        up.push((before, own.hash()));
        outermost(other, !before, up)
    });
    let (left, right) = if before { (Some(near), far) } else { (far, Some(near)) };
    Proof { exists: None, left, right }
}

/// Whether a proof shows that `key` has `value`, or is absent where `value` is None.
pub fn verify(root: &[u8], key: &[u8], value: Option<&[u8]>, proof: &Proof) -> bool {
    let holds = |one: &Existence| one.root().is_some_and(|found| root == found);
    match (value, &proof.exists) {
        (Some(value), Some(one)) => {
            let alone = proof.left.is_none() && proof.right.is_none();
            alone && one.key == key && one.value == value && holds(one)
        }
        (None, None) => {
            is_absent(root, key, proof) && {
                [&proof.left, &proof.right].into_iter().flatten().all(holds)
            }
        }
        _ => false,
    }
}

fn is_absent(root: &[u8], key: &[u8], proof: &Proof) -> bool {
    let path = sha256(key);
    match (&proof.left, &proof.right) {
        (None, None) => root == EMPTY_ROOT,
        (Some(left), None) => sha256(&left.key) < path && is_edge(&left.steps, true),
        (None, Some(right)) => path < sha256(&right.key) && is_edge(&right.steps, false),
        (Some(left), Some(right)) => {
            sha256(&left.key) < path && path < sha256(&right.key) && are_adjacent(left, right)
        }
    }
}

/// Whether steps lead to the last (first) row of a tree: every sibling stands on the other side.
fn is_edge(steps: &[Step], last: bool) -> bool {
    steps.iter().all(|(on_left, _)| *on_left == last)
}

/// Whether no row stands between two: below their common branching both are at the inner edge.
fn are_adjacent(left: &Existence, right: &Existence) -> bool {
    let mut a = left.steps.iter().rev();
    let mut b = right.steps.iter().rev();
    let mut depth = 0;
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) if x == y => depth += 1,
            (Some((false, _)), Some((true, _))) => break,
            _ => return false,
        }
    }
    let below = |one: &Existence| one.steps.len() - depth - 1;
    is_edge(&left.steps[..below(left)], true) && is_edge(&right.steps[..below(right)], false)
}
