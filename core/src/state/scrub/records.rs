//! Where in a table or value file something is wrong: the first record that is not as it was.
//!
//! Only asked once the checksum of the whole file is wrong, so that whoever repairs knows where to
//! look. Layouts are those of lsm-tree 3: a table is a row of blocks, a value file a row of values.

use std::path::Path;

use xxhash_rust::xxh3::{xxh3_128, Xxh3Default};

const BLOCK: &[u8] = b"LSM\x03";
const VALUE: &[u8] = b"BLOB";
const VALUE_END: &[u8] = b"META";
/// Magic, kind, checksum of the data, its length, its length unpacked, checksum of all that.
const BLOCK_HEADER: usize = 4 + 1 + 16 + 4 + 4 + 4;
/// Magic, checksum of key and value, number, lengths of key, value and value as it stands here.
const VALUE_HEADER: usize = 4 + 16 + 8 + 2 + 4 + 4;

/// Offset of the first record that does not agree with its own checksum; where all do, the offset
/// of what follows them.
pub fn first_wrong(path: &Path) -> u64 {
    let Ok(content) = std::fs::read(path) else { return 0 };
    // Either kind is told by how it goes on where its first bytes are the altered ones.
    let (blocks, values) = (walk(&content, block), walk(&content, value));
    blocks.max(values) as u64
}

fn walk(content: &[u8], record: fn(&[u8]) -> Option<usize>) -> usize {
    let mut at = 0;
    while let Some(length) = record(&content[at..]) {
        at += length;
    }
    at
}

fn number<const N: usize>(raw: &[u8], at: usize) -> Option<[u8; N]> {
    raw.get(at..at + N).and_then(|part| part.try_into().ok())
}

fn block(raw: &[u8]) -> Option<usize> {
    let header = raw.get(..BLOCK_HEADER)?;
    let sum = u32::from_le_bytes(number(header, BLOCK_HEADER - 4)?);
    if !header.starts_with(BLOCK) || xxh3_128(&header[..BLOCK_HEADER - 4]) as u32 != sum {
        return None;
    }
    let length = u32::from_le_bytes(number(header, 21)?) as usize;
    let data = raw.get(BLOCK_HEADER..BLOCK_HEADER.checked_add(length)?)?;
    let right = xxh3_128(data) == u128::from_le_bytes(number(header, 5)?);
    right.then_some(BLOCK_HEADER + length)
}

fn value(raw: &[u8]) -> Option<usize> {
    let header = raw.get(..VALUE_HEADER)?;
    if header.starts_with(VALUE_END) || !header.starts_with(VALUE) {
        return None;
    }
    let key = usize::from(u16::from_le_bytes(number(header, 28)?));
    let length = u32::from_le_bytes(number(header, 34)?) as usize;
    let data = raw.get(VALUE_HEADER..VALUE_HEADER.checked_add(key)?.checked_add(length)?)?;
    let mut hasher = Xxh3Default::new();
    hasher.update(data);
    let right = hasher.digest128() == u128::from_le_bytes(number(header, 4)?);
    right.then_some(VALUE_HEADER + data.len())
}
