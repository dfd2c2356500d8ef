//! Newest rows and tree in memory, older versions by what was replaced since.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rayon::prelude::*;

use super::overlay::Overlay;
use super::rows::Rows;
use super::store::{Head, Loaded};
use super::tree::{build, root, Change, Leaf, Tree, EMPTY_ROOT};
use crate::fault::{refuse, Fault, Outcome};
use crate::merkle::Hash;
use crate::signatures::sha256;

/// So many newest versions keep their tree; older ones are rebuilt from what was replaced since.
const TREES_KEPT: usize = 4;

/// What a draft's writes amount to.
pub struct Staged {
    /// The edits of the overlay whose writes these are.
    pub edits: u64,
    /// What is written, by path.
    pub changes: Vec<Change>,
    /// What stood there before, by path.
    pub replaced: Vec<Change>,
    /// The tree afterwards.
    pub tree: Tree,
    /// Its root.
    pub root: Hash,
}

impl Staged {
    /// What the store has to write, in order of key: a sorted batch costs it a third of a random
    /// one.
    pub fn row_writes(&self) -> Vec<(&[u8], Option<&[u8]>)> {
        let both = self.changes.iter().zip(&self.replaced);
        let writes = both.filter_map(|(change, before)| match (&change.leaf, &before.leaf) {
            (Some(leaf), _) => Some((&leaf.key[..], Some(&leaf.value[..]))),
            (None, before) => before.as_ref().map(|leaf| (&leaf.key[..], None)),
        });
        let mut writes: Vec<_> = writes.collect();
        writes.par_sort_unstable_by_key(|(key, _)| *key);
        writes
    }
}

/// One committed version.
pub struct Version {
    first: i64,
    last: i64,
    root: Hash,
    tree: Option<Tree>,
    replaced: Vec<Change>,
}

/// The newest version and the way back to older ones.
pub struct Latest {
    /// Rows of the newest version.
    pub rows: Rows,
    /// Its tree.
    pub tree: Tree,
    /// Its height; -1 before the first commit.
    pub height: i64,
    /// Grows with every commit.
    pub generation: u64,
    versions: VecDeque<Version>,
}

impl Latest {
    /// Before the first commit.
    pub fn empty() -> Self {
        Latest {
            rows: Rows::default(),
            tree: None,
            height: -1,
            generation: 0,
            versions: VecDeque::new(),
        }
    }

    /// Rebuild the tree over loaded rows, which are in order of key, and compare the root.
    pub fn load(head: Head, rows: Vec<Loaded>) -> Outcome<Self> {
        let keys: Vec<Arc<[u8]>> = rows.iter().map(|(key, _)| key.clone()).collect();
        if keys.windows(2).any(|pair| pair[0] >= pair[1]) {
            return refuse("rows are out of order");
        }
        let mut changes: Vec<Change> = rows
            .into_par_iter()
            .map(|(key, value)| {
                let path = sha256(&key);
                Change { path, leaf: Some(Leaf::new(key, value, &path)) }
            })
            .collect();
        changes.par_sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let tree = build(&changes);
        if root(&tree) != head.root || changes.len() as u64 != head.rows {
            return refuse(format!(
                "the rows of height {} do not give the root that was stored with them: \
                 the store has been altered",
                head.height
            ));
        }
        let rows = Rows::load(changes.iter().filter_map(|c| c.leaf.clone()), keys);
        let version = Version {
            first: head.height,
            last: head.height,
            root: head.root,
            tree: Some(tree.clone()),
            replaced: Vec::new(),
        };
        let versions = VecDeque::from([version]);
        Ok(Latest { rows, tree, height: head.height, generation: 0, versions })
    }

    /// The newest root.
    pub fn root(&self) -> Hash {
        self.tree.as_ref().map_or(EMPTY_ROOT, |node| node.hash())
    }

    /// The root at a height.
    pub fn root_at(&self, height: i64) -> Outcome<Hash> {
        Ok(self.versions[self.version_at(height)?].root)
    }

    /// The value under a key at a height.
    pub fn get_at(&self, height: i64, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let at = self.version_at(height)?;
        let path = sha256(key);
        for version in self.versions.range(at + 1..) {
            if let Ok(place) = version.replaced.binary_search_by(|one| one.path.cmp(&path)) {
                let leaf = version.replaced[place].leaf.as_ref();
                return Ok(leaf.map(|leaf| leaf.value.to_vec()));
            }
        }
        Ok(self.rows.get(key).map(|leaf| leaf.value.to_vec()))
    }

    /// Heights whose version is kept.
    pub fn heights(&self) -> Vec<i64> {
        self.versions.iter().flat_map(|version| version.first..=version.last).collect()
    }

    /// Number of rows kept for older versions.
    pub fn replaced_rows(&self) -> usize {
        self.versions.iter().map(|version| version.replaced.len()).sum()
    }

    fn version_at(&self, height: i64) -> Outcome<usize> {
        let at = self.versions.partition_point(|version| version.last < height);
        match self.versions.get(at) {
            Some(version) if version.first <= height => Ok(at),
            _ => Err(Fault(format!("the version of height {height} is not kept"))),
        }
    }

    /// A tree near a height, and the changes that lead back to it.
    pub fn way_to(&self, height: i64) -> Outcome<(Tree, Vec<Change>)> {
        let at = self.version_at(height)?;
        let mut back: BTreeMap<Hash, Change> = BTreeMap::new();
        let mut tree = self.tree.clone();
        for (place, version) in self.versions.iter().enumerate().skip(at) {
            if let Some(kept) = &version.tree {
                tree = kept.clone();
                break;
            }
            let Some(next) = self.versions.get(place + 1) else { break };
            for change in &next.replaced {
                back.entry(change.path).or_insert_with(|| change.clone());
            }
        }
        Ok((tree, back.into_values().collect()))
    }

    /// Make staged work the newest version; what is forgotten is handed out to be dropped later.
    pub fn install(&mut self, staged: Staged, first: i64, last: i64, keep: usize) -> Vec<Version> {
        for (change, before) in staged.changes.iter().zip(&staged.replaced) {
            match (&change.leaf, &before.leaf) {
                (Some(leaf), _) => self.rows.put(leaf.clone()),
                (None, Some(leaf)) => self.rows.remove(&leaf.key),
                (None, None) => {}
            }
        }
        self.tree = staged.tree;
        self.height = last;
        self.generation += 1;
        self.versions.push_back(Version {
            first,
            last,
            root: staged.root,
            tree: Some(self.tree.clone()),
            replaced: staged.replaced,
        });
        if let Some(aged) = self.versions.len().checked_sub(TREES_KEPT + 1) {
            self.versions[aged].tree = None;
        }
        let surplus = self.versions.len().saturating_sub(keep);
        self.versions.drain(..surplus).collect()
    }
}

/// What a draft's writes change, and what stood there before; both sorted by path.
pub fn changes_of(overlay: &Overlay, rows: &Rows) -> (Vec<Change>, Vec<Change>) {
    let writes: Vec<_> = overlay.writes().collect();
    let change = |(key, value): &(&Arc<[u8]>, Option<&[u8]>)| {
        let before = rows.get(key);
        if before.map(|leaf| &leaf.value[..]) == *value {
            return None;
        }
        let path = sha256(key);
        let key = before.map_or_else(|| (*key).clone(), |leaf| leaf.key.clone());
        let leaf = value.map(|value| Leaf::new(key, Box::from(value), &path));
        Some((Change { path, leaf }, Change { path, leaf: before.cloned() }))
    };
    let mut both: Vec<_> = writes.par_iter().with_min_len(256).filter_map(change).collect();
    both.par_sort_unstable_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    both.into_iter().unzip()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
