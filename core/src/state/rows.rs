//! The newest version's rows: by key in a hash table, in order of key in a tree of the keys.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::hash_table::{Entry, HashTable};

use super::range::{as_slices, Scan};
use super::tree::Leaf;

/// Every row of one version. Nothing ever iterates over the hash table's order.
#[derive(Default)]
pub struct Rows {
    table: HashTable<Arc<Leaf>>,
    keys: BTreeSet<Arc<[u8]>>,
    hasher: RandomState,
}

impl Rows {
    /// Rows of leaves with distinct keys.
    pub fn load(leaves: impl Iterator<Item = Arc<Leaf>>, keys: Vec<Arc<[u8]>>) -> Self {
        let hasher = RandomState::default();
        let mut table = HashTable::with_capacity(keys.len());
        for leaf in leaves {
            let hash = hasher.hash_one(&leaf.key[..]);
            table.insert_unique(hash, leaf, |leaf: &Arc<Leaf>| hasher.hash_one(&leaf.key[..]));
        }
        Rows { table, keys: keys.into_iter().collect(), hasher }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The row under a key.
    pub fn get(&self, key: &[u8]) -> Option<&Arc<Leaf>> {
        self.table.find(self.hasher.hash_one(key), |leaf| leaf.key[..] == *key)
    }

    /// Write a row.
    pub fn put(&mut self, leaf: Arc<Leaf>) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(&leaf.key[..]);
        let same = |other: &Arc<Leaf>| other.key == leaf.key;
        match self.table.entry(hash, same, |leaf| hasher.hash_one(&leaf.key[..])) {
            Entry::Occupied(mut old) => *old.get_mut() = leaf,
            Entry::Vacant(free) => {
                self.keys.insert(leaf.key.clone());
                free.insert(leaf);
            }
        }
    }

    /// Remove a row.
    pub fn remove(&mut self, key: &[u8]) {
        if let Ok(row) =
            self.table.find_entry(self.hasher.hash_one(key), |leaf| leaf.key[..] == *key)
        {
            row.remove();
            self.keys.remove(key);
        }
    }

    /// Rows of a scan, in its order, without its limit.
    pub fn scan<'a>(
        &'a self,
        scan: &Scan<'_>,
    ) -> Box<dyn Iterator<Item = (&'a [u8], &'a [u8])> + 'a> {
        let Some(bounds) = scan.bounds() else { return Box::new(std::iter::empty()) };
        let keys = self.keys.range::<[u8], _>(as_slices(&bounds));
        let row = |key: &'a Arc<[u8]>| self.get(key).map(|leaf| (&leaf.key[..], &leaf.value[..]));
        if scan.reverse {
            return Box::new(keys.rev().filter_map(row));
        }
        Box::new(keys.filter_map(row))
    }

    /// Estimate of the memory held: leaf, key and value with the allocator's share, the inner node
    /// above each leaf, and both indexes.
    pub fn resident_bytes(&self) -> usize {
        let rounded = |bytes: usize| (bytes + 8).next_multiple_of(16).max(32);
        let leaf = rounded(16 + size_of::<Leaf>());
        let inner = rounded(16 + size_of::<super::tree::Inner>());
        let data: usize = self
            .table
            .iter()
            .map(|leaf| rounded(16 + leaf.key.len()) + rounded(leaf.value.len()))
            .sum();
        data + self.len() * (leaf + inner + 24) + self.table.capacity() * 10
    }
}
