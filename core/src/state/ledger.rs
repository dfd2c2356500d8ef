//! The ledger: its versions in memory, its store, and the drafts that become new versions.

use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};

use super::disk::DiskStore;
use super::overlay::Overlay;
use super::proof::{prove, Proof};
use super::range::Scan;
use super::store::{Batch, Head, Loaded, MemoryStore, Pruned, Store};
use super::tree::{apply, first_wrong, root};
use super::versions::{changes_of, hex, Latest, Staged};
use crate::fault::{refuse, Outcome};
use crate::merkle::Hash;

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
        let rows = staged.row_writes();
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
        self.latest().root_at(height)
    }

    /// The value under a key at a height.
    pub fn get_at(&self, height: i64, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        self.latest().get_at(height, key)
    }

    /// Prove a key at a height, or in the newest version.
    pub fn prove(&self, key: &[u8], height: Option<i64>) -> Outcome<Proof> {
        let Some(height) = height else { return Ok(prove(&self.latest().tree.clone(), key)) };
        let (tree, changes) = self.latest().way_to(height)?;
        Ok(prove(&apply(&tree, &changes), key))
    }

    /// Heights whose version is kept.
    pub fn versions(&self) -> Vec<i64> {
        self.latest().heights()
    }

    /// Number of rows kept for older versions.
    pub fn replaced_rows(&self) -> usize {
        self.latest().replaced_rows()
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

/// A draft: writes over the version of the ledger that it stands on.
pub struct Draft {
    /// The ledger below.
    pub ledger: Arc<Ledger>,
    /// The version below; another one makes the draft stale.
    pub generation: u64,
    /// The writes.
    pub overlay: Overlay,
    /// The tree that the writes give, when it was computed.
    pub staged: Option<Staged>,
}
