//! Ordered scans: key ranges of a prefix, and the merged view of rows and writes over them.

use std::cmp::Ordering;
use std::ops::Bound;

/// A row handed out.
pub type Row = (Vec<u8>, Vec<u8>);

/// The first and the last key of a range, or that there is none.
pub type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Where a scan goes: keys with a prefix, beyond a key, in one direction.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// What every key starts with.
    pub prefix: &'a [u8],
    /// Only keys after this one (before it in reverse).
    pub after: Option<&'a [u8]>,
    /// At most so many rows.
    pub limit: usize,
    /// Downwards.
    pub reverse: bool,
}

/// The first key after all those with a prefix; None where there is no such key.
pub fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=kept].to_vec();
    end[kept] += 1;
    Some(end)
}

impl Scan<'_> {
    /// The bounds of the keys in question; None where there can be none.
    pub fn bounds(&self) -> Option<Bounds> {
        let mut low = Bound::Included(self.prefix.to_vec());
        let mut high = end_of(self.prefix).map_or(Bound::Unbounded, Bound::Excluded);
        if let Some(after) = self.after {
            let beyond_end = matches!(&high, Bound::Excluded(end) if after >= end.as_slice());
            if self.reverse {
                if after <= self.prefix {
                    return None;
                }
                if !beyond_end {
                    high = Bound::Excluded(after.to_vec());
                }
            } else {
                if beyond_end {
                    return None;
                }
                if after >= self.prefix {
                    low = Bound::Excluded(after.to_vec());
                }
            }
        }
        let possible = match (&low, &high) {
            (Bound::Excluded(l), Bound::Excluded(h)) => l < h,
            (Bound::Included(l), Bound::Excluded(h)) => l <= h,
            _ => true,
        };
        (self.limit > 0 && possible).then_some((low, high))
    }
}

/// Bounds as slices.
pub fn as_slices(bounds: &Bounds) -> (Bound<&[u8]>, Bound<&[u8]>) {
    (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice))
}

/// Rows with writes over them, both in the scan's order; a write of None hides the row.
pub fn merge<'a>(
    rows: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    writes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    scan: &Scan<'_>,
) -> Vec<Row> {
    let (mut rows, mut writes) = (rows.peekable(), writes.peekable());
    let mut merged = Vec::new();
    while merged.len() < scan.limit {
        let order = match (rows.peek(), writes.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((row, _)), Some((write, _))) if scan.reverse => write.cmp(row),
            (Some((row, _)), Some((write, _))) => row.cmp(write),
        };
        let row = if order.is_le() { rows.next() } else { None };
        let write = if order.is_ge() { writes.next() } else { None };
        match (row, write) {
            (_, Some((key, Some(value)))) | (Some((key, value)), None) => {
                merged.push((key.to_vec(), value.to_vec()));
            }
            _ => {}
        }
    }
    merged
}
