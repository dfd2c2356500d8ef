//! CometBFT's encoding: headers, commits, light client.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyDict;

use crate::comet::{self, commit, header, light, BlockId};
use crate::merkle::Levels;

use super::*;

fn data_levels(py: Python<'_>, txs: &Many) -> PyResult<Levels> {
    py.detach(|| sure(|| comet::data_levels(&slices(txs))))
}

#[pyfunction]
pub(super) fn data_hash(py: Python<'_>, txs: Many) -> PyResult<Out<'_>> {
    Ok(out(py, data_levels(py, &txs)?.root()))
}

#[pyfunction]
pub(super) fn data_path(py: Python<'_>, txs: Many, index: i64) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &data_levels(py, &txs)?, index)
}

#[pyfunction]
pub(super) fn result_leaf<'py>(py: Python<'py>, code: u32, data: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, sure(|| comet::result_leaf(code, data))?))
}

pub(super) fn result_levels(py: Python<'_>, results: &[(u32, PyBackedBytes)]) -> PyResult<Levels> {
    let plain: Vec<_> = results.iter().map(|(code, data)| (*code, &data[..])).collect();
    py.detach(|| sure(|| comet::result_levels(&plain)))
}

#[pyfunction]
pub(super) fn results_hash(
    py: Python<'_>,
    results: Vec<(u32, PyBackedBytes)>,
) -> PyResult<Out<'_>> {
    Ok(out(py, result_levels(py, &results)?.root()))
}

#[pyfunction]
pub(super) fn results_path(
    py: Python<'_>,
    results: Vec<(u32, PyBackedBytes)>,
    index: i64,
) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &result_levels(py, &results)?, index)
}

#[pyfunction]
pub(super) fn validator_address<'py>(py: Python<'py>, public: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| comet::validator_address(public))?))
}

pub(super) fn set_slices(validators: &[(PyBackedBytes, i64)]) -> Vec<(&[u8], i64)> {
    validators.iter().map(|(public, power)| (&public[..], *power)).collect()
}

#[pyfunction]
pub(super) fn validators_hash(
    py: Python<'_>,
    validators: Vec<(PyBackedBytes, i64)>,
) -> PyResult<Out<'_>> {
    Ok(out(py, read(|| comet::validators_hash(&set_slices(&validators)))?))
}

#[pyfunction]
pub(super) fn consensus_params_hash(
    py: Python<'_>,
    max_bytes: i64,
    max_gas: i64,
) -> PyResult<Out<'_>> {
    Ok(out(py, sure(|| comet::consensus_params_hash(max_bytes, max_gas))?))
}

#[pyfunction]
#[pyo3(signature = (*, chain_id, height, time_ms, last_block_id, last_commit_hash, data_hash,
    validators_hash, next_validators_hash, consensus_hash, app_hash, last_results_hash,
    evidence_hash, proposer_address, app_version=0, block_version=11, time_ns=0))]
#[allow(clippy::too_many_arguments)] // a header has that many fields, all by keyword
pub(super) fn make_header(
    py: Python<'_>,
    chain_id: String,
    height: i64,
    time_ms: i64,
    last_block_id: Option<BlockId>,
    last_commit_hash: Vec<u8>,
    data_hash: Vec<u8>,
    validators_hash: Vec<u8>,
    next_validators_hash: Vec<u8>,
    consensus_hash: Vec<u8>,
    app_hash: Vec<u8>,
    last_results_hash: Vec<u8>,
    evidence_hash: Vec<u8>,
    proposer_address: Vec<u8>,
    app_version: u64,
    block_version: u64,
    time_ns: u32,
) -> PyResult<Out<'_>> {
    let plain = header::PlainHeader {
        chain_id,
        height,
        time_ms,
        time_ns,
        block_version,
        app_version,
        last_block_id,
        last_commit_hash,
        data_hash,
        validators_hash,
        next_validators_hash,
        consensus_hash,
        app_hash,
        last_results_hash,
        evidence_hash,
        proposer_address,
    };
    Ok(out(py, read(|| header::encode(plain))?))
}

#[pyfunction]
pub(super) fn header_hash<'py>(py: Python<'py>, header: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| header::hash(header))?))
}

pub(super) fn id_out<'py>(py: Python<'py>, id: &BlockId) -> (Out<'py>, u32, Out<'py>) {
    (out(py, &id.0), id.1, out(py, &id.2))
}

#[pyfunction]
pub(super) fn header_fields<'py>(py: Python<'py>, header: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let plain = read(|| header::fields(header))?;
    let fields = PyDict::new(py);
    fields.set_item("chain_id", &plain.chain_id)?;
    fields.set_item("height", plain.height)?;
    fields.set_item("time_ms", plain.time_ms)?;
    fields.set_item("time_ns", plain.time_ns)?;
    fields.set_item("last_block_id", plain.last_block_id.as_ref().map(|id| id_out(py, id)))?;
    for (name, bytes) in [
        ("last_commit_hash", &plain.last_commit_hash),
        ("data_hash", &plain.data_hash),
        ("validators_hash", &plain.validators_hash),
        ("next_validators_hash", &plain.next_validators_hash),
        ("consensus_hash", &plain.consensus_hash),
        ("app_hash", &plain.app_hash),
        ("last_results_hash", &plain.last_results_hash),
        ("evidence_hash", &plain.evidence_hash),
        ("proposer_address", &plain.proposer_address),
    ] {
        fields.set_item(name, out(py, bytes))?;
    }
    fields.set_item("app_version", plain.app_version)?;
    fields.set_item("block_version", plain.block_version)?;
    Ok(fields)
}

#[pyfunction]
pub(super) fn block_id<'py>(
    py: Python<'py>,
    header: &[u8],
    txs: Many,
    last_commit: Option<&[u8]>,
) -> PyResult<(Out<'py>, u32, Out<'py>)> {
    let id = py.detach(|| read(|| header::block_id(header, &slices(&txs), last_commit)))?;
    Ok(id_out(py, &id))
}

#[pyfunction]
#[pyo3(signature = (chain_id, height, round, block_id, time_ms, time_ns=0))]
pub(super) fn commit_sign_bytes<'py>(
    py: Python<'py>,
    chain_id: &str,
    height: i64,
    round: i64,
    block_id: BlockId,
    time_ms: i64,
    time_ns: u32,
) -> PyResult<Out<'py>> {
    let message = || {
        let time = header::timestamp(time_ms, time_ns)?;
        Ok(commit::sign_bytes(chain_id, height, round, &block_id, time))
    };
    Ok(out(py, read(message)?))
}

#[pyfunction]
pub(super) fn make_commit(
    py: Python<'_>,
    height: i64,
    round: i32,
    block_id: BlockId,
    signatures: Vec<(PyBackedBytes, i64, PyBackedBytes)>,
) -> PyResult<Out<'_>> {
    let plain: Vec<_> = signatures.iter().map(|(a, t, s)| (&a[..], *t, &s[..])).collect();
    Ok(out(py, read(|| commit::encode(height, round, &block_id, &plain))?))
}

#[pyfunction]
pub(super) fn commit_hash<'py>(py: Python<'py>, commit: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| commit::hash(commit))?))
}

#[pyfunction]
pub(super) fn commit_fields<'py>(py: Python<'py>, commit: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let plain = read(|| commit::fields(commit))?;
    let fields = PyDict::new(py);
    fields.set_item("height", plain.height)?;
    fields.set_item("round", plain.round)?;
    fields.set_item("block_id", plain.block_id.as_ref().map(|id| id_out(py, id)))?;
    let signatures = plain.signatures.iter().map(|s| (s.0, out(py, &s.1), s.2, out(py, &s.3)));
    fields.set_item("signatures", signatures.collect::<Vec<_>>())?;
    Ok(fields)
}

#[pyfunction]
pub(super) fn verify_commit(
    py: Python<'_>,
    chain_id: &str,
    header: &[u8],
    commit: &[u8],
    validators: Vec<(PyBackedBytes, i64)>,
) -> PyResult<()> {
    let set = set_slices(&validators);
    Ok(py.detach(|| read(|| commit::verify(chain_id, header, commit, &set)))?)
}

#[pyfunction]
#[pyo3(signature = (trusted, trusted_next, header, commit, validators, next_validators, *, now_ms,
    trusting_s, threshold, drift_s=10))]
#[allow(clippy::too_many_arguments)] // what a step of a light client rests on
pub(super) fn light_step(
    py: Python<'_>,
    trusted: &[u8],
    trusted_next: Set,
    header: &[u8],
    commit: &[u8],
    validators: Set,
    next_validators: Option<Set>,
    now_ms: i64,
    trusting_s: u64,
    threshold: (u64, u64),
    drift_s: u64,
) -> PyResult<(&'static str, String)> {
    let (trusted_next, validators) = (set_slices(&trusted_next), set_slices(&validators));
    let next = next_validators.as_ref().map(|set| set_slices(set));
    let step = light::Step { header, commit, validators: &validators, next: next.as_deref() };
    let limits = light::Limits { threshold, trusting_s, drift_s, now_ms };
    Ok(py.detach(|| read(|| light::verify(trusted, &trusted_next, &step, &limits)))?)
}

#[pyfunction]
pub(super) fn signed_header_from_json<'py>(
    py: Python<'py>,
    json: &[u8],
) -> PyResult<(Out<'py>, Out<'py>)> {
    let (header, commit) = read(|| light::signed_header_from_json(json))?;
    Ok((out(py, header), out(py, commit)))
}

#[pyfunction]
pub(super) fn signed_header_to_json<'py>(
    py: Python<'py>,
    header: &[u8],
    commit: &[u8],
) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| light::signed_header_to_json(header, commit))?))
}
