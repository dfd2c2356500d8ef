//! The one room that knows Python: arguments in, plain data out, the GIL let go for long work.
//!
//! Docstrings stand in src/tongbao/_core.pyi.

mod comet;
mod frozen;
mod hashes;
mod market;
mod netting;
mod protocols;
mod scrub;
mod state;

use crate::fault::{guarded, Fault, Outcome};
use crate::merkle::{Hash, Levels};
use crate::state::range::Row;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

type Many = Vec<PyBackedBytes>;
type Pairs = Vec<(PyBackedBytes, PyBackedBytes)>;
type Set = Vec<(PyBackedBytes, i64)>;
type Out<'py> = Bound<'py, PyBytes>;

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        PyValueError::new_err(fault.0)
    }
}

/// `guarded` for what is refused with a sentence anyway.
fn read<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    guarded(work)?
}

/// What cannot be refused; a fault where it panics all the same.
fn sure<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    Ok(guarded(work)?)
}

fn out<'py>(py: Python<'py>, bytes: impl AsRef<[u8]>) -> Out<'py> {
    PyBytes::new(py, bytes.as_ref())
}

fn outs<'py>(py: Python<'py>, many: impl IntoIterator<Item = Hash>) -> Vec<Out<'py>> {
    many.into_iter().map(|one| out(py, one)).collect()
}

fn row_outs<'py>(py: Python<'py>, rows: &[Row]) -> Vec<(Out<'py>, Out<'py>)> {
    rows.iter().map(|(key, value)| (out(py, key), out(py, value))).collect()
}

fn slices(many: &[PyBackedBytes]) -> Vec<&[u8]> {
    many.iter().map(|one| &one[..]).collect()
}

fn pair_slices(pairs: &Pairs) -> Vec<(&[u8], &[u8])> {
    pairs.iter().map(|(a, b)| (&a[..], &b[..])).collect()
}

/// A block record by its height.
type Record = (i64, PyBackedBytes);

fn record_slices(records: &[Record]) -> Vec<(i64, &[u8])> {
    records.iter().map(|(height, raw)| (*height, &raw[..])).collect()
}

fn path_out<'py>(py: Python<'py>, levels: &Levels, index: i64) -> PyResult<Vec<Out<'py>>> {
    let outside = || PyIndexError::new_err("the index is outside the list");
    let path = sure(|| usize::try_from(index).ok().and_then(|index| levels.path(index)))?;
    Ok(outs(py, path.ok_or_else(outside)?))
}

#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::comet::{
        block_id, commit_fields, commit_hash, commit_sign_bytes, consensus_params_hash, data_hash,
        data_path, header_fields, header_hash, light_step, make_commit, make_header, result_leaf,
        results_hash, results_path, signed_header_from_json, signed_header_to_json,
        validator_address, validators_hash, verify_commit,
    };
    #[pymodule_export]
    use super::frozen::PyFrozen;
    #[pymodule_export]
    use super::hashes::{
        ed25519_verify, ed25519_verify_batch, merkle_path, merkle_paths, merkle_root,
        merkle_verify, sha256_is_accelerated, sha256_many, MerkleList,
    };
    #[pymodule_export]
    use super::market::PyMarket;
    #[pymodule_export]
    use super::netting::net_payments;
    #[pymodule_export]
    use super::protocols::{
        abci_answer, abci_split, signer_pong, signer_public_key, signer_read, signer_refused,
        signer_signed,
    };
    #[pymodule_export]
    use super::scrub::PyScrub;
    #[pymodule_export]
    use super::state::{state_root, state_verify, PyDraft, PyState};
}
