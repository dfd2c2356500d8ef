//! One engine, one workload: blocks of random updates beside a block record, one sync each.
//!
//! store-bench ENGINE DIRECTORY ROWS UPDATES BLOCK_BYTES BLOCKS

mod engines;

use std::path::Path;
use std::time::Instant;

use engines::{open, Engine};

/// xorshift: the same rows for every engine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let words = length.div_ceil(8);
        let mut bytes: Vec<u8> = (0..words).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(length);
        bytes
    }
}

fn key(number: u64) -> Vec<u8> {
    format!("\x10bank{:03}/account{:07}\0CNY.e-CNY/issuer", number % 1000, number).into_bytes()
}

fn value(dice: &mut Dice) -> Vec<u8> {
    let mut value = vec![0; 33];
    value[9..17].copy_from_slice(&dice.next().to_be_bytes());
    value
}

fn fill(engine: &mut dyn Engine, rows: u64, dice: &mut Dice) {
    let all: Vec<_> = (0..rows).map(|number| (key(number), value(dice))).collect();
    for (number, part) in all.chunks(100_000).enumerate() {
        engine.commit(number as u64, part, b"genesis");
    }
}

fn run(engine: &mut dyn Engine, rows: u64, updates: usize, bytes: usize, blocks: u64) -> Vec<f64> {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut times = Vec::new();
    for height in 0..blocks {
        let mut writes: Vec<_> =
            (0..updates).map(|_| (key(dice.next() % rows), value(&mut dice))).collect();
        writes.sort();
        let block = dice.bytes(bytes);
        let start = Instant::now();
        engine.commit(1_000 + height, &writes, &block);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times
}

fn size(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => std::os::unix::fs::MetadataExt::blocks(&meta) * 512,
            Err(_) => 0,
        })
        .sum()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, name, directory, rows, updates, bytes, blocks] = &arguments[..] else {
        panic!("store-bench ENGINE DIRECTORY ROWS UPDATES BLOCK_BYTES BLOCKS");
    };
    let directory = Path::new(directory);
    let (rows, blocks): (u64, u64) = (rows.parse().unwrap(), blocks.parse().unwrap());
    let (updates, bytes): (usize, usize) = (updates.parse().unwrap(), bytes.parse().unwrap());
    let mut engine = open(name, directory);
    fill(&mut *engine, rows, &mut Dice(1));
    let mut times = run(&mut *engine, rows, updates, bytes, blocks);
    let total: f64 = times.iter().sum();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    drop(engine);
    let files = size(directory) as f64 / 1e6;
    let start = Instant::now();
    let mut engine = open(name, directory);
    let loaded = engine.load();
    let restart = start.elapsed().as_secs_f64();
    println!(
        "{name:8} {updates:5} updates + {bytes:7} B: {:6.1} blocks/s, median {:6.1} ms, p99 {:7.1} ms, \
         max {:7.1} ms, load of {loaded} rows {restart:5.2} s, {files:7.1} MB",
        blocks as f64 / total * 1e3,
        at(0.5),
        at(0.99),
        at(1.0),
    );
}
