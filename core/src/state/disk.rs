//! The store on disk: fjall, a log-structured merge tree. Why: docs/decisions/store.md.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fjall::{
    AbstractTree, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode,
};
use parking_lot::Mutex;

use super::range::{Row, Scan};
use super::store::{Batch, Head, Loaded, Part, Pruned, Store};
use crate::fault::{refuse, Fault, Outcome};

const HEAD: &[u8] = b"head";
/// The journal is replayed on opening; this bounds how long that takes.
const JOURNAL_BYTES: u64 = 192 * 1024 * 1024;
const MEMTABLE_BYTES: u64 = 32 * 1024 * 1024;
/// Larger values stand in files of their own and are not copied when the tree is tidied.
const SEPARATE_FROM: u32 = 4096;

/// How often the files are gone over to give room back, and a key that nothing ever has.
const RECLAIM_PASSES: usize = 3;
const NO_KEY: &[u8] = &[0xff; 8];

/// A ledger's files in one folder.
pub struct DiskStore {
    database: Database,
    rows: Keyspace,
    blocks: Keyspace,
    index: Keyspace,
    meta: Keyspace,
    witness: Mutex<File>,
    path: PathBuf,
}

fn fault(e: impl std::fmt::Display) -> Fault {
    Fault(format!("the store: {e}"))
}

fn height_key(height: i64) -> [u8; 8] {
    height.to_be_bytes()
}

impl DiskStore {
    /// Open or create the store in a folder.
    pub fn open(path: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(path).map_err(fault)?;
        let database = Database::builder(path.join("rows"))
            .max_journaling_size(JOURNAL_BYTES)
            .cache_size(16 * 1024 * 1024)
            .worker_threads(2)
            .open()
            .map_err(|e| match e {
                fjall::Error::Locked => Fault::new("the store is open in another process"),
                other => fault(other),
            })?;
        let small = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        let large = || {
            let apart = KvSeparationOptions::default().separation_threshold(SEPARATE_FROM);
            small().with_kv_separation(Some(apart))
        };
        let witness = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join("height"))
            .map_err(fault)?;
        Ok(DiskStore {
            rows: database.keyspace("rows", small).map_err(fault)?,
            blocks: database.keyspace("blocks", large).map_err(fault)?,
            index: database.keyspace("index", small).map_err(fault)?,
            meta: database.keyspace("meta", small).map_err(fault)?,
            witness: Mutex::new(witness),
            path: path.to_path_buf(),
            database,
        })
    }

    /// The head and every row, in order of key; None for a new store.
    pub fn load(&self) -> Outcome<Option<(Head, Vec<Loaded>)>> {
        let head = self.meta.get(HEAD).map_err(fault)?;
        let head = head.map(|raw| Head::decode(&raw)).transpose()?;
        self.check_witness(head.map_or(-1, |head| head.height))?;
        let Some(head) = head else { return Ok(None) };
        // After a power failure it may be older than the store: from here on the two are held equal.
        self.bear_witness(head.height)?;
        let mut rows = Vec::with_capacity(usize::try_from(head.rows).unwrap_or(0).min(1 << 28));
        for row in self.rows.iter() {
            let (key, value) = row.into_inner().map_err(fault)?;
            rows.push((Arc::from(&key[..]), Box::from(&value[..])));
        }
        Ok(Some((head, rows)))
    }

    /// The journal ends at the first damaged byte, which looks like a torn last record. The witness
    /// was written after each commit, so blocks that it saw and the journal lost were damaged.
    fn check_witness(&self, height: i64) -> Outcome<()> {
        let mut seen = [0; 8];
        let mut file = self.witness.lock();
        if file.read_exact(&mut seen).is_ok() && i64::from_be_bytes(seen) > height {
            let seen = i64::from_be_bytes(seen);
            return refuse(format!(
                "the store is damaged: it ends at block {height}, but block {seen} was acknowledged"
            ));
        }
        Ok(())
    }

    fn bear_witness(&self, height: i64) -> Outcome<()> {
        let mut file = self.witness.lock();
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        file.write_all(&height.to_be_bytes()).map_err(fault)
    }
}

impl Store for DiskStore {
    fn commit(&self, batch: &Batch<'_>) -> Outcome<()> {
        let mut writes = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in &batch.rows {
            match value {
                Some(value) => writes.insert(&self.rows, *key, *value),
                None => writes.remove(&self.rows, *key),
            }
        }
        for (height, record) in batch.blocks {
            writes.insert(&self.blocks, height_key(*height), *record);
        }
        for (key, value) in batch.index {
            writes.insert(&self.index, *key, *value);
        }
        writes.insert(&self.meta, HEAD, batch.head.encode());
        writes.commit().map_err(fault)?;
        self.bear_witness(batch.head.height)
    }

    fn annotate(&self, index: &[(&[u8], &[u8])], blocks: &[(i64, &[u8])]) -> Outcome<()> {
        let mut writes = self.database.batch();
        for (height, record) in blocks {
            writes.insert(&self.blocks, height_key(*height), *record);
        }
        for (key, value) in index {
            writes.insert(&self.index, *key, *value);
        }
        writes.commit().map_err(fault)
    }

    fn block(&self, height: i64) -> Outcome<Option<Vec<u8>>> {
        Ok(self.blocks.get(height_key(height)).map_err(fault)?.map(|raw| raw.to_vec()))
    }

    fn block_from(&self, height: i64) -> Outcome<i64> {
        let Some(first) = self.blocks.range(height_key(height.max(0))..).next() else {
            return Ok(-1);
        };
        let key = first.key().map_err(fault)?;
        let key = <[u8; 8]>::try_from(&key[..]).map_err(fault)?;
        Ok(i64::from_be_bytes(key))
    }

    fn prune(&self, pruned: &Pruned<'_>) -> Outcome<()> {
        let mut writes = self.database.batch();
        for height in pruned.blocks {
            writes.remove(&self.blocks, height_key(*height));
        }
        for key in pruned.gone {
            writes.remove(&self.index, *key);
        }
        for (key, value) in pruned.index {
            writes.insert(&self.index, *key, *value);
        }
        writes.commit().map_err(fault)
    }

    fn reclaim(&self) -> Outcome<()> {
        for keyspace in [&self.blocks, &self.index] {
            // A pass finds what no row points to any more, the next lets go of it, and what reads
            // began before is over by the one after that. Only what was written is passed over.
            for _ in 0..RECLAIM_PASSES {
                keyspace.remove(NO_KEY).map_err(fault)?;
                keyspace.rotate_memtable_and_wait().map_err(fault)?;
                keyspace.major_compact().map_err(fault)?;
            }
        }
        Ok(())
    }

    fn index_get(&self, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        Ok(self.index.get(key).map_err(fault)?.map(|raw| raw.to_vec()))
    }

    fn index_scan(&self, scan: &Scan<'_>) -> Outcome<Vec<Row>> {
        let Some(bounds) = scan.bounds() else { return Ok(Vec::new()) };
        let rows = self.index.range::<Vec<u8>, _>(bounds).take(scan.limit);
        rows.map(|row| {
            let (key, value) = row.into_inner().map_err(fault)?;
            Ok((key.to_vec(), value.to_vec()))
        })
        .collect()
    }

    fn kept(&self) -> Outcome<Vec<Part>> {
        let mut kept = vec![Part::Witness(self.path.join("height"))];
        for tree in [&self.rows, &self.blocks, &self.index, &self.meta].map(|one| &one.tree) {
            let version = tree.current_version();
            let tables = version.iter_tables().map(|one| (one.path.to_path_buf(), one.checksum()));
            let values = version.blob_files.iter();
            let values = values.map(|one| (one.path().to_path_buf(), one.checksum()));
            let files = tables.chain(values);
            kept.extend(files.map(|(path, sum)| Part::Whole(path, sum.into_u128())));
            kept.push(Part::List(tree.tree_config().path.clone()));
        }
        for entry in std::fs::read_dir(self.path.join("rows")).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.extension().is_some_and(|ending| ending == "jnl") {
                kept.push(Part::Journal(path));
            }
        }
        Ok(kept)
    }

    fn write_out(&self) -> Outcome<()> {
        self.database.persist(PersistMode::Buffer).map_err(fault)
    }

    fn file_bytes(&self) -> u64 {
        self.database.disk_space().unwrap_or(0)
    }
}
