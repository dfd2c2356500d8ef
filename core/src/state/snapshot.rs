//! Snapshots: all rows of a version in files of bounded size, believed only by their root.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ledger::Ledger;
use super::store::Loaded;
use super::tree::{Leaf, Node, Tree};
use crate::fault::{refuse, Fault, Outcome};
use crate::merkle::Hash;
use crate::signatures::sha256;

fn fault(e: impl std::fmt::Display) -> Fault {
    Fault(format!("the snapshot: {e}"))
}

fn chunk_path(directory: &Path, number: usize) -> PathBuf {
    directory.join(format!("chunk-{number:06}"))
}

/// Write every row of a version, in order of key, into chunks of about `chunk_bytes`; their hashes.
///
/// It works from the version's own tree, which later versions share and never change: commits go
/// on meanwhile. Beside one chunk it holds a pointer a row.
pub fn export(tree: &Tree, directory: &Path, chunk_bytes: usize) -> Outcome<Vec<Hash>> {
    if chunk_bytes == 0 {
        return refuse("a chunk needs at least one byte");
    }
    fs::create_dir_all(directory).map_err(fault)?;
    let mut leaves = Vec::new();
    if let Some(node) = tree {
        gather(node, &mut leaves);
    }
    leaves.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let (mut hashes, mut chunk) = (Vec::new(), Vec::new());
    let mut finish = |chunk: &mut Vec<u8>| -> Outcome<()> {
        let mut file = fs::File::create(chunk_path(directory, hashes.len())).map_err(fault)?;
        file.write_all(chunk).and_then(|()| file.sync_all()).map_err(fault)?;
        hashes.push(sha256(chunk));
        chunk.clear();
        Ok(())
    };
    for leaf in &leaves {
        for part in [&leaf.key[..], &leaf.value[..]] {
            let length = u32::try_from(part.len()).map_err(fault)?;
            chunk.extend_from_slice(&length.to_be_bytes());
            chunk.extend_from_slice(part);
        }
        if chunk.len() >= chunk_bytes {
            finish(&mut chunk)?;
        }
    }
    if !chunk.is_empty() || leaves.is_empty() {
        finish(&mut chunk)?;
    }
    Ok(hashes)
}

impl Ledger {
    /// Write index rows and records of older blocks; nothing at or above the newest height.
    pub fn annotate(&self, index: &[(&[u8], &[u8])], blocks: &[(i64, &[u8])]) -> Outcome<()> {
        let newest = self.latest().height;
        if blocks.iter().any(|(height, _)| *height >= newest || *height < 0) {
            return refuse(format!("only blocks below {newest} are written beside the state"));
        }
        self.with_store(|store| store.annotate(index, blocks))
    }
}

/// Every leaf below a node. A path has 256 bits: it goes no deeper.
fn gather<'a>(node: &'a Node, leaves: &mut Vec<&'a Leaf>) {
    match node {
        Node::Leaf(leaf) => leaves.push(leaf),
        Node::Inner(inner) => {
            gather(&inner.left, leaves);
            gather(&inner.right, leaves);
        }
    }
}

/// Read the rows of all chunks in a folder.
pub fn read(directory: &Path) -> Outcome<Vec<Loaded>> {
    let mut rows = Vec::new();
    let mut number = 0;
    while let Ok(chunk) = fs::read(chunk_path(directory, number)) {
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let key = take(&mut rest)?;
            let value = take(&mut rest)?;
            rows.push((Arc::from(key), Box::from(value)));
        }
        number += 1;
    }
    if number == 0 {
        return refuse("the folder contains no chunk of a snapshot");
    }
    Ok(rows)
}

fn take<'a>(rest: &mut &'a [u8]) -> Outcome<&'a [u8]> {
    let cut = || Fault::new("a chunk of the snapshot is cut short");
    let (length, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = u32::from_be_bytes(*length) as usize;
    if after.len() < length {
        return Err(cut());
    }
    let (part, after) = after.split_at(length);
    *rest = after;
    Ok(part)
}
