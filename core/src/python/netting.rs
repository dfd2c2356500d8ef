//! The netting of a payment queue.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::netting::{self, Objective, Unit};

use super::sure;

type Given = (Vec<(usize, i128)>, i128, i128);

#[pyfunction]
pub(super) fn net_payments(
    py: Python<'_>,
    capacities: Vec<i128>,
    units: Vec<Given>,
    by_count: bool,
    always_approximate: bool,
) -> PyResult<Vec<usize>> {
    let known = |(effects, _, _): &Given| effects.iter().all(|(at, _)| *at < capacities.len());
    if !units.iter().all(known) {
        return Err(PyValueError::new_err("a unit draws on a capacity that is not there"));
    }
    let units: Vec<Unit> = units
        .into_iter()
        .map(|(effects, payments, value)| Unit { effects, payments, value })
        .collect();
    if !sure(|| netting::fits(&capacities, &units))? {
        return Err(PyValueError::new_err("the sums leave the range of 127 bits"));
    }
    let objective = if by_count { Objective::Count } else { Objective::Value };
    py.detach(|| sure(|| netting::net(&capacities, &units, objective, always_approximate)))
}
