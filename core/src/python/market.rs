//! The market in memory.

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

use super::sure;
use crate::exchange::arithmetic::{Sides, MAX_AMOUNT};
use crate::exchange::book::{Offer, Place};
use crate::exchange::market::{Market, Venue, BOOK};
use crate::exchange::search::{routes, Question};

type PlainHop = (String, String, String, u128, u128, usize);

#[pyclass(name = "Market", module = "tongbao._core")]
#[derive(Default)]
pub(super) struct PyMarket(Market);

fn amount(value: u128) -> PyResult<u128> {
    if value > MAX_AMOUNT {
        return Err(PyValueError::new_err("an amount is at most 2**127 - 1"));
    }
    Ok(value)
}

#[pymethods]
impl PyMarket {
    #[new]
    fn new() -> Self {
        PyMarket::default()
    }

    fn __len__(&self) -> usize {
        self.0.offers()
    }

    #[pyo3(signature = (offer, party, pay_asset, get_asset, place, price_buy, price_sell, remaining, expires_at_ms))]
    #[allow(clippy::too_many_arguments)]
    fn put_offer(
        &mut self,
        offer: &str,
        party: &str,
        pay_asset: &str,
        get_asset: &str,
        place: &[u8],
        price_buy: u64,
        price_sell: u64,
        remaining: u128,
        expires_at_ms: u64,
    ) -> PyResult<()> {
        let place =
            Place::try_from(place).map_err(|_| PyValueError::new_err("a place is 32 bytes"))?;
        if price_buy == 0 || price_sell == 0 || remaining == 0 {
            return Err(PyValueError::new_err("prices and what remains are above zero"));
        }
        let remaining = amount(remaining)?;
        let (id, party) = (offer.into(), self.0.party(party));
        let offer =
            Offer { id, party, price_buy, price_sell, remaining, expires_at_ms, blocked: false };
        self.0.put_offer(pay_asset, get_asset, place, offer);
        Ok(())
    }

    fn remove_offer(&mut self, offer: &str) {
        self.0.remove_offer(offer);
    }

    fn block_offer(&mut self, offer: &str, blocked: bool) -> bool {
        self.0.block_offer(offer, blocked)
    }

    fn put_pool(
        &mut self,
        pool: &str,
        pay_asset: &str,
        get_asset: &str,
        there_in: u128,
        there_out: u128,
        fee_bps: u16,
    ) -> PyResult<()> {
        if pool == BOOK || fee_bps >= 10_000 {
            return Err(PyValueError::new_err("a pool has a name and a fee below one"));
        }
        let (there_in, there_out) = (amount(there_in)?, amount(there_out)?);
        let sides = Sides { there_in, there_out, fee_bps: fee_bps.into() };
        self.0.put_pool(pool, pay_asset, get_asset, sides);
        Ok(())
    }

    #[pyo3(signature = (send_asset, receive_asset, amount, *, sending, limit, time_ms, party="", without=None, budget=20_000))]
    #[allow(clippy::too_many_arguments)]
    fn routes(
        &mut self,
        py: Python<'_>,
        send_asset: &str,
        receive_asset: &str,
        amount: u128,
        sending: bool,
        limit: usize,
        time_ms: u64,
        party: &str,
        without: Option<Vec<String>>,
        budget: usize,
    ) -> PyResult<(Vec<Vec<PlainHop>>, bool)> {
        let amount = self::amount(amount)?;
        let market = &mut self.0;
        let (Some(from), Some(to)) =
            (market.assets.known(send_asset), market.assets.known(receive_asset))
        else {
            return Ok((Vec::new(), true));
        };
        market.refresh(time_ms);
        let question = Question { from, to, amount, sending, limit, budget };
        let market = &*market;
        let without: Vec<u32> =
            without.iter().flatten().filter_map(|asset| market.assets.known(asset)).collect();
        let search = || {
            let seen = market.seen(time_ms, market.known_party(party), &without);
            routes(&seen, market.assets.len(), question)
        };
        let (found, proven) = py.detach(|| sure(search))?;
        let told = found.iter().map(|route| {
            let hops = route.edges.iter().zip(&route.hops);
            hops.map(|(number, (paid, got, fills))| {
                let edge = &market.edges[*number];
                let venue = match &edge.venue {
                    Venue::Book(_) => BOOK,
                    Venue::Pool(name, _) => name,
                };
                let name = |asset| market.assets.name(asset).to_owned();
                (venue.to_owned(), name(edge.pay), name(edge.get), *paid, *got, *fills)
            })
            .collect()
        });
        Ok((told.collect(), proven))
    }

    #[pyo3(signature = (pay_asset, get_asset, count, *, time_ms, party=""))]
    fn first_offers(
        &mut self,
        pay_asset: &str,
        get_asset: &str,
        count: usize,
        time_ms: u64,
        party: &str,
    ) -> PyResult<Vec<String>> {
        let market = &self.0;
        let unknown = || PyKeyError::new_err("there is no such book");
        let edge = market.find(pay_asset, get_asset, BOOK).ok_or_else(unknown)?;
        let Venue::Book(book) = &market.edges[edge].venue else { return Err(unknown()) };
        let ladder = book.ladder_without(time_ms, market.known_party(party));
        let ids = ladder.places(count).filter_map(|place| market.offer_at(edge, place));
        Ok(ids.map(str::to_owned).collect())
    }
}
