//! What makes a ledger durable, behind a trait; and the store that is memory alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use super::range::{as_slices, Row, Scan};
use crate::fault::{Fault, Outcome};
use crate::merkle::Hash;

/// A loaded row: key and value.
pub type Loaded = (Arc<[u8]>, Box<[u8]>);

/// A file that the store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Written once; xxh3 of all of it.
    Whole(PathBuf, u128),
    /// Written at its end, a batch at a time.
    Journal(PathBuf),
    /// A folder whose file `current` names the list of its tables, with a checksum.
    List(PathBuf),
    /// The height of the newest block.
    Witness(PathBuf),
}

/// What the store knows of the newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its height.
    pub height: i64,
    /// Number of rows.
    pub rows: u64,
    /// State root.
    pub root: Hash,
}

impl Head {
    /// 48 bytes: height, number of rows, root.
    pub fn encode(&self) -> Vec<u8> {
        [&self.height.to_be_bytes()[..], &self.rows.to_be_bytes(), &self.root].concat()
    }

    /// The inverse of `encode`.
    pub fn decode(raw: &[u8]) -> Outcome<Self> {
        let raw = <[u8; 48]>::try_from(raw).map_err(|_| Fault::new("the head is damaged"))?;
        let (mut height, mut rows, mut root) = ([0; 8], [0; 8], [0; 32]);
        height.copy_from_slice(&raw[..8]);
        rows.copy_from_slice(&raw[8..16]);
        root.copy_from_slice(&raw[16..]);
        let (height, rows) = (i64::from_be_bytes(height), u64::from_be_bytes(rows));
        Ok(Head { height, rows, root })
    }
}

/// Everything that becomes durable together.
pub struct Batch<'a> {
    /// The new head.
    pub head: Head,
    /// Rows written, or removed with None.
    pub rows: Vec<(&'a [u8], Option<&'a [u8]>)>,
    /// Block records by height.
    pub blocks: &'a [(i64, &'a [u8])],
    /// Index rows.
    pub index: &'a [(&'a [u8], &'a [u8])],
}

/// What is forgotten together.
pub struct Pruned<'a> {
    /// Heights of block records.
    pub blocks: &'a [i64],
    /// Keys of index rows.
    pub gone: &'a [&'a [u8]],
    /// Index rows that stay instead.
    pub index: &'a [(&'a [u8], &'a [u8])],
}

/// A place that keeps what a ledger commits.
pub trait Store: Send + Sync {
    /// Make a batch durable: all of it or nothing, at any instant.
    fn commit(&self, batch: &Batch<'_>) -> Outcome<()>;
    /// Write index rows and older block records that belong to no new block; they become durable
    /// with the next commit.
    fn annotate(&self, index: &[(&[u8], &[u8])], blocks: &[(i64, &[u8])]) -> Outcome<()>;
    /// The block record at a height.
    fn block(&self, height: i64) -> Outcome<Option<Vec<u8>>>;
    /// Height of the first block record at or above a height; -1 where there is none.
    fn block_from(&self, height: i64) -> Outcome<i64>;
    /// Forget block records and index rows, and write others, all of it or nothing at any instant.
    /// It becomes durable with the next commit: what comes back before it is forgotten again.
    fn prune(&self, pruned: &Pruned<'_>) -> Outcome<()>;
    /// Give the room of what was forgotten back to the file system.
    fn reclaim(&self) -> Outcome<()>;
    /// An index row.
    fn index_get(&self, key: &[u8]) -> Outcome<Option<Vec<u8>>>;
    /// Index rows in order.
    fn index_scan(&self, scan: &Scan<'_>) -> Outcome<Vec<Row>>;
    /// Size of the files.
    fn file_bytes(&self) -> u64;
    /// The files that a scrub reads again.
    fn kept(&self) -> Outcome<Vec<Part>> {
        Ok(Vec::new())
    }
    /// Hand to the system what waits in buffers; nothing becomes more durable than it was.
    fn write_out(&self) -> Outcome<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Kept {
    blocks: BTreeMap<i64, Vec<u8>>,
    index: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// A store that forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryStore(Mutex<Kept>);

impl Store for MemoryStore {
    fn commit(&self, batch: &Batch<'_>) -> Outcome<()> {
        let mut kept = self.0.lock();
        kept.blocks.extend(batch.blocks.iter().map(|(height, raw)| (*height, raw.to_vec())));
        kept.index.extend(batch.index.iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
        Ok(())
    }

    fn annotate(&self, index: &[(&[u8], &[u8])], blocks: &[(i64, &[u8])]) -> Outcome<()> {
        let mut kept = self.0.lock();
        kept.blocks.extend(blocks.iter().map(|(height, raw)| (*height, raw.to_vec())));
        kept.index.extend(index.iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
        Ok(())
    }

    fn block(&self, height: i64) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.lock().blocks.get(&height).cloned())
    }

    fn block_from(&self, height: i64) -> Outcome<i64> {
        Ok(self.0.lock().blocks.range(height..).next().map_or(-1, |(found, _)| *found))
    }

    fn prune(&self, pruned: &Pruned<'_>) -> Outcome<()> {
        let mut kept = self.0.lock();
        for height in pruned.blocks {
            kept.blocks.remove(height);
        }
        for key in pruned.gone {
            kept.index.remove(*key);
        }
        let rows = pruned.index.iter().map(|(key, value)| (key.to_vec(), value.to_vec()));
        kept.index.extend(rows);
        Ok(())
    }

    fn reclaim(&self) -> Outcome<()> {
        Ok(())
    }

    fn index_get(&self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.lock().index.get(key).cloned())
    }

    fn index_scan(&self, scan: &Scan<'_>) -> Outcome<Vec<Row>> {
        let Some(bounds) = scan.bounds() else { return Ok(Vec::new()) };
        let kept = self.0.lock();
        let rows = kept.index.range::<[u8], _>(as_slices(&bounds)).take(scan.limit);
        Ok(rows.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn file_bytes(&self) -> u64 {
        0
    }
}
