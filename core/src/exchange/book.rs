//! One side of a book: offers by price and time, and a ladder of sums to answer at once.

use std::collections::BTreeMap;

use super::arithmetic::{mul_div, MAX_AMOUNT};

/// Price and sequence, as the ledger sorts them: 24 and 8 bytes.
pub type Place = [u8; 32];
/// Offers that one action takes of a book at most.
pub const MAX_FILLS: usize = 100;

/// An offer as the market knows it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its name on the ledger.
    pub id: Box<str>,
    /// Whose it is: a number of the market's.
    pub party: u32,
    /// Asked for `price_sell`.
    pub price_buy: u64,
    /// Given for `price_buy`.
    pub price_sell: u64,
    /// What may still be taken.
    pub remaining: u128,
    /// Block time from which it is gone; 0 is never.
    pub expires_at_ms: u64,
    /// It cannot be taken now.
    pub blocked: bool,
}

/// One offer of a ladder, with the sums up to and with it.
#[derive(Debug, Clone)]
struct Rung {
    price_buy: u64,
    price_sell: u64,
    paid: u128,
    given: u128,
    place: Place,
}

/// The offers that count for one question, best first.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    rungs: Vec<Rung>,
    /// Got for one unit paid, at best: no payment gets more than this for a unit.
    pub best_rate: f64,
    until_ms: u64,
}

/// What a hop does: (paid or got, offers taken).
pub type Hop = (u128, usize);

impl Ladder {
    /// What exactly `amount` paid gets; None where the ladder cannot take it.
    ///
    /// Best first; where that takes too many offers, those too small for the amount are passed over
    /// (`choosing.py` is the specification).
    pub fn pay(&self, amount: u128) -> Option<Hop> {
        let whole = self.rungs.partition_point(|rung| rung.paid <= amount);
        let (paid, given) = self.sums(whole);
        let left = amount - paid;
        if left == 0 {
            return self.or_over(checked(given, whole), whole, || self.pay_over(amount));
        }
        let rung = self.rungs.get(whole)?;
        let more = mul_div(left, rung.price_sell.into(), rung.price_buy.into(), false)?;
        let fills = whole + usize::from(more > 0);
        self.or_over(checked(given + more, fills), fills, || self.pay_over(amount))
    }

    /// What exactly `amount` got costs; None where the ladder has not that much.
    pub fn get(&self, amount: u128) -> Option<Hop> {
        let (paid, fills) = self.get_anyhow(amount)?;
        self.or_over(checked(paid, fills), fills, || self.get_over(amount))
    }

    /// The least that `amount` could cost, whatever the number of offers: a bound.
    pub fn least(&self, amount: u128) -> Option<u128> {
        self.get_anyhow(amount).map(|hop| hop.0)
    }

    fn get_anyhow(&self, amount: u128) -> Option<Hop> {
        let whole = self.rungs.partition_point(|rung| rung.given <= amount);
        let (paid, given) = self.sums(whole);
        let left = amount - given;
        if left == 0 {
            return Some((paid, whole));
        }
        let rung = self.rungs.get(whole)?;
        let more = mul_div(left, rung.price_buy.into(), rung.price_sell.into(), true)?;
        Some((paid.checked_add(more)?, whole + 1))
    }

    fn or_over(
        &self,
        best: Option<Hop>,
        fills: usize,
        over: impl Fn() -> Option<Hop>,
    ) -> Option<Hop> {
        if fills > MAX_FILLS {
            over()
        } else {
            best
        }
    }

    /// The rungs alone: (what all of it costs, what it gives, its price).
    fn alone(&self) -> impl Iterator<Item = (u128, u128, &Rung)> {
        let before = std::iter::once((0, 0)).chain(self.rungs.iter().map(|r| (r.paid, r.given)));
        self.rungs.iter().zip(before).map(|(rung, (paid, given))| {
            (rung.paid.saturating_sub(paid), rung.given.saturating_sub(given), rung)
        })
    }

    fn pay_over(&self, amount: u128) -> Option<Hop> {
        let small = amount.div_ceil(MAX_FILLS as u128);
        let (mut left, mut got, mut fills) = (amount, 0u128, 0);
        for (cost, gives, rung) in self.alone() {
            if cost < small.min(left) {
                continue;
            }
            if cost > left {
                let more = mul_div(left, rung.price_sell.into(), rung.price_buy.into(), false)?;
                return checked(got + more, fills + usize::from(more > 0));
            }
            (left, got, fills) = (left - cost, got + gives, fills + 1);
            if left == 0 {
                return checked(got, fills);
            }
        }
        None
    }

    fn get_over(&self, amount: u128) -> Option<Hop> {
        let small = amount.div_ceil(MAX_FILLS as u128);
        let (mut left, mut paid, mut fills) = (amount, 0u128, 0);
        for (cost, gives, rung) in self.alone() {
            if gives < small.min(left) {
                continue;
            }
            let more = if gives <= left {
                cost
            } else {
                mul_div(left, rung.price_buy.into(), rung.price_sell.into(), true)?
            };
            (left, paid, fills) = (left - gives.min(left), paid.checked_add(more)?, fills + 1);
            if left == 0 {
                return checked(paid, fills);
            }
        }
        None
    }

    /// The most that can be got at all, for at most `amount`.
    pub fn most(&self, amount: u128) -> u128 {
        match self.rungs.last() {
            Some(last) if last.paid <= amount => last.given,
            Some(_) => self.pay_anyhow(amount),
            None => 0,
        }
    }

    fn pay_anyhow(&self, amount: u128) -> u128 {
        let whole = self.rungs.partition_point(|rung| rung.paid <= amount);
        let (paid, given) = self.sums(whole);
        let more = self.rungs.get(whole).and_then(|rung| {
            mul_div(amount - paid, rung.price_sell.into(), rung.price_buy.into(), false)
        });
        given + more.unwrap_or(0)
    }

    /// The most that can be paid so that at most `amount` is got.
    pub fn room(&self, amount: u128) -> u128 {
        match self.rungs.last() {
            // What passes offers over may pay more for less.
            Some(last) if last.given <= amount || self.rungs.len() > MAX_FILLS => last.paid,
            Some(_) => {
                let whole = self.rungs.partition_point(|rung| rung.given <= amount);
                let (paid, given) = self.sums(whole);
                let rung = &self.rungs[whole];
                // One unit more than `amount` is bought from this on; a unit less is a bound.
                let next = amount - given + 1;
                mul_div(next, rung.price_buy.into(), rung.price_sell.into(), true)
                    .and_then(|more| paid.checked_add(more))
                    .unwrap_or(u128::MAX)
            }
            None => 0,
        }
    }

    fn sums(&self, whole: usize) -> (u128, u128) {
        whole.checked_sub(1).map_or((0, 0), |last| (self.rungs[last].paid, self.rungs[last].given))
    }

    /// Places of the first offers.
    pub fn places(&self, count: usize) -> impl Iterator<Item = &Place> {
        self.rungs.iter().take(count).map(|rung| &rung.place)
    }
}

fn checked(amount: u128, fills: usize) -> Option<Hop> {
    (amount > 0 && amount <= MAX_AMOUNT && fills <= MAX_FILLS).then_some((amount, fills))
}

/// One side of a book.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Best and oldest first.
    pub offers: BTreeMap<Place, Offer>,
    ladder: Ladder,
    stale: bool,
}

impl Book {
    /// Put an offer in, or in the place of its former self.
    pub fn put(&mut self, place: Place, offer: Offer) {
        self.offers.insert(place, offer);
        self.stale = true;
    }

    /// Take an offer out.
    pub fn remove(&mut self, place: &Place) {
        self.offers.remove(place);
        self.stale = true;
    }

    /// Say whether an offer can be taken.
    pub fn block(&mut self, place: &Place, blocked: bool) {
        if let Some(offer) = self.offers.get_mut(place) {
            self.stale |= offer.blocked != blocked;
            offer.blocked = blocked;
        }
    }

    /// Bring the ladder up to a block time.
    pub fn refresh(&mut self, time_ms: u64) {
        if self.stale || time_ms >= self.ladder.until_ms {
            self.ladder = self.ladder_without(time_ms, None);
            self.stale = false;
        }
    }

    /// The ladder, as of the last `refresh`.
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// A ladder of what has not expired and is not of a party.
    pub fn ladder_without(&self, time_ms: u64, party: Option<u32>) -> Ladder {
        let mut ladder = Ladder { until_ms: u64::MAX, ..Ladder::default() };
        let (mut paid, mut given) = (0u128, 0u128);
        for (place, offer) in &self.offers {
            if offer.expires_at_ms != 0 && offer.expires_at_ms <= time_ms {
                continue;
            }
            if offer.expires_at_ms != 0 {
                ladder.until_ms = ladder.until_ms.min(offer.expires_at_ms);
            }
            if offer.blocked || Some(offer.party) == party {
                continue;
            }
            let (buy, sell) = (offer.price_buy, offer.price_sell);
            let whole = mul_div(offer.remaining, buy.into(), sell.into(), true);
            // What costs more than there can be of an asset ends the ladder: nobody can pay so far.
            let sums = whole.and_then(|whole| {
                Some((paid.checked_add(whole)?, given.checked_add(offer.remaining)?))
            });
            if ladder.rungs.is_empty() {
                ladder.best_rate = sell as f64 / buy as f64;
            }
            (paid, given) = sums.unwrap_or((u128::MAX, given.saturating_add(offer.remaining)));
            let rung = Rung { price_buy: buy, price_sell: sell, paid, given, place: *place };
            ladder.rungs.push(rung);
            if sums.is_none() {
                break;
            }
        }
        ladder
    }
}
