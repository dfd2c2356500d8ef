//! The ledger's rows: an authenticated map in memory, made durable by a store behind a trait.

pub mod disk;
pub mod ledger;
pub mod money;
pub mod overlay;
pub mod proof;
pub mod range;
pub mod rows;
pub mod scrub;
pub mod snapshot;
pub mod store;
pub mod tree;
pub mod versions;
