//! The ledger's state: newest rows and tree in memory, older versions by what they replaced.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};
use rayon::prelude::*;

use super::disk::{DiskStore, Loaded};
use super::draft::{Draft, Overlay};
use super::proof::{prove, Proof};
use super::range::Scan;
use super::rows::Rows;
use super::store::{Batch, Head, MemoryStore, Pruned, Store};
use super::tree::{apply, build, first_wrong, root, Change, Leaf, Tree, EMPTY_ROOT};
use crate::fault::{refuse, Fault, Outcome};
use crate::merkle::Hash;
use crate::signatures::sha256;

/// So many newest versions keep their tree; older ones are rebuilt from what was replaced since.
const TREES_KEPT: usize = 4;

/// What a draft's writes amount to.
pub struct Staged {
    edits: u64,
    changes: Vec<Change>,
    replaced: Vec<Change>,
    tree: Tree,
    root: Hash,
}

/// One committed version.
struct Version {
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
    generation: u64,
    versions: VecDeque<Version>,
}

/// A state and its store. Readers share it with the one that commits.
pub struct Ledger {
    latest: RwLock<Latest>,
    store: RwLock<Option<Box<dyn Store>>>,
    committing: Mutex<()>,
    keep_versions: usize,
}

impl Ledger {
    /// Open a store, or one in memory alone.
    pub fn open(path: Option<&Path>, keep_versions: usize) -> Outcome<Arc<Self>> {
        let Some(path) = path else {
            return Ok(Self::with(Box::<MemoryStore>::default(), Latest::empty(), keep_versions));
        };
        let store = DiskStore::open(path)?;
        let latest = match store.load()? {
            None => Latest::empty(),
            Some((head, rows)) => Latest::load(head, rows)?,
        };
        Ok(Self::with(Box::new(store), latest, keep_versions))
    }

    fn with(store: Box<dyn Store>, latest: Latest, keep_versions: usize) -> Arc<Self> {
        Arc::new(Ledger {
            latest: RwLock::new(latest),
            store: RwLock::new(Some(store)),
            committing: Mutex::new(()),
            keep_versions: keep_versions.max(1),
        })
    }

    /// The newest version, for reading. Hold it briefly: a commit waits for it.
    pub fn latest(&self) -> RwLockReadGuard<'_, Latest> {
        self.latest.read()
    }

    /// Do something with the store.
    pub fn with_store<T>(&self, work: impl FnOnce(&dyn Store) -> Outcome<T>) -> Outcome<T> {
        match self.store.read().as_deref() {
            Some(store) => work(store),
            None => refuse("the state is closed"),
        }
    }

    /// Nothing is committed while this is held.
    pub(super) fn committing(&self) -> MutexGuard<'_, ()> {
        self.committing.lock()
    }

    /// Let go of the store's files.
    pub fn close(&self) {
        let _finished = self.committing.lock();
        self.store.write().take();
    }

    /// A new draft.
    pub fn draft(self: &Arc<Self>) -> Draft {
        let generation = self.latest().generation;
        Draft { ledger: self.clone(), generation, overlay: Overlay::default(), staged: None }
    }

    /// Compute the tree that a draft gives, or find it computed; its root.
    pub fn stage(&self, draft: &mut Draft) -> Outcome<Hash> {
        if !std::ptr::eq(self, &*draft.ledger) {
            return refuse("the draft belongs to another state");
        }
        let (tree, changes, replaced) = {
            let latest = self.latest();
            if latest.generation != draft.generation {
                return refuse("something was committed since the draft was made");
            }
            if let Some(staged) = &draft.staged {
                if staged.edits == draft.overlay.edits() {
                    return Ok(staged.root);
                }
            }
            let (changes, replaced) = changes_of(&draft.overlay, &latest.rows);
            (latest.tree.clone(), changes, replaced)
        };
        let tree = apply(&tree, &changes);
        let root = root(&tree);
        let edits = draft.overlay.edits();
        draft.staged = Some(Staged { edits, changes, replaced, tree, root });
        Ok(root)
    }

    /// Make a draft, blocks and index rows durable, then visible.
    pub fn commit(
        &self,
        draft: &mut Draft,
        blocks: &[(i64, &[u8])],
        index: &[(&[u8], &[u8])],
    ) -> Outcome<Hash> {
        let _alone = self.committing.lock();
        if draft.overlay.depth() > 0 {
            return refuse("the draft has open savepoints");
        }
        let (first, last) = self.check_heights(blocks)?;
        self.stage(draft)?;
        let Some(staged) = draft.staged.take() else { return refuse("the draft is not staged") };
        let rows = row_writes(&staged);
        let grown = staged.changes.iter().filter(|change| change.leaf.is_some()).count();
        let gone = staged.replaced.iter().filter(|change| change.leaf.is_some()).count();
        let count = (self.latest().rows.len() + grown - gone) as u64;
        let head = Head { height: last, rows: count, root: staged.root };
        self.with_store(|store| store.commit(&Batch { head, rows, blocks, index }))?;
        let root = staged.root;
        let forgotten = self.latest.write().install(staged, first, last, self.keep_versions);
        drop(forgotten);
        Ok(root)
    }

    /// Forget block records and index rows; the newest block stays in any case.
    pub fn prune(&self, pruned: &Pruned<'_>) -> Outcome<()> {
        let _alone = self.committing.lock();
        let newest = self.latest().height;
        if pruned.blocks.iter().any(|height| *height >= newest) {
            return refuse(format!("block {newest} is the newest: it cannot be forgotten"));
        }
        self.with_store(|store| store.prune(pruned))
    }

    fn check_heights(&self, blocks: &[(i64, &[u8])]) -> Outcome<(i64, i64)> {
        let newest = self.latest().height;
        let (Some((first, _)), Some((last, _))) = (blocks.first(), blocks.last()) else {
            return refuse("a commit needs at least one block");
        };
        let in_row = blocks.windows(2).all(|pair| pair[1].0 == pair[0].0.saturating_add(1));
        if !in_row || *first < 0 || (newest >= 0 && *first != newest + 1) {
            return refuse(format!("block heights do not follow one another after {newest}"));
        }
        Ok((*first, *last))
    }

    /// Hash everything again.
    pub fn verify_integrity(&self) -> Outcome<()> {
        let tree = self.latest().tree.clone();
        match tree.as_ref().and_then(first_wrong) {
            Some(leaf) => refuse(format!("the row {} has changed", hex(&leaf.key))),
            None => Ok(()),
        }
    }

    /// The root at a height.
    pub fn root_at(&self, height: i64) -> Outcome<Hash> {
        let latest = self.latest();
        Ok(latest.versions[latest.version_at(height)?].root)
    }

    /// The value under a key at a height.
    pub fn get_at(&self, height: i64, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let latest = self.latest();
        let at = latest.version_at(height)?;
        let path = sha256(key);
        for version in latest.versions.range(at + 1..) {
            if let Ok(place) = version.replaced.binary_search_by(|one| one.path.cmp(&path)) {
                let leaf = version.replaced[place].leaf.as_ref();
                return Ok(leaf.map(|leaf| leaf.value.to_vec()));
            }
        }
        Ok(latest.rows.get(key).map(|leaf| leaf.value.to_vec()))
    }

    /// Prove a key at a height, or in the newest version.
    pub fn prove(&self, key: &[u8], height: Option<i64>) -> Outcome<Proof> {
        let Some(height) = height else { return Ok(prove(&self.latest().tree.clone(), key)) };
        let (tree, changes) = self.latest().way_to(height)?;
        Ok(prove(&apply(&tree, &changes), key))
    }

    /// Heights whose version is kept.
    pub fn versions(&self) -> Vec<i64> {
        let latest = self.latest();
        latest.versions.iter().flat_map(|version| version.first..=version.last).collect()
    }

    /// Number of rows kept for older versions.
    pub fn replaced_rows(&self) -> usize {
        self.latest().versions.iter().map(|version| version.replaced.len()).sum()
    }

    /// A new ledger of given rows, which have to give a root.
    pub fn import(
        path: Option<&Path>,
        rows: Vec<Loaded>,
        head: Head,
        blocks: &[(i64, &[u8])],
    ) -> Outcome<Arc<Self>> {
        if blocks.last().is_some_and(|(height, _)| *height != head.height) {
            return refuse("the last block has another height than the snapshot");
        }
        let latest = Latest::load(head, rows)?;
        let store: Box<dyn Store> = match path {
            None => Box::<MemoryStore>::default(),
            Some(path) => {
                let store = DiskStore::open(path)?;
                if store.load()?.is_some() {
                    return refuse("there is a state already");
                }
                Box::new(store)
            }
        };
        let everything = Scan { prefix: b"", after: None, limit: usize::MAX, reverse: false };
        let rows = latest.rows.scan(&everything).map(|(key, value)| (key, Some(value))).collect();
        store.commit(&Batch { head, rows, blocks, index: &[] })?;
        Ok(Self::with(store, latest, 100))
    }
}

impl Latest {
    fn empty() -> Self {
        Latest {
            rows: Rows::default(),
            tree: None,
            height: -1,
            generation: 0,
            versions: VecDeque::new(),
        }
    }

    /// Rebuild the tree over loaded rows, which are in order of key, and compare the root.
    fn load(head: Head, rows: Vec<Loaded>) -> Outcome<Self> {
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

    fn version_at(&self, height: i64) -> Outcome<usize> {
        let at = self.versions.partition_point(|version| version.last < height);
        match self.versions.get(at) {
            Some(version) if version.first <= height => Ok(at),
            _ => Err(Fault(format!("the version of height {height} is not kept"))),
        }
    }

    /// A tree near a height, and the changes that lead back to it.
    fn way_to(&self, height: i64) -> Outcome<(Tree, Vec<Change>)> {
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
    fn install(&mut self, staged: Staged, first: i64, last: i64, keep: usize) -> Vec<Version> {
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
fn changes_of(overlay: &Overlay, rows: &Rows) -> (Vec<Change>, Vec<Change>) {
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

/// What the store has to write, in order of key: a sorted batch costs it a third of a random one.
fn row_writes(staged: &Staged) -> Vec<(&[u8], Option<&[u8]>)> {
    let both = staged.changes.iter().zip(&staged.replaced);
    let writes = both.filter_map(|(change, before)| match (&change.leaf, &before.leaf) {
        (Some(leaf), _) => Some((&leaf.key[..], Some(&leaf.value[..]))),
        (None, before) => before.as_ref().map(|leaf| (&leaf.key[..], None)),
    });
    let mut writes: Vec<_> = writes.collect();
    writes.par_sort_unstable_by_key(|(key, _)| *key);
    writes
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
