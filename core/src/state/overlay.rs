//! The writes of a block over the newest rows, with nested savepoints.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::range::{as_slices, merge, Row, Scan};
use super::rows::Rows;
use crate::fault::{refuse, Outcome};

/// First byte of every holding's key.
pub const HOLDING_PREFIX: u8 = 0x10;

type Value = Option<Arc<[u8]>>;

/// Writes by key, and what to put back when a savepoint is rolled back.
///
/// Written keys stand in order for scans. Holdings do from the first scan that may meet one: most
/// blocks write tens of thousands of them and scan none. Nothing depends on the table's order.
#[derive(Default)]
pub struct Overlay {
    writes: HashMap<Arc<[u8]>, Value, RandomState>,
    order: BTreeSet<Arc<[u8]>>,
    holdings_in_order: bool,
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

    /// Every write, in no order.
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
        let known = self.writes.get_key_value(key).map(|(key, _)| key.clone());
        let key: Arc<[u8]> = known.unwrap_or_else(|| Arc::from(key));
        let before = self.writes.insert(key.clone(), value);
        if before.is_none() && self.is_ordered(&key) {
            self.order.insert(key.clone());
        }
        if !self.savepoints.is_empty() {
            self.undo.push((key, before));
        }
    }

    fn is_ordered(&self, key: &[u8]) -> bool {
        self.holdings_in_order || key.first() != Some(&HOLDING_PREFIX)
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
                Some(value) => {
                    self.writes.insert(key, value);
                }
                None => {
                    self.writes.remove(&key);
                    self.order.remove(&key);
                }
            }
        }
        Ok(())
    }

    /// Rows and writes merged.
    pub fn scan(&mut self, rows: &Rows, scan: &Scan<'_>) -> Vec<Row> {
        let Some(bounds) = scan.bounds() else { return Vec::new() };
        let may_meet = scan.prefix.first().is_none_or(|first| *first == HOLDING_PREFIX);
        if may_meet && !self.holdings_in_order {
            self.holdings_in_order = true;
            self.order.extend(self.writes.keys().cloned());
        }
        let keys = self.order.range::<[u8], _>(as_slices(&bounds));
        let writes = keys.filter_map(|key| {
            let written = self.writes.get(key)?;
            Some((&key[..], written.as_deref()))
        });
        if scan.reverse {
            return merge(rows.scan(scan), writes.rev(), scan);
        }
        merge(rows.scan(scan), writes, scan)
    }
}
