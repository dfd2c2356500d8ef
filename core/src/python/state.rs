//! State, drafts and proofs.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyInt};

use crate::merkle::Hash;
use crate::state::ledger::{Draft, Ledger};
use crate::state::money::{self, Terms};
use crate::state::proof::{self, Existence, Proof};
use crate::state::range::Scan;
use crate::state::store::{Head, Pruned};
use crate::state::{snapshot, tree};

use super::frozen::PyFrozen;
use super::scrub::PyScrub;
use super::*;

type PlainExistence = (Vec<u8>, Vec<u8>, Vec<(bool, Hash)>);

pub(super) fn existence_in(plain: Option<PlainExistence>) -> Option<Existence> {
    plain.map(|(key, value, steps)| Existence { key, value, steps })
}

pub(super) fn proof_in(proof: &Bound<'_, PyDict>) -> PyResult<Proof> {
    let part = |name: &str| -> PyResult<Option<Existence>> {
        let Some(part) = proof.get_item(name)? else { return Ok(None) };
        Ok(existence_in(part.extract()?))
    };
    Ok(Proof { exists: part("exists")?, left: part("left")?, right: part("right")? })
}

pub(super) fn proof_out<'py>(py: Python<'py>, proof: &Proof) -> PyResult<Bound<'py, PyDict>> {
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
pub(super) fn state_verify(
    root: &[u8],
    key: &[u8],
    value: Option<&[u8]>,
    proof: &Bound<'_, PyDict>,
) -> bool {
    // A proof of another shape proves nothing.
    let holds = |proof: &Proof| guarded(|| proof::verify(root, key, value, proof)).unwrap_or(false);
    proof_in(proof).is_ok_and(|proof| holds(&proof))
}

#[pyfunction]
pub(super) fn state_root(py: Python<'_>, rows: Pairs) -> PyResult<Out<'_>> {
    let root = py.detach(|| read(|| tree::root_of(&pair_slices(&rows))))?;
    Ok(out(py, root))
}

/// An int as an amount: None where it does not fit.
pub(super) fn amount_in(value: &Bound<'_, PyAny>) -> PyResult<Option<i128>> {
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
pub(super) struct PyDraft(Draft);

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
        &mut self,
        py: Python<'py>,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
        reverse: bool,
    ) -> Vec<(Out<'py>, Out<'py>)> {
        let scan = Scan { prefix, after, limit, reverse };
        let ledger = self.0.ledger.clone();
        let rows = &ledger.latest().rows;
        row_outs(py, &self.0.overlay.scan(rows, &scan))
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
        let mut writes: Vec<_> = self.0.overlay.writes().collect();
        writes.sort_unstable_by_key(|(key, _)| *key);
        writes.into_iter().map(row).collect()
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
pub(super) struct PyState(Mutex<Option<Arc<Ledger>>>);

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
        blocks: Option<Vec<Record>>,
    ) -> PyResult<Self> {
        let blocks = blocks.unwrap_or_default();
        let blocks = record_slices(&blocks);
        let ledger = py.detach(|| {
            let rows = read(|| snapshot::read(Path::new(directory)))?;
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
        self.frozen()?.export_snapshot(py, directory, chunk_bytes)
    }

    fn frozen(&self) -> PyResult<PyFrozen> {
        let ledger = self.ledger()?;
        let latest = ledger.latest();
        Ok(PyFrozen::of(&latest))
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
        blocks: Vec<Record>,
        index: Pairs,
    ) -> PyResult<Out<'py>> {
        let ledger = self.ledger()?;
        let (blocks, index) = (record_slices(&blocks), pair_slices(&index));
        let root = py.detach(|| ledger.commit(&mut draft.0, &blocks, &index))?;
        Ok(out(py, root))
    }

    fn block<'py>(&self, py: Python<'py>, height: i64) -> PyResult<Option<Out<'py>>> {
        let record = self.ledger()?.with_store(|store| store.block(height))?;
        Ok(record.map(|record| out(py, record)))
    }

    #[pyo3(signature = (height, /))]
    fn block_from(&self, height: i64) -> PyResult<i64> {
        Ok(self.ledger()?.with_store(|store| store.block_from(height))?)
    }

    fn prune(&self, py: Python<'_>, blocks: Vec<i64>, gone: Many, index: Pairs) -> PyResult<()> {
        let ledger = self.ledger()?;
        let (gone, index) = (slices(&gone), pair_slices(&index));
        let pruned = Pruned { blocks: &blocks, gone: &gone, index: &index };
        Ok(py.detach(|| ledger.prune(&pruned))?)
    }

    fn reclaim(&self, py: Python<'_>) -> PyResult<()> {
        let ledger = self.ledger()?;
        Ok(py.detach(|| ledger.with_store(|store| store.reclaim()))?)
    }

    #[pyo3(signature = (index, blocks=Vec::new()), text_signature = "($self, index, blocks=())")]
    fn annotate(&self, py: Python<'_>, index: Pairs, blocks: Vec<Record>) -> PyResult<()> {
        let (ledger, index, blocks) = (self.ledger()?, pair_slices(&index), record_slices(&blocks));
        Ok(py.detach(|| ledger.annotate(&index, &blocks))?)
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

    fn scrub(&self) -> PyResult<PyScrub> {
        PyScrub::of(self.ledger()?)
    }

    fn close(&self, py: Python<'_>) {
        if let Some(ledger) = self.0.lock().take() {
            py.detach(|| ledger.close());
        }
    }
}
