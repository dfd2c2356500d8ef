//! Reading a store again, in slices.

use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::state::ledger::Ledger;
use crate::state::scrub::Scrub;

#[pyclass(name = "Scrub", frozen, module = "tongbao._core")]
pub(super) struct PyScrub {
    scrub: Mutex<Scrub>,
    #[pyo3(get)]
    total: u64,
}

type Found = (&'static str, String, u64);

impl PyScrub {
    pub(super) fn of(ledger: Arc<Ledger>) -> PyResult<Self> {
        let scrub = Scrub::new(ledger)?;
        Ok(PyScrub { total: scrub.total(), scrub: Mutex::new(scrub) })
    }
}

#[pymethods]
impl PyScrub {
    #[pyo3(signature = (budget, /))]
    fn step(&self, py: Python<'_>, budget: u64) -> PyResult<(u64, bool, Option<Found>)> {
        let slice = py.detach(|| self.scrub.lock().step(budget))?;
        let found = slice.finding.map(|one| (one.kind, one.place, one.offset));
        Ok((slice.bytes, slice.done, found))
    }
}
