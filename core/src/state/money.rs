//! Postings between holdings: the ladder of rules, then the writes.
//!
//! A holding is 33 bytes: flags, posted (i128) and reserved (u128), both big-endian. Its key is
//! 0x10 || account || 0x00 || asset. The Python twin is tongbao/kernel/twin/draft.py.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::overlay::{Overlay, HOLDING_PREFIX};
use super::rows::Rows;
use crate::fault::{refuse, Outcome};

const HOLDING_BYTES: usize = 33;

const FROZEN: u8 = 1;
const CLOSED: u8 = 2;
const ALLOW_LIST_REQUIRED: u8 = 4;
const AUTHORISED: u8 = 8;
const ISSUING: u8 = 16;
const REFERENCE_REQUIRED: u8 = 32;

/// The lowest balance that even an issuing account may reach.
const LOWEST: i128 = -i128::MAX;

/// The number of the broken rule; 0 where all hold.
pub type Code = u8;
const OK: Code = 0;
const DEBIT_MISSING: Code = 1;
const CREDIT_MISSING: Code = 2;
const DEBIT_BLOCKED: Code = 3;
const CREDIT_BLOCKED: Code = 4;
const INSUFFICIENT: Code = 5;
const OVERFLOW: Code = 6;
const CREDIT_NOT_AUTHORISED: Code = 7;
const SAME_ACCOUNT: Code = 8;
const DEBIT_NOT_AUTHORISED: Code = 9;
const REFERENCE_MISSING: Code = 10;
const AMOUNT: Code = 11;

/// What one account holds of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    flags: u8,
    posted: i128,
    reserved: u128,
}

/// What is the same for every line of a transfer.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Account that pays.
    pub debit: &'a str,
    /// What is paid.
    pub asset: &'a str,
    /// What has to remain available.
    pub floor: i128,
    /// Whether the transfer carries a reference.
    pub referenced: bool,
}

impl Holding {
    fn decode(raw: &[u8]) -> Outcome<Self> {
        let Ok(raw) = <&[u8; HOLDING_BYTES]>::try_from(raw) else {
            return refuse("a holding is not 33 bytes long");
        };
        let (mut posted, mut reserved) = ([0; 16], [0; 16]);
        posted.copy_from_slice(&raw[1..17]);
        reserved.copy_from_slice(&raw[17..]);
        let (posted, reserved) = (i128::from_be_bytes(posted), u128::from_be_bytes(reserved));
        Ok(Holding { flags: raw[0], posted, reserved })
    }

    fn encode(&self) -> [u8; HOLDING_BYTES] {
        let mut raw = [0; HOLDING_BYTES];
        raw[0] = self.flags;
        raw[1..17].copy_from_slice(&self.posted.to_be_bytes());
        raw[17..].copy_from_slice(&self.reserved.to_be_bytes());
        raw
    }

    fn is(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    fn is_authorised(&self) -> bool {
        !self.is(ALLOW_LIST_REQUIRED) || self.is(AUTHORISED)
    }

    /// Whether `floor` remains available after `amount` has gone: posted - amount >= floor +
    /// reserved, where a side that leaves the range of i128 has lost or won for certain.
    fn affords(&self, amount: i128, floor: i128) -> bool {
        let floor = if self.is(ISSUING) { LOWEST } else { floor.max(LOWEST) };
        match (self.posted.checked_sub(amount), floor.checked_add_unsigned(self.reserved)) {
            (Some(left), Some(needed)) => left >= needed,
            _ => false,
        }
    }
}

fn write_key(key: &mut Vec<u8>, account: &str, asset: &str) -> Outcome<()> {
    if account.contains('\0') || asset.contains('\0') {
        return refuse("a name contains a zero byte");
    }
    key.clear();
    key.push(HOLDING_PREFIX);
    key.extend_from_slice(account.as_bytes());
    key.push(0);
    key.extend_from_slice(asset.as_bytes());
    Ok(())
}

fn find(overlay: &Overlay, rows: &Rows, key: &[u8]) -> Outcome<Option<Holding>> {
    overlay.get(rows, key).map(Holding::decode).transpose()
}

/// The rules, in order; the balances after the posting where all hold.
fn judge(
    terms: &Terms<'_>,
    same: bool,
    debit: Option<Holding>,
    credit: Option<Holding>,
    amount: Option<i128>,
) -> Result<(Holding, Holding), Code> {
    let amount = amount.filter(|amount| *amount >= 1).ok_or(AMOUNT)?;
    let require = |holds: bool, code: Code| if holds { Ok(()) } else { Err(code) };
    require(!same, SAME_ACCOUNT)?;
    let mut debit = debit.ok_or(DEBIT_MISSING)?;
    let mut credit = credit.ok_or(CREDIT_MISSING)?;
    require(!debit.is(FROZEN | CLOSED), DEBIT_BLOCKED)?;
    require(!credit.is(FROZEN | CLOSED), CREDIT_BLOCKED)?;
    require(debit.is_authorised(), DEBIT_NOT_AUTHORISED)?;
    require(credit.is_authorised(), CREDIT_NOT_AUTHORISED)?;
    require(terms.referenced || !credit.is(REFERENCE_REQUIRED), REFERENCE_MISSING)?;
    require(debit.affords(amount, terms.floor), INSUFFICIENT)?;
    credit.posted = credit.posted.checked_add(amount).ok_or(OVERFLOW)?;
    debit.posted -= amount;
    Ok((debit, credit))
}

/// One posting. `amount` is None where it does not fit 127 bits.
pub fn post(
    overlay: &mut Overlay,
    rows: &Rows,
    terms: &Terms<'_>,
    credit: &str,
    amount: Option<i128>,
) -> Outcome<Code> {
    let (mut from, mut to) = (Vec::new(), Vec::new());
    write_key(&mut from, terms.debit, terms.asset)?;
    write_key(&mut to, credit, terms.asset)?;
    let (debit, other) = (find(overlay, rows, &from)?, find(overlay, rows, &to)?);
    Ok(match judge(terms, from == to, debit, other, amount) {
        Err(code) => code,
        Ok((debit, credit)) => {
            overlay.set(&from, Some(&debit.encode()));
            overlay.set(&to, Some(&credit.encode()));
            OK
        }
    })
}

/// Many postings from one holding, judged in order; the lines that failed. With `all_or_none` only
/// the first failure, and then nothing is written. The debit is read and written once.
pub fn post_many(
    overlay: &mut Overlay,
    rows: &Rows,
    terms: &Terms<'_>,
    lines: &[(&str, Option<i128>)],
    all_or_none: bool,
) -> Outcome<Vec<(usize, Code)>> {
    overlay.begin();
    let failed = post_lines(overlay, rows, terms, lines, all_or_none);
    match &failed {
        Ok(failed) if !all_or_none || failed.is_empty() => overlay.accept()?,
        _ => overlay.rollback()?,
    }
    failed
}

fn post_lines(
    overlay: &mut Overlay,
    rows: &Rows,
    terms: &Terms<'_>,
    lines: &[(&str, Option<i128>)],
    stop_at_first: bool,
) -> Outcome<Vec<(usize, Code)>> {
    let (mut from, mut failed) = (Vec::new(), Vec::new());
    write_key(&mut from, terms.debit, terms.asset)?;
    let before = find(overlay, rows, &from)?;
    let mut debit = before;
    for (place, (to, row)) in look_up(rows, terms, lines)?.into_iter().enumerate() {
        let credit = overlay.get_over(row, &to).map(Holding::decode).transpose()?;
        match judge(terms, from == to, debit, credit, lines[place].1) {
            Ok((after, credit)) => {
                debit = Some(after);
                overlay.set(&to, Some(&credit.encode()));
            }
            Err(code) => {
                failed.push((place, code));
                if stop_at_first {
                    break;
                }
            }
        }
    }
    if let Some(after) = debit.filter(|_| debit != before) {
        overlay.set(&from, Some(&after.encode()));
    }
    Ok(failed)
}

/// A holding's key and committed record.
type LookedUp<'a> = (Vec<u8>, Option<&'a [u8]>);

/// Key and committed row of every credit. All at once, because with millions of rows most of a
/// transfer's time is waiting for memory, and these waits do not depend on each other.
fn look_up<'a>(
    rows: &'a Rows,
    terms: &Terms<'_>,
    lines: &[(&str, Option<i128>)],
) -> Outcome<Vec<LookedUp<'a>>> {
    let one = |(account, _): &(&str, Option<i128>)| {
        let mut key = Vec::new();
        write_key(&mut key, account, terms.asset)?;
        let row = rows.get(&key).map(|leaf| &leaf.value[..]);
        Ok((key, row))
    };
    lines.par_iter().with_min_len(512).map(one).collect()
}

/// A sum that cannot overflow: high * 2**64 + low.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    high: i128,
    low: i128,
}

impl Sum {
    fn add(&mut self, value: i128, sign: i128) {
        self.high += sign * (value >> 64);
        self.low += sign * (value & i128::from(u64::MAX));
    }

    /// The sum as (high, low) with low in one 64-bit word.
    fn carried(&self) -> (i128, u64) {
        let low = (self.low & i128::from(u64::MAX)) as u64;
        (self.high + (self.low >> 64), low)
    }
}

/// The change of the sum of `posted` by asset over the written holdings, as high * 2**64 + low,
/// where it is not zero. In order of asset.
pub fn deltas(overlay: &Overlay, rows: &Rows) -> Outcome<Vec<(String, i128, u64)>> {
    let mut sums: BTreeMap<&[u8], Sum> = BTreeMap::new();
    for (key, value) in overlay.writes().filter(|(key, _)| key.first() == Some(&HOLDING_PREFIX)) {
        let Some(end) = key.iter().rposition(|byte| *byte == 0) else {
            return refuse("a holding's key names no asset");
        };
        let sum = sums.entry(&key[end + 1..]).or_default();
        if let Some(raw) = value {
            sum.add(Holding::decode(raw)?.posted, 1);
        }
        if let Some(leaf) = rows.get(key) {
            sum.add(Holding::decode(&leaf.value)?.posted, -1);
        }
    }
    let named = sums.into_iter().map(|(asset, sum)| {
        let (high, low) = sum.carried();
        (String::from_utf8_lossy(asset).into_owned(), high, low)
    });
    Ok(named.filter(|(_, high, low)| (*high, *low) != (0, 0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_survives_the_extremes() {
        let mut sum = Sum::default();
        for _ in 0..1000 {
            sum.add(i128::MAX, 1);
            sum.add(i128::MIN, -1);
        }
        sum.add(-1, -1);
        // 1000 * (2**128 - 1) + 1
        assert_eq!(sum.carried(), ((1000 << 64) - 1, 0u64.wrapping_sub(999)));
    }

    #[test]
    fn an_issuing_account_stops_short_of_the_lowest_number() {
        let holding = Holding { flags: ISSUING, posted: -i128::MAX, reserved: 0 };
        assert!(!holding.affords(1, 0));
        assert!(Holding { posted: -i128::MAX + 1, ..holding }.affords(1, 0));
    }
}
