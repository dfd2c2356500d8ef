//! The fast twin of Tongbao's kernel: what measurement showed to be too slow in Python.
//!
//! Only `python` knows Python. The rest is plain Rust over bytes.
#![forbid(unsafe_code)]

pub mod comet;
pub mod exchange;
pub mod fault;
pub mod merkle;
pub mod netting;
pub mod plain;
mod python;
pub mod signatures;
pub mod state;
