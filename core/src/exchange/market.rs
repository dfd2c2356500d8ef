//! Every book and pool, by what is paid and what is got.

use std::collections::BTreeMap;

use super::arithmetic::{swap_in, swap_out, Sides};
use super::book::{Book, Hop, Ladder, Offer, Place};

/// Names as small numbers, in order of arrival.
#[derive(Debug, Default)]
pub struct Names {
    numbers: BTreeMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    /// The number of a name, new or known.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }

    /// The number of a known name.
    pub fn known(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// A name again.
    pub fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Where a hop goes through.
#[derive(Debug)]
pub enum Venue {
    /// The order book.
    Book(Book),
    /// A pool by its name.
    Pool(Box<str>, Sides),
}

/// A way from an asset to another.
#[derive(Debug)]
pub struct Edge {
    /// Asset paid.
    pub pay: u32,
    /// Asset got.
    pub get: u32,
    /// Where.
    pub venue: Venue,
}

/// The market.
#[derive(Debug, Default)]
pub struct Market {
    /// Assets.
    pub assets: Names,
    parties: Names,
    /// Every way there ever was.
    pub edges: Vec<Edge>,
    /// (paid, got, venue) -> way.
    by_name: BTreeMap<(u32, u32, Box<str>), usize>,
    /// Offer -> its way and place.
    offers: BTreeMap<Box<str>, (usize, Place)>,
}

/// The venue name of books.
pub const BOOK: &str = "book";

impl Market {
    fn edge(&mut self, pay: &str, get: &str, venue: &str) -> usize {
        let (pay, get) = (self.assets.number(pay), self.assets.number(get));
        let edges = &mut self.edges;
        *self.by_name.entry((pay, get, venue.into())).or_insert_with(|| {
            let venue = match venue {
                BOOK => Venue::Book(Book::default()),
                pool => Venue::Pool(pool.into(), Sides { there_in: 0, there_out: 0, fee_bps: 0 }),
            };
            edges.push(Edge { pay, get, venue });
            edges.len() - 1
        })
    }

    /// A way by names.
    pub fn find(&self, pay: &str, get: &str, venue: &str) -> Option<usize> {
        let (pay, get) = (self.assets.known(pay)?, self.assets.known(get)?);
        self.by_name.get(&(pay, get, venue.into())).copied()
    }

    /// The number of a party.
    pub fn party(&mut self, party: &str) -> u32 {
        self.parties.number(party)
    }

    /// The number of a party that has offers.
    pub fn known_party(&self, party: &str) -> Option<u32> {
        self.parties.known(party)
    }

    /// Put an offer in, new or changed.
    pub fn put_offer(&mut self, pay: &str, get: &str, place: Place, offer: Offer) {
        self.remove_offer(&offer.id);
        let edge = self.edge(pay, get, BOOK);
        self.offers.insert(offer.id.clone(), (edge, place));
        if let Venue::Book(book) = &mut self.edges[edge].venue {
            book.put(place, offer);
        }
    }

    /// Take an offer out, if it is there.
    pub fn remove_offer(&mut self, id: &str) {
        if let Some((edge, place)) = self.offers.remove(id) {
            if let Venue::Book(book) = &mut self.edges[edge].venue {
                book.remove(&place);
            }
        }
    }

    /// Say whether an offer can be taken; false where there is no such.
    pub fn block_offer(&mut self, id: &str, blocked: bool) -> bool {
        let Some((edge, place)) = self.offers.get(id) else { return false };
        if let Venue::Book(book) = &mut self.edges[*edge].venue {
            book.block(place, blocked);
        }
        true
    }

    /// How many offers there are.
    pub fn offers(&self) -> usize {
        self.offers.len()
    }

    /// Put one direction of a pool in, new or changed; nothing there closes it.
    pub fn put_pool(&mut self, name: &str, pay: &str, get: &str, sides: Sides) {
        let edge = self.edge(pay, get, name);
        if let Venue::Pool(_, there) = &mut self.edges[edge].venue {
            *there = sides;
        }
    }

    /// Bring every ladder up to a block time.
    pub fn refresh(&mut self, time_ms: u64) {
        for edge in &mut self.edges {
            if let Venue::Book(book) = &mut edge.venue {
                book.refresh(time_ms);
            }
        }
    }

    /// The ways as one party sees them at a time: without its own offers.
    ///
    /// Ways from or to one of the assets `without` lead nowhere.
    pub fn seen(&self, time_ms: u64, party: Option<u32>, without: &[u32]) -> Vec<Seen<'_>> {
        let mut seen: Vec<_> =
            self.edges.iter().map(|edge| Seen::of(edge, time_ms, party)).collect();
        for one in &mut seen {
            if without.contains(&one.pay) || without.contains(&one.get) {
                one.best_rate = 0.0;
            }
        }
        seen
    }

    /// The id of the offer at a place of a way.
    pub fn offer_at(&self, edge: usize, place: &Place) -> Option<&str> {
        match &self.edges[edge].venue {
            Venue::Book(book) => book.offers.get(place).map(|offer| &*offer.id),
            Venue::Pool(..) => None,
        }
    }
}

/// What an edge offers to one who asks.
#[derive(Debug)]
pub enum Offering<'a> {
    /// A ladder that all share.
    Shared(&'a Ladder),
    /// A ladder without the asker's own offers.
    Own(Ladder),
    /// A pool.
    Pool(Sides),
}

/// An edge as one who asks sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// Asset paid.
    pub pay: u32,
    /// Asset got.
    pub get: u32,
    /// What is there.
    pub offering: Offering<'a>,
    /// No unit paid ever gets more than this.
    pub best_rate: f64,
}

impl<'a> Seen<'a> {
    fn of(edge: &'a Edge, time_ms: u64, party: Option<u32>) -> Self {
        let (offering, best_rate) = match &edge.venue {
            Venue::Book(book) => {
                let own = party.is_some_and(|who| book.offers.values().any(|o| o.party == who));
                let offering = if own {
                    Offering::Own(book.ladder_without(time_ms, party))
                } else {
                    Offering::Shared(book.ladder())
                };
                let rate = match &offering {
                    Offering::Own(ladder) => ladder.best_rate,
                    Offering::Shared(ladder) => ladder.best_rate,
                    Offering::Pool(_) => 0.0,
                };
                (offering, rate)
            }
            Venue::Pool(_, sides) => {
                let kept = (10_000 - sides.fee_bps) as f64 / 10_000.0;
                let rate = match sides.there_in {
                    0 => 0.0,
                    there => sides.there_out as f64 / there as f64 * kept,
                };
                (Offering::Pool(*sides), rate)
            }
        };
        Seen { pay: edge.pay, get: edge.get, offering, best_rate }
    }

    /// What exactly `amount` paid gets.
    pub fn pay(&self, amount: u128) -> Option<Hop> {
        match &self.offering {
            Offering::Shared(ladder) => ladder.pay(amount),
            Offering::Own(ladder) => ladder.pay(amount),
            Offering::Pool(sides) => {
                swap_out(amount, sides).filter(|got| *got > 0).map(|got| (got, 1))
            }
        }
    }

    /// What exactly `amount` got costs.
    pub fn get(&self, amount: u128) -> Option<Hop> {
        match &self.offering {
            Offering::Shared(ladder) => ladder.get(amount),
            Offering::Own(ladder) => ladder.get(amount),
            Offering::Pool(sides) => {
                swap_in(amount, sides).filter(|paid| *paid > 0).map(|paid| (paid, 1))
            }
        }
    }

    /// The least that `amount` could cost: a bound, whatever the number of offers.
    pub fn least(&self, amount: u128) -> Option<u128> {
        match &self.offering {
            Offering::Shared(ladder) => ladder.least(amount),
            Offering::Own(ladder) => ladder.least(amount),
            Offering::Pool(_) => self.get(amount).map(|hop| hop.0),
        }
    }

    /// The most that can be got for at most `amount`: a bound, whatever the number of offers.
    pub fn most(&self, amount: u128) -> u128 {
        match &self.offering {
            Offering::Shared(ladder) => ladder.most(amount),
            Offering::Own(ladder) => ladder.most(amount),
            Offering::Pool(sides) => swap_out(amount, sides).unwrap_or(0),
        }
    }

    /// The most that can be paid so that at most `amount` is got: a bound.
    pub fn room(&self, amount: u128) -> u128 {
        match &self.offering {
            Offering::Shared(ladder) => ladder.room(amount),
            Offering::Own(ladder) => ladder.room(amount),
            Offering::Pool(sides) => swap_in(amount + 1, sides).unwrap_or(u128::MAX),
        }
    }
}
