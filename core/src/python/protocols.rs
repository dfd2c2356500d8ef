//! The engine's protocols: ABCI and the remote signer.

use prost::bytes::Bytes;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyList, PyString, PyTuple};

use crate::comet::{abci, privval};
use crate::plain::{Fields, Plain};

use super::*;

pub(super) fn plain_out<'py>(py: Python<'py>, plain: &Plain) -> PyResult<Bound<'py, PyAny>> {
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

pub(super) fn fields_out<'py>(py: Python<'py>, fields: &Fields) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in &fields.0 {
        dict.set_item(name, plain_out(py, value)?)?;
    }
    Ok(dict)
}

pub(super) fn plain_in(value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Plain> {
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
        Ok(bytes.as_bytes().into())
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

pub(super) fn fields_in(dict: &Bound<'_, PyDict>, depth: usize) -> PyResult<Fields> {
    let one = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Ok((name.extract()?, plain_in(&value, depth + 1)?))
    };
    dict.iter().map(one).collect::<PyResult<_>>().map(Fields)
}

type Call<'py> = (&'static str, Bound<'py, PyDict>);

#[pyfunction]
pub(super) fn abci_split<'py>(
    py: Python<'py>,
    stream: &[u8],
    longest: usize,
) -> PyResult<(Vec<Call<'py>>, usize)> {
    let (calls, taken) = read(|| abci::split(stream, longest))?;
    let calls = calls.iter().map(|(kind, fields)| Ok((*kind, fields_out(py, fields)?)));
    Ok((calls.collect::<PyResult<_>>()?, taken))
}

#[pyfunction]
pub(super) fn abci_answer<'py>(
    py: Python<'py>,
    kind: &str,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Out<'py>> {
    if kind != "finalize_block" {
        let fields = fields_in(fields, 0)?;
        return Ok(out(py, read(|| abci::answer(kind, &fields))?));
    }
    let results: Vec<ResultIn> = match fields.get_item("results")? {
        Some(results) => results.extract()?,
        None => Vec::new(),
    };
    let rest = fields.copy()?;
    rest.set_item("results", ())?; // these are read apart
    let results = results.into_iter().map(abci::Result::from).collect();
    let rest = fields_in(&rest, 0)?;
    Ok(out(py, read(|| abci::finalized(results, &rest))?))
}

/// A result as Python has it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct ResultIn {
    code: u32,
    data: PyBackedBytes,
    events: Vec<EventIn>,
}

#[derive(FromPyObject)]
struct EventIn {
    #[pyo3(item("type"))]
    kind: String,
    #[pyo3(item)]
    attributes: Vec<String>,
}

impl From<ResultIn> for abci::Result {
    fn from(one: ResultIn) -> Self {
        let events = one.events.into_iter().map(|event| (event.kind, event.attributes));
        let data = Bytes::copy_from_slice(&one.data);
        abci::Result { code: one.code, data, events: events.collect() }
    }
}

#[pyfunction]
pub(super) fn signer_read<'py>(
    py: Python<'py>,
    message: &[u8],
) -> PyResult<(&'static str, Bound<'py, PyDict>)> {
    let (kind, fields) = read(|| privval::read(message))?;
    Ok((kind, fields_out(py, &fields)?))
}

#[pyfunction]
pub(super) fn signer_pong(py: Python<'_>) -> PyResult<Out<'_>> {
    Ok(out(py, sure(privval::pong)?))
}

#[pyfunction]
pub(super) fn signer_public_key<'py>(py: Python<'py>, public: &[u8]) -> PyResult<Out<'py>> {
    Ok(out(py, sure(|| privval::public_key(public))?))
}

#[pyfunction]
pub(super) fn signer_signed<'py>(
    py: Python<'py>,
    message: &[u8],
    signature: &[u8],
    time_ns: i64,
) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| privval::signed(message, signature, time_ns))?))
}

#[pyfunction]
pub(super) fn signer_refused<'py>(
    py: Python<'py>,
    message: &[u8],
    why: &str,
) -> PyResult<Out<'py>> {
    Ok(out(py, read(|| privval::refused(message, why))?))
}
