//! The market in memory: books and pools, and the search for routes through them.
//!
//! The twin is src/tongbao/modules/exchange: `arithmetic.py` for the arithmetic, `paths.py` for the
//! search. Nothing here decides anything on the ledger: it answers questions.

pub mod arithmetic;
pub mod book;
mod bounds;
pub mod market;
pub mod search;
