//! A draft: the writes of a block over the newest rows, with nested savepoints.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ledger::{Ledger, Staged};
use super::range::{as_slices, merge, Row, Scan};
use super::rows::Rows;
use crate::fault::{refuse, Outcome};

type Value = Option<Arc<[u8]>>;

/// Writes by key, and what to put back when a savepoint is rolled back.
#[derive(Default)]
pub struct Overlay {
    writes: BTreeMap<Arc<[u8]>, Value>,
    undo: Vec<(Arc<[u8]>, Option<Value>)>,
    savepoints: Vec<usize>,
    edits: u64,
}

impl Overlay {
    /// Number of keys written.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Grows with every change: tells whether staged work is still of this content.
    pub fn edits(&self) -> u64 {
        self.edits
    }

    /// Number of open savepoints.
    pub fn depth(&self) -> usize {
        self.savepoints.len()
    }

    /// Every write, in order of key.
    pub fn writes(&self) -> impl Iterator<Item = (&Arc<[u8]>, Option<&[u8]>)> {
        self.writes.iter().map(|(key, value)| (key, value.as_deref()))
    }

    /// The value under a key: an own write, or else the row.
    pub fn get<'a>(&'a self, rows: &'a Rows, key: &[u8]) -> Option<&'a [u8]> {
        match self.writes.get(key) {
            Some(written) => written.as_deref(),
            None => rows.get(key).map(|leaf| &leaf.value[..]),
        }
    }

    /// The same where the row has been looked up already.
    pub fn get_over<'a>(&'a self, row: Option<&'a [u8]>, key: &[u8]) -> Option<&'a [u8]> {
        self.writes.get(key).map_or(row, |written| written.as_deref())
    }

    /// Write a row, or remove it with None.
    pub fn set(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.edits += 1;
        let value: Value = value.map(Arc::from);
        if self.savepoints.is_empty() {
            if let Some(written) = self.writes.get_mut(key) {
                *written = value;
                return;
            }
        }
        let key: Arc<[u8]> = Arc::from(key);
        let before = self.writes.insert(key.clone(), value);
        if !self.savepoints.is_empty() {
            self.undo.push((key, before));
        }
    }

    /// Open a savepoint.
    pub fn begin(&mut self) {
        self.savepoints.push(self.undo.len());
    }

    /// Close the newest savepoint and keep its writes.
    pub fn accept(&mut self) -> Outcome<()> {
        if self.savepoints.pop().is_none() {
            return refuse("no savepoint is open");
        }
        if self.savepoints.is_empty() {
            self.undo.clear();
        }
        Ok(())
    }

    /// Close the newest savepoint and undo its writes, the latest first.
    pub fn rollback(&mut self) -> Outcome<()> {
        let Some(mark) = self.savepoints.pop() else { return refuse("no savepoint is open") };
        self.edits += 1;
        for (key, before) in self.undo.drain(mark..).rev() {
            match before {
                Some(value) => self.writes.insert(key, value),
                None => self.writes.remove(&key),
            };
        }
        Ok(())
    }

    /// Rows and writes merged.
    pub fn scan(&self, rows: &Rows, scan: &Scan<'_>) -> Vec<Row> {
        let Some(bounds) = scan.bounds() else { return Vec::new() };
        let writes = self.writes.range::<[u8], _>(as_slices(&bounds));
        let writes = writes.map(|(key, value)| (&key[..], value.as_deref()));
        if scan.reverse {
            return merge(rows.scan(scan), writes.rev(), scan);
        }
        merge(rows.scan(scan), writes, scan)
    }
}

/// The overlay together with the version of the ledger that it stands on.
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
