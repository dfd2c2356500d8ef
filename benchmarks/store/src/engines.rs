//! The rivals behind one trait.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

type Rows = [(Vec<u8>, Vec<u8>)];

/// What is measured.
pub trait Engine {
    /// One block: rows and record durable together.
    fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]);
    /// Read every row, as a restart does; their number.
    fn load(&mut self) -> usize;
}

/// Open an engine by name.
pub fn open(name: &str, directory: &Path) -> Box<dyn Engine> {
    std::fs::create_dir_all(directory).unwrap();
    match name {
        "fjall" => Box::new(Fjall::open(directory)),
        "redb" => Box::new(Redb::open(directory)),
        "lmdb" => Box::new(Lmdb::open(directory)),
        "log" => Box::new(Log::open(directory)),
        #[cfg(feature = "rocks")]
        "rocksdb" => Box::new(rocks::Rocks::open(directory)),
        other => panic!("no engine is called {other}"),
    }
}

struct Fjall {
    database: fjall::Database,
    rows: fjall::Keyspace,
    blocks: fjall::Keyspace,
}

impl Fjall {
    fn open(directory: &Path) -> Self {
        let database = fjall::Database::builder(directory)
            .max_journaling_size(192 << 20)
            .worker_threads(2)
            .open()
            .unwrap();
        let small = || fjall::KeyspaceCreateOptions::default().max_memtable_size(32 << 20);
        let apart = || small().with_kv_separation(Some(Default::default()));
        let rows = database.keyspace("rows", small).unwrap();
        let blocks = database.keyspace("blocks", apart).unwrap();
        Fjall { database, rows, blocks }
    }
}

impl Engine for Fjall {
    fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]) {
        let mut batch = self.database.batch().durability(Some(fjall::PersistMode::SyncData));
        for (key, value) in rows {
            batch.insert(&self.rows, key.as_slice(), value.as_slice());
        }
        batch.insert(&self.blocks, height.to_be_bytes(), block);
        batch.commit().unwrap();
    }

    fn load(&mut self) -> usize {
        self.rows.iter().map(|row| row.into_inner().unwrap()).count()
    }
}

const REDB_ROWS: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("rows");
const REDB_BLOCKS: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("blocks");

struct Redb(redb::Database);

impl Redb {
    fn open(directory: &Path) -> Self {
        Redb(redb::Database::create(directory.join("data.redb")).unwrap())
    }
}

impl Engine for Redb {
    fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]) {
        let write = self.0.begin_write().unwrap();
        {
            let mut table = write.open_table(REDB_ROWS).unwrap();
            for (key, value) in rows {
                table.insert(key.as_slice(), value.as_slice()).unwrap();
            }
            write.open_table(REDB_BLOCKS).unwrap().insert(height, block).unwrap();
        }
        write.commit().unwrap();
    }

    fn load(&mut self) -> usize {
        use redb::{ReadableDatabase, ReadableTable};
        let table = self.0.begin_read().unwrap().open_table(REDB_ROWS).unwrap();
        table.iter().unwrap().map(|row| row.unwrap().1.value().len()).count()
    }
}

type Raw = heed::Database<heed::types::Bytes, heed::types::Bytes>;

struct Lmdb {
    env: heed::Env,
    rows: Raw,
    blocks: Raw,
}

impl Lmdb {
    fn open(directory: &Path) -> Self {
        let mut options = heed::EnvOpenOptions::new();
        options.map_size(16 << 30).max_dbs(2);
        // heed declares this unsafe because others could change the mapped file; here nobody does.
        let env = unsafe { options.open(directory).unwrap() };
        let mut write = env.write_txn().unwrap();
        let rows = env.create_database(&mut write, Some("rows")).unwrap();
        let blocks = env.create_database(&mut write, Some("blocks")).unwrap();
        write.commit().unwrap();
        Lmdb { env, rows, blocks }
    }
}

impl Engine for Lmdb {
    fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]) {
        let mut write = self.env.write_txn().unwrap();
        for (key, value) in rows {
            self.rows.put(&mut write, key, value).unwrap();
        }
        self.blocks.put(&mut write, &height.to_be_bytes(), block).unwrap();
        write.commit().unwrap();
    }

    fn load(&mut self) -> usize {
        let read = self.env.read_txn().unwrap();
        let rows = self.rows.iter(&read).unwrap();
        rows.map(|row| row.unwrap().1.len()).count()
    }
}

/// The floor: one append and one sync, nothing that could be read by key.
struct Log(File);

impl Log {
    fn open(directory: &Path) -> Self {
        let path = directory.join("log");
        Log(OpenOptions::new().create(true).append(true).open(path).unwrap())
    }
}

impl Engine for Log {
    fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]) {
        let mut record = height.to_be_bytes().to_vec();
        for (key, value) in rows {
            record.extend_from_slice(key);
            record.extend_from_slice(value);
        }
        record.extend_from_slice(block);
        self.0.write_all(&record).unwrap();
        self.0.sync_data().unwrap();
    }

    fn load(&mut self) -> usize {
        0
    }
}

#[cfg(feature = "rocks")]
mod rocks {
    use super::{Engine, Path, Rows};

    pub struct Rocks(rocksdb::DB);

    impl Rocks {
        pub fn open(directory: &Path) -> Self {
            let mut options = rocksdb::Options::default();
            options.create_if_missing(true);
            options.create_missing_column_families(true);
            options.increase_parallelism(2);
            let mut apart = options.clone();
            apart.set_enable_blob_files(true);
            let families = [("rows", options.clone()), ("blocks", apart)]
                .map(|(name, options)| rocksdb::ColumnFamilyDescriptor::new(name, options));
            Rocks(rocksdb::DB::open_cf_descriptors(&options, directory, families).unwrap())
        }
    }

    impl Engine for Rocks {
        fn commit(&mut self, height: u64, rows: &Rows, block: &[u8]) {
            let mut batch = rocksdb::WriteBatch::default();
            let family = self.0.cf_handle("rows").unwrap();
            for (key, value) in rows {
                batch.put_cf(family, key, value);
            }
            batch.put_cf(self.0.cf_handle("blocks").unwrap(), height.to_be_bytes(), block);
            let mut options = rocksdb::WriteOptions::default();
            options.set_sync(true);
            self.0.write_opt(batch, &options).unwrap();
        }

        fn load(&mut self) -> usize {
            let family = self.0.cf_handle("rows").unwrap();
            let rows = self.0.iterator_cf(family, rocksdb::IteratorMode::Start);
            rows.map(|row| row.unwrap()).count()
        }
    }
}
