//! The journal: batches one after the other, each with a checksum of its items.
//!
//! The layout is that of fjall 3: a start (number of items, number of the batch), items, an end with
//! the checksum. What is not written yet is zeros.

use std::io::{self, BufRead, BufReader, ErrorKind, Read as _, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::open_past_cache;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const END_MAGIC: &[u8] = b"FJL\x03";
const BUFFER: usize = 64 * 1024;

/// How far reading came.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// There is more.
    More,
    /// All that was written is right.
    End,
    /// What follows is no whole batch.
    Broken,
}

/// A journal that is being read.
pub struct Journal {
    path: PathBuf,
    at: u64,
    newest: u64,
}

impl Journal {
    /// From its beginning.
    pub fn new(path: PathBuf) -> Self {
        Journal { path, at: 0, newest: 0 }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All before this is right.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Read on, whole batches until there were about so many bytes.
    pub fn read(&mut self, budget: u64) -> io::Result<Read> {
        let mut file = open_past_cache(&self.path)?;
        file.seek(SeekFrom::Start(self.at))?;
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let until = self.at.saturating_add(budget);
        while self.at < until {
            let waiting = reader.fill_buf()?;
            if waiting.first().is_none_or(|tag| *tag == 0) {
                let written = waiting.iter().any(|byte| *byte != 0);
                return Ok(if written { Read::Broken } else { Read::End });
            }
            match batch(&mut reader) {
                Ok(Some((number, length))) if number >= self.newest => {
                    self.newest = number;
                    self.at += length;
                }
                Ok(_) => return Ok(Read::Broken),
                Err(fault) if fault.kind() == ErrorKind::UnexpectedEof => return Ok(Read::Broken),
                Err(fault) => return Err(fault),
            }
        }
        Ok(Read::More)
    }
}

/// A reader that hashes and counts what it gives.
struct Hashed<'a> {
    from: &'a mut BufReader<std::fs::File>,
    hasher: Xxh3Default,
    length: u64,
}

impl Hashed<'_> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut raw = [0; N];
        self.from.read_exact(&mut raw)?;
        self.hasher.update(&raw);
        self.length += N as u64;
        Ok(raw)
    }

    fn skip(&mut self, mut length: u64) -> io::Result<()> {
        self.length += length;
        while length > 0 {
            let part = self.from.fill_buf()?;
            if part.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let taken = part.len().min(usize::try_from(length).unwrap_or(BUFFER));
            self.hasher.update(&part[..taken]);
            self.from.consume(taken);
            length -= taken as u64;
        }
        Ok(())
    }
}

/// Number and length of the batch that begins here; None where it is no right one.
fn batch(from: &mut BufReader<std::fs::File>) -> io::Result<Option<(u64, u64)>> {
    let mut reader = Hashed { from, hasher: Xxh3Default::new(), length: 0 };
    if reader.take::<1>()? != [START] {
        return Ok(None);
    }
    let items = u32::from_le_bytes(reader.take()?);
    let number = u64::from_le_bytes(reader.take()?);
    reader.hasher = Xxh3Default::new();
    for _ in 0..items {
        match reader.take::<1>()? {
            [ITEM] => {
                reader.take::<10>()?; // kind of value, compression, keyspace
                let key = u16::from_le_bytes(reader.take()?);
                reader.take::<4>()?; // length once unpacked
                let value = u32::from_le_bytes(reader.take()?);
                reader.skip(u64::from(key) + u64::from(value))?;
            }
            [CLEAR] => reader.skip(8)?,
            _ => return Ok(None),
        }
    }
    let found = reader.hasher.digest();
    let right = reader.take::<1>()? == [END]
        && u64::from_le_bytes(reader.take()?) == found
        && reader.take::<4>()? == END_MAGIC;
    Ok(right.then_some((number, reader.length)))
}
