//! The one file that knows Python: arguments in, plain data out, the GIL let go for long work.
//!
//! Docstrings stand in src/tongbao/_core.pyi.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::exceptions::{PyIndexError, PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};

use crate::comet::{self, abci, commit, header, light, privval, BlockId};
use crate::fault::Fault;
use crate::merkle::{self, Hash, Levels};
use crate::plain::{Fields, Plain};
use crate::signatures as sig;
use crate::state::draft::Draft;
use crate::state::ledger::Ledger;
use crate::state::money::{self, Terms};
use crate::state::proof::{self, Existence, Proof};
use crate::state::range::{Row, Scan};
use crate::state::store::Head;
use crate::state::{snapshot, tree};

type Many = Vec<PyBackedBytes>;
type Pairs = Vec<(PyBackedBytes, PyBackedBytes)>;
type Set = Vec<(PyBackedBytes, i64)>;
type Out<'py> = Bound<'py, PyBytes>;

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        PyValueError::new_err(fault.0)
    }
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

fn path_out<'py>(py: Python<'py>, levels: &Levels, index: i64) -> PyResult<Vec<Out<'py>>> {
    let outside = || PyIndexError::new_err("the index is outside the list");
    let path = usize::try_from(index).ok().and_then(|index| levels.path(index));
    Ok(outs(py, path.ok_or_else(outside)?))
}

// ---- signatures and hashes ----------------------------------------------------------------------

#[pyfunction]
fn ed25519_verify(public: &[u8], signature: &[u8], message: &[u8]) -> bool {
    sig::verify(public, signature, message)
}

#[pyfunction]
fn ed25519_verify_batch(
    py: Python<'_>,
    items: Vec<(PyBackedBytes, PyBackedBytes, PyBackedBytes)>,
) -> Vec<bool> {
    let items: Vec<sig::Item<'_>> =
        items.iter().map(|(p, s, m)| (&p[..], &s[..], &m[..])).collect();
    py.detach(|| sig::verify_batch(&items))
}

#[pyfunction]
fn sha256_many(py: Python<'_>, items: Many) -> Vec<Out<'_>> {
    let items = slices(&items);
    outs(py, py.detach(|| sig::sha256_many(&items)))
}

#[pyfunction]
fn sha256_is_accelerated() -> bool {
    sig::sha256_is_accelerated()
}

// ---- Merkle lists -------------------------------------------------------------------------------

#[pyclass(frozen, module = "tongbao._core")]
struct MerkleList(Levels);

#[pymethods]
impl MerkleList {
    #[new]
    fn new(py: Python<'_>, leaves: Many) -> Self {
        MerkleList(py.detach(|| Levels::new(merkle::leaf_hashes(&slices(&leaves)))))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn root<'py>(&self, py: Python<'py>) -> Out<'py> {
        out(py, self.0.root())
    }

    fn path<'py>(&self, py: Python<'py>, index: i64) -> PyResult<Vec<Out<'py>>> {
        path_out(py, &self.0, index)
    }
}

#[pyfunction]
fn merkle_root(py: Python<'_>, leaves: Many) -> Out<'_> {
    out(py, MerkleList::new(py, leaves).0.root())
}

#[pyfunction]
fn merkle_path(py: Python<'_>, leaves: Many, index: i64) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &MerkleList::new(py, leaves).0, index)
}

#[pyfunction]
fn merkle_paths(py: Python<'_>, leaves: Many) -> PyResult<Vec<Vec<Out<'_>>>> {
    let levels = MerkleList::new(py, leaves).0;
    (0..levels.len() as i64).map(|index| path_out(py, &levels, index)).collect()
}

#[pyfunction]
fn merkle_verify(root: &[u8], leaf: &[u8], index: i64, total: i64, path: Many) -> bool {
    let (Ok(index), Ok(total)) = (u64::try_from(index), u64::try_from(total)) else { return false };
    merkle::verify(root, leaf, index, total, &slices(&path))
}

// ---- CometBFT -----------------------------------------------------------------------------------

#[pyfunction]
fn data_hash(py: Python<'_>, txs: Many) -> Out<'_> {
    out(py, py.detach(|| comet::data_levels(&slices(&txs)).root()))
}

#[pyfunction]
fn data_path(py: Python<'_>, txs: Many, index: i64) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &py.detach(|| comet::data_levels(&slices(&txs))), index)
}

#[pyfunction]
fn result_leaf<'py>(py: Python<'py>, code: u32, data: &[u8]) -> Out<'py> {
    out(py, comet::result_leaf(code, data))
}

fn result_levels(py: Python<'_>, results: &[(u32, PyBackedBytes)]) -> Levels {
    let plain: Vec<_> = results.iter().map(|(code, data)| (*code, &data[..])).collect();
    py.detach(|| comet::result_levels(&plain))
}

#[pyfunction]
fn results_hash(py: Python<'_>, results: Vec<(u32, PyBackedBytes)>) -> Out<'_> {
    out(py, result_levels(py, &results).root())
}

#[pyfunction]
fn results_path(
    py: Python<'_>,
    results: Vec<(u32, PyBackedBytes)>,
    index: i64,
) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &result_levels(py, &results), index)
}

#[pyfunction]
fn validator_address<'py>(py: Python<'py>, public: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, comet::validator_address(public)?))
}

fn set_slices(validators: &[(PyBackedBytes, i64)]) -> Vec<(&[u8], i64)> {
    validators.iter().map(|(public, power)| (&public[..], *power)).collect()
}

#[pyfunction]
fn validators_hash(py: Python<'_>, validators: Vec<(PyBackedBytes, i64)>) -> PyResult<Out<'_>> {
    Ok(out(py, comet::validators_hash(&set_slices(&validators))?))
}

#[pyfunction]
fn consensus_params_hash(py: Python<'_>, max_bytes: i64, max_gas: i64) -> Out<'_> {
    out(py, comet::consensus_params_hash(max_bytes, max_gas))
}

#[pyfunction]
#[pyo3(signature = (*, chain_id, height, time_ms, last_block_id, last_commit_hash, data_hash,
    validators_hash, next_validators_hash, consensus_hash, app_hash, last_results_hash,
    evidence_hash, proposer_address, app_version=0, block_version=11, time_ns=0))]
#[allow(clippy::too_many_arguments)] // a header has that many fields, all by keyword
fn make_header(
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
    Ok(out(py, header::encode(plain)?))
}

#[pyfunction]
fn header_hash<'py>(py: Python<'py>, header: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, header::hash(header)?))
}

fn id_out<'py>(py: Python<'py>, id: &BlockId) -> (Out<'py>, u32, Out<'py>) {
    (out(py, &id.0), id.1, out(py, &id.2))
}

#[pyfunction]
fn header_fields<'py>(py: Python<'py>, header: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let plain = header::fields(header)?;
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
fn block_id<'py>(
    py: Python<'py>,
    header: &[u8],
    txs: Many,
    last_commit: Option<&[u8]>,
) -> PyResult<(Out<'py>, u32, Out<'py>)> {
    let id = py.detach(|| header::block_id(header, &slices(&txs), last_commit))?;
    Ok(id_out(py, &id))
}

#[pyfunction]
#[pyo3(signature = (chain_id, height, round, block_id, time_ms, time_ns=0))]
fn commit_sign_bytes<'py>(
    py: Python<'py>,
    chain_id: &str,
    height: i64,
    round: i64,
    block_id: BlockId,
    time_ms: i64,
    time_ns: u32,
) -> PyResult<Out<'py>> {
    let time = header::timestamp(time_ms, time_ns)?;
    Ok(out(py, commit::sign_bytes(chain_id, height, round, &block_id, time)))
}

#[pyfunction]
fn make_commit(
    py: Python<'_>,
    height: i64,
    round: i32,
    block_id: BlockId,
    signatures: Vec<(PyBackedBytes, i64, PyBackedBytes)>,
) -> PyResult<Out<'_>> {
    let plain: Vec<_> = signatures.iter().map(|(a, t, s)| (&a[..], *t, &s[..])).collect();
    Ok(out(py, commit::encode(height, round, &block_id, &plain)?))
}

#[pyfunction]
fn commit_hash<'py>(py: Python<'py>, commit: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, commit::hash(commit)?))
}

#[pyfunction]
fn commit_fields<'py>(py: Python<'py>, commit: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let plain = commit::fields(commit)?;
    let fields = PyDict::new(py);
    fields.set_item("height", plain.height)?;
    fields.set_item("round", plain.round)?;
    fields.set_item("block_id", plain.block_id.as_ref().map(|id| id_out(py, id)))?;
    let signatures = plain.signatures.iter().map(|s| (s.0, out(py, &s.1), s.2, out(py, &s.3)));
    fields.set_item("signatures", signatures.collect::<Vec<_>>())?;
    Ok(fields)
}

#[pyfunction]
fn verify_commit(
    py: Python<'_>,
    chain_id: &str,
    header: &[u8],
    commit: &[u8],
    validators: Vec<(PyBackedBytes, i64)>,
) -> PyResult<()> {
    let set = set_slices(&validators);
    Ok(py.detach(|| commit::verify(chain_id, header, commit, &set))?)
}

#[pyfunction]
#[pyo3(signature = (trusted, trusted_next, header, commit, validators, next_validators, *, now_ms,
    trusting_s, drift_s=10, threshold=(1, 3)))]
#[allow(clippy::too_many_arguments)] // what a step of a light client rests on
fn light_step(
    py: Python<'_>,
    trusted: &[u8],
    trusted_next: Set,
    header: &[u8],
    commit: &[u8],
    validators: Set,
    next_validators: Option<Set>,
    now_ms: i64,
    trusting_s: u64,
    drift_s: u64,
    threshold: (u64, u64),
) -> PyResult<(&'static str, String)> {
    let (trusted_next, validators) = (set_slices(&trusted_next), set_slices(&validators));
    let next = next_validators.as_ref().map(|set| set_slices(set));
    let step = light::Step { header, commit, validators: &validators, next: next.as_deref() };
    let limits = light::Limits { threshold, trusting_s, drift_s, now_ms };
    Ok(py.detach(|| light::verify(trusted, &trusted_next, &step, &limits))?)
}

#[pyfunction]
fn signed_header_from_json<'py>(py: Python<'py>, json: &[u8]) -> PyResult<(Out<'py>, Out<'py>)> {
    let (header, commit) = light::signed_header_from_json(json)?;
    Ok((out(py, header), out(py, commit)))
}

// ---- the engine's protocols ---------------------------------------------------------------------

fn plain_out<'py>(py: Python<'py>, plain: &Plain) -> PyResult<Bound<'py, PyAny>> {
    Ok(match plain {
        Plain::None => py.None().into_bound(py),
        Plain::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Plain::Int(number) => number.into_pyobject(py)?.into_any(),
        Plain::Bytes(bytes) => out(py, bytes).into_any(),
        Plain::Text(text) => PyString::new(py, text).into_any(),
        Plain::List(items) => {
            let items: Vec<_> =
                items.iter().map(|one| plain_out(py, one)).collect::<Result<_, _>>()?;
            PyList::new(py, items)?.into_any()
        }
        Plain::Fields(fields) => fields_out(py, fields)?.into_any(),
    })
}

fn fields_out<'py>(py: Python<'py>, fields: &Fields) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in &fields.0 {
        dict.set_item(name, plain_out(py, value)?)?;
    }
    Ok(dict)
}

fn plain_in(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Plain> {
    if depth > 8 {
        return Err(PyValueError::new_err("the value is nested too deep"));
    }
    let items = |list: Vec<Bound<'_, PyAny>>| {
        list.iter().map(|one| plain_in(one, depth + 1)).collect::<PyResult<_>>().map(Plain::List)
    };
    if value.is_none() {
        Ok(Plain::None)
    } else if let Ok(flag) = value.cast::<PyBool>() {
        Ok(Plain::Bool(flag.is_true()))
    } else if let Ok(bytes) = value.cast::<PyBytes>() {
        Ok(Plain::Bytes(bytes.as_bytes().to_vec()))
    } else if let Ok(text) = value.cast::<PyString>() {
        Ok(Plain::Text(text.to_cow()?.into_owned()))
    } else if value.is_instance_of::<PyInt>() {
        Ok(Plain::Int(value.extract()?))
    } else if let Ok(dict) = value.cast::<PyDict>() {
        fields_in(dict, depth).map(Plain::Fields)
    } else if let Ok(list) = value.cast::<PyList>() {
        items(list.iter().collect())
    } else if let Ok(list) = value.cast::<PyTuple>() {
        items(list.iter().collect())
    } else {
        Err(PyValueError::new_err("only plain data is encoded"))
    }
}

fn fields_in(dict: &Bound<'_, PyDict>, depth: usize) -> PyResult<Fields> {
    let one = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok((name.extract()?, plain_in(&value, depth + 1)?))
    };
    dict.iter().map(one).collect::<PyResult<_>>().map(Fields)
}

#[pyfunction]
fn abci_split<'py>(
    py: Python<'py>,
    stream: &[u8],
    longest: usize,
) -> PyResult<(Vec<(&'static str, Bound<'py, PyDict>)>, usize)> {
    let (calls, taken) = abci::split(stream, longest)?;
    let calls = calls.iter().map(|(kind, fields)| Ok((*kind, fields_out(py, fields)?)));
    Ok((calls.collect::<PyResult<_>>()?, taken))
}

#[pyfunction]
fn abci_answer<'py>(
    py: Python<'py>,
    kind: &str,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Out<'py>> {
    let fields = fields_in(fields, 0)?;
    Ok(out(py, abci::answer(kind, &fields)?))
}

#[pyfunction]
fn signer_read<'py>(
    py: Python<'py>,
    message: &[u8],
) -> PyResult<(&'static str, Bound<'py, PyDict>)> {
    let (kind, fields) = privval::read(message)?;
    Ok((kind, fields_out(py, &fields)?))
}

#[pyfunction]
fn signer_pong(py: Python<'_>) -> Out<'_> {
    out(py, privval::pong())
}

#[pyfunction]
fn signer_public_key<'py>(py: Python<'py>, public: &[u8]) -> Out<'py> {
    out(py, privval::public_key(public))
}

#[pyfunction]
fn signer_signed<'py>(
    py: Python<'py>,
    message: &[u8],
    signature: &[u8],
    time_ns: i64,
) -> PyResult<Out<'py>> {
    Ok(out(py, privval::signed(message, signature, time_ns)?))
}

#[pyfunction]
fn signer_refused<'py>(py: Python<'py>, message: &[u8], why: &str) -> PyResult<Out<'py>> {
    Ok(out(py, privval::refused(message, why)?))
}

// ---- state --------------------------------------------------------------------------------------

type PlainExistence = (Vec<u8>, Vec<u8>, Vec<(bool, Hash)>);

fn existence_in(plain: Option<PlainExistence>) -> Option<Existence> {
    plain.map(|(key, value, steps)| Existence { key, value, steps })
}

fn proof_in(proof: &Bound<'_, PyDict>) -> PyResult<Proof> {
    let part = |name: &str| -> PyResult<Option<Existence>> {
        let Some(part) = proof.get_item(name)? else { return Ok(None) };
        Ok(existence_in(part.extract()?))
    };
    Ok(Proof { exists: part("exists")?, left: part("left")?, right: part("right")? })
}

fn proof_out<'py>(py: Python<'py>, proof: &Proof) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, part) in [("exists", &proof.exists), ("left", &proof.left), ("right", &proof.right)]
    {
        let part = part.as_ref().map(|one| {
            let steps: Vec<_> = one.steps.iter().map(|(left, h)| (*left, out(py, h))).collect();
            (out(py, &one.key), out(py, &one.value), steps)
        });
        dict.set_item(name, part)?;
    }
    Ok(dict)
}

#[pyfunction]
fn state_verify(root: &[u8], key: &[u8], value: Option<&[u8]>, proof: &Bound<'_, PyDict>) -> bool {
    // A proof of another shape proves nothing.
    proof_in(proof).is_ok_and(|proof| proof::verify(root, key, value, &proof))
}

#[pyfunction]
fn state_root(py: Python<'_>, rows: Pairs) -> PyResult<Out<'_>> {
    let root = py.detach(|| tree::root_of(&pair_slices(&rows)))?;
    Ok(out(py, root))
}

/// An int as an amount: None where it does not fit.
fn amount_in(value: &Bound<'_, PyAny>) -> PyResult<Option<i128>> {
    if let Ok(small) = value.extract::<i64>() {
        return Ok(Some(i128::from(small)));
    }
    match value.cast::<PyInt>()?.extract::<i128>() {
        Ok(large) => Ok(Some(large)),
        Err(e) if e.is_instance_of::<PyOverflowError>(value.py()) => Ok(None),
        Err(e) => Err(e),
    }
}

#[pyclass(name = "Draft", module = "tongbao._core")]
struct PyDraft(Draft);

#[pymethods]
impl PyDraft {
    fn __len__(&self) -> usize {
        self.0.overlay.len()
    }

    #[pyo3(signature = (key, /))]
    fn get<'py>(&self, py: Python<'py>, key: &[u8]) -> Option<Out<'py>> {
        let latest = self.0.ledger.latest();
        self.0.overlay.get(&latest.rows, key).map(|value| out(py, value))
    }

    #[pyo3(signature = (key, value, /))]
    fn put(&mut self, key: &[u8], value: &[u8]) {
        self.0.overlay.set(key, Some(value));
    }

    #[pyo3(signature = (key, /))]
    fn delete(&mut self, key: &[u8]) {
        self.0.overlay.set(key, None);
    }

    #[pyo3(signature = (prefix, after, limit, reverse=false))]
    fn scan<'py>(
        &self,
        py: Python<'py>,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        reverse: bool,
    ) -> Vec<(Out<'py>, Out<'py>)> {
        let scan = Scan { prefix, after, limit, reverse };
        row_outs(py, &self.0.overlay.scan(&self.0.ledger.latest().rows, &scan))
    }

    fn begin(&mut self) {
        self.0.overlay.begin();
    }

    fn accept(&mut self) -> PyResult<()> {
        Ok(self.0.overlay.accept()?)
    }

    fn rollback(&mut self) -> PyResult<()> {
        Ok(self.0.overlay.rollback()?)
    }

    fn writes<'py>(&self, py: Python<'py>) -> Vec<(Out<'py>, Option<Out<'py>>)> {
        let row =
            |(key, value): (&Arc<[u8]>, Option<&[u8]>)| (out(py, key), value.map(|v| out(py, v)));
        self.0.overlay.writes().map(row).collect()
    }

    #[pyo3(signature = (debit_account, credit_account, asset, amount, floor, referenced=true))]
    fn r#move(
        &mut self,
        debit_account: &str,
        credit_account: &str,
        asset: &str,
        amount: &Bound<'_, PyAny>,
        floor: i128,
        referenced: bool,
    ) -> PyResult<u8> {
        let terms = Terms { debit: debit_account, asset, floor, referenced };
        let amount = amount_in(amount)?;
        let ledger = self.0.ledger.clone();
        let rows = &ledger.latest().rows;
        Ok(money::post(&mut self.0.overlay, rows, &terms, credit_account, amount)?)
    }

    #[allow(clippy::too_many_arguments)] // the transfer's terms, one by one
    fn bulk_move(
        &mut self,
        debit_account: &str,
        asset: &str,
        credits: Vec<PyBackedStr>,
        amounts: Vec<Bound<'_, PyAny>>,
        referenced: bool,
        floor: i128,
        all_or_none: bool,
    ) -> PyResult<Vec<(usize, u8)>> {
        if credits.len() != amounts.len() {
            return Err(PyValueError::new_err("there are not as many amounts as credits"));
        }
        let amounts = amounts.iter().map(amount_in).collect::<PyResult<Vec<_>>>()?;
        let lines: Vec<_> = credits.iter().map(|name| &name[..]).zip(amounts).collect();
        let terms = Terms { debit: debit_account, asset, floor, referenced };
        let ledger = self.0.ledger.clone();
        let rows = &ledger.latest().rows;
        Ok(money::post_many(&mut self.0.overlay, rows, &terms, &lines, all_or_none)?)
    }

    fn holding_deltas<'py>(&self, py: Python<'py>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
        let deltas = money::deltas(&self.0.overlay, &self.0.ledger.latest().rows)?;
        let whole = |(asset, high, low): (String, i128, u64)| {
            let high = high.into_pyobject(py)?.into_any();
            Ok((asset, high.lshift(64)?.add(low)?))
        };
        deltas.into_iter().map(whole).collect()
    }
}

#[pyclass(name = "State", frozen, module = "tongbao._core")]
struct PyState(Mutex<Option<Arc<Ledger>>>);

impl PyState {
    fn ledger(&self) -> PyResult<Arc<Ledger>> {
        let closed = || PyValueError::new_err("the state is closed");
        self.0.lock().clone().ok_or_else(closed)
    }
}

#[pymethods]
impl PyState {
    #[staticmethod]
    #[pyo3(signature = (path, keep_versions=100))]
    fn open(py: Python<'_>, path: Option<&str>, keep_versions: usize) -> PyResult<Self> {
        let ledger = py.detach(|| Ledger::open(path.map(Path::new), keep_versions))?;
        Ok(PyState(Mutex::new(Some(ledger))))
    }

    #[staticmethod]
    #[pyo3(signature = (path, directory, expected_root, height, blocks=None))]
    fn import_snapshot(
        py: Python<'_>,
        path: Option<&str>,
        directory: &str,
        expected_root: Hash,
        height: i64,
        blocks: Option<Vec<(i64, PyBackedBytes)>>,
    ) -> PyResult<Self> {
        let blocks = blocks.unwrap_or_default();
        let blocks: Vec<_> = blocks.iter().map(|(height, raw)| (*height, &raw[..])).collect();
        let ledger = py.detach(|| {
            let rows = snapshot::read(Path::new(directory))?;
            let head = Head { height, rows: rows.len() as u64, root: expected_root };
            Ledger::import(path.map(Path::new), rows, head, &blocks)
        })?;
        Ok(PyState(Mutex::new(Some(ledger))))
    }

    fn export_snapshot<'py>(
        &self,
        py: Python<'py>,
        directory: &str,
        chunk_bytes: usize,
    ) -> PyResult<Vec<Out<'py>>> {
        let ledger = self.ledger()?;
        let hashes = py.detach(|| snapshot::export(&ledger, Path::new(directory), chunk_bytes))?;
        Ok(outs(py, hashes))
    }

    fn height(&self) -> PyResult<i64> {
        Ok(self.ledger()?.latest().height)
    }

    fn root<'py>(&self, py: Python<'py>) -> PyResult<Out<'py>> {
        Ok(out(py, self.ledger()?.latest().root()))
    }

    fn root_at<'py>(&self, py: Python<'py>, height: i64) -> PyResult<Out<'py>> {
        Ok(out(py, self.ledger()?.root_at(height)?))
    }

    fn versions(&self) -> PyResult<Vec<i64>> {
        Ok(self.ledger()?.versions())
    }

    fn __len__(&self) -> PyResult<usize> {
        Ok(self.ledger()?.latest().rows.len())
    }

    #[pyo3(signature = (key, /))]
    fn get<'py>(&self, py: Python<'py>, key: &[u8]) -> PyResult<Option<Out<'py>>> {
        let ledger = self.ledger()?;
        let latest = ledger.latest();
        Ok(latest.rows.get(key).map(|leaf| out(py, &leaf.value)))
    }

    fn get_at<'py>(&self, py: Python<'py>, height: i64, key: &[u8]) -> PyResult<Option<Out<'py>>> {
        Ok(self.ledger()?.get_at(height, key)?.map(|value| out(py, value)))
    }

    #[pyo3(signature = (prefix, after, limit, reverse=false))]
    fn scan<'py>(
        &self,
        py: Python<'py>,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        reverse: bool,
    ) -> PyResult<Vec<(Out<'py>, Out<'py>)>> {
        let ledger = self.ledger()?;
        let latest = ledger.latest();
        let rows = latest.rows.scan(&Scan { prefix, after, limit, reverse });
        Ok(rows.take(limit).map(|(key, value)| (out(py, key), out(py, value))).collect())
    }

    #[pyo3(signature = (key, height=None))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        key: &[u8],
        height: Option<i64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let ledger = self.ledger()?;
        let proof = py.detach(|| ledger.prove(key, height))?;
        proof_out(py, &proof)
    }

    fn draft(&self) -> PyResult<PyDraft> {
        Ok(PyDraft(self.ledger()?.draft()))
    }

    fn stage<'py>(&self, py: Python<'py>, draft: &mut PyDraft) -> PyResult<Out<'py>> {
        let ledger = self.ledger()?;
        let root = py.detach(|| ledger.stage(&mut draft.0))?;
        Ok(out(py, root))
    }

    fn commit<'py>(
        &self,
        py: Python<'py>,
        draft: &mut PyDraft,
        blocks: Vec<(i64, PyBackedBytes)>,
        index: Pairs,
    ) -> PyResult<Out<'py>> {
        let ledger = self.ledger()?;
        let blocks: Vec<_> = blocks.iter().map(|(height, raw)| (*height, &raw[..])).collect();
        let index = pair_slices(&index);
        let root = py.detach(|| ledger.commit(&mut draft.0, &blocks, &index))?;
        Ok(out(py, root))
    }

    fn block<'py>(&self, py: Python<'py>, height: i64) -> PyResult<Option<Out<'py>>> {
        let record = self.ledger()?.with_store(|store| store.block(height))?;
        Ok(record.map(|record| out(py, record)))
    }

    fn base_height(&self) -> PyResult<i64> {
        Ok(self.ledger()?.with_store(|store| store.base_height())?)
    }

    fn prune_blocks(&self, py: Python<'_>, below: i64) -> PyResult<()> {
        let ledger = self.ledger()?;
        Ok(py.detach(|| ledger.prune_blocks(below))?)
    }

    fn annotate(&self, py: Python<'_>, index: Pairs) -> PyResult<()> {
        let ledger = self.ledger()?;
        let index = pair_slices(&index);
        Ok(py.detach(|| ledger.with_store(|store| store.annotate(&index)))?)
    }

    fn index_get<'py>(&self, py: Python<'py>, key: &[u8]) -> PyResult<Option<Out<'py>>> {
        let value = self.ledger()?.with_store(|store| store.index_get(key))?;
        Ok(value.map(|value| out(py, value)))
    }

    fn index_scan<'py>(
        &self,
        py: Python<'py>,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> PyResult<Vec<(Out<'py>, Out<'py>)>> {
        let scan = Scan { prefix, after, limit, reverse: false };
        let rows = self.ledger()?.with_store(|store| store.index_scan(&scan))?;
        Ok(row_outs(py, &rows))
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ledger = self.ledger()?;
        let stats = PyDict::new(py);
        stats.set_item("leaves", ledger.latest().rows.len())?;
        stats.set_item("versions", ledger.versions().len())?;
        stats.set_item("resident_bytes", py.detach(|| ledger.latest().rows.resident_bytes()))?;
        stats.set_item("undo_rows", ledger.replaced_rows())?;
        stats.set_item("file_bytes", ledger.with_store(|store| Ok(store.file_bytes()))?)?;
        Ok(stats)
    }

    fn verify_integrity(&self, py: Python<'_>) -> PyResult<()> {
        let ledger = self.ledger()?;
        Ok(py.detach(|| ledger.verify_integrity())?)
    }

    fn close(&self, py: Python<'_>) {
        if let Some(ledger) = self.0.lock().take() {
            py.detach(|| ledger.close());
        }
    }
}

#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use super::{
        abci_answer, abci_split, block_id, commit_fields, commit_hash, commit_sign_bytes,
        consensus_params_hash, data_hash, data_path, ed25519_verify, ed25519_verify_batch,
        header_fields, header_hash, light_step, make_commit, make_header, merkle_path,
        merkle_paths, merkle_root, merkle_verify, result_leaf, results_hash, results_path,
        sha256_is_accelerated, sha256_many, signed_header_from_json, signer_pong,
        signer_public_key, signer_read, signer_refused, signer_signed, state_root, state_verify,
        validator_address, validators_hash, verify_commit, MerkleList, PyDraft, PyState,
    };
}
