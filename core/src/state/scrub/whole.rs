//! Files that are written once: their checksum is known to whoever names them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{xxh3_128, Xxh3Default};

use super::open_past_cache;

/// Most that is read at once.
const PIECE: usize = 128 * 1024;

/// A file that is being read.
pub struct Whole {
    path: PathBuf,
    expected: u128,
    file: Option<File>,
    hasher: Xxh3Default,
    ended: bool,
}

impl Whole {
    /// Nothing is read yet.
    pub fn new(path: PathBuf, expected: u128) -> Self {
        Whole { path, expected, file: None, hasher: Xxh3Default::new(), ended: false }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Read on; so many bytes.
    pub fn read(&mut self, budget: u64) -> std::io::Result<u64> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open_past_cache(&self.path)?),
        };
        let mut piece = [0; PIECE];
        let mut read = 0;
        while read < budget {
            let wanted = PIECE.min(usize::try_from(budget - read).unwrap_or(PIECE));
            let got = file.read(&mut piece[..wanted])?;
            if got == 0 {
                self.ended = true;
                break;
            }
            self.hasher.update(&piece[..got]);
            read += got as u64;
        }
        Ok(read)
    }

    /// Whether the file is as it was written; None before its end.
    pub fn verdict(&self) -> Option<bool> {
        self.ended.then(|| self.hasher.digest128() == self.expected)
    }
}

/// Whether `current` (number and checksum of a list, and the kind of checksum) and that list agree.
pub fn list_is_right(folder: &Path) -> std::io::Result<bool> {
    let current = std::fs::read(folder.join("current"))?;
    let Ok(current) = <[u8; 25]>::try_from(current) else { return Ok(false) };
    let (mut number, mut sum) = ([0; 8], [0; 16]);
    number.copy_from_slice(&current[..8]);
    sum.copy_from_slice(&current[8..24]);
    let list = folder.join(format!("v{}", u64::from_le_bytes(number)));
    let content = std::fs::read(list)?;
    Ok(current[24] == 0 && xxh3_128(&content) == u128::from_le_bytes(sum))
}
