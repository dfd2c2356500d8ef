//! Signatures, hashes and Merkle lists.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::merkle::{self, Levels};
use crate::signatures as sig;

use super::*;

#[pyfunction]
pub(super) fn ed25519_verify(public: &[u8], signature: &[u8], message: &[u8]) -> bool {
    guarded(|| sig::verify(public, signature, message)).unwrap_or(false)
}

#[pyfunction]
pub(super) fn ed25519_verify_batch(
    py: Python<'_>,
    items: Vec<(PyBackedBytes, PyBackedBytes, PyBackedBytes)>,
) -> PyResult<Vec<bool>> {
    let items: Vec<sig::Item<'_>> =
        items.iter().map(|(p, s, m)| (&p[..], &s[..], &m[..])).collect();
    py.detach(|| sure(|| sig::verify_batch(&items)))
}

#[pyfunction]
pub(super) fn sha256_many(py: Python<'_>, items: Many) -> PyResult<Vec<Out<'_>>> {
    let items = slices(&items);
    Ok(outs(py, py.detach(|| sure(|| sig::sha256_many(&items)))?))
}

#[pyfunction]
pub(super) fn sha256_is_accelerated() -> bool {
    sig::sha256_is_accelerated()
}

#[pyclass(frozen, module = "tongbao._core")]
pub(super) struct MerkleList(Levels);

#[pymethods]
impl MerkleList {
    #[new]
    fn new(py: Python<'_>, leaves: Many) -> PyResult<Self> {
        let levels = || Levels::new(merkle::leaf_hashes(&slices(&leaves)));
        Ok(MerkleList(py.detach(|| sure(levels))?))
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
pub(super) fn merkle_root(py: Python<'_>, leaves: Many) -> PyResult<Out<'_>> {
    Ok(out(py, MerkleList::new(py, leaves)?.0.root()))
}

#[pyfunction]
pub(super) fn merkle_path(py: Python<'_>, leaves: Many, index: i64) -> PyResult<Vec<Out<'_>>> {
    path_out(py, &MerkleList::new(py, leaves)?.0, index)
}

#[pyfunction]
pub(super) fn merkle_paths(py: Python<'_>, leaves: Many) -> PyResult<Vec<Vec<Out<'_>>>> {
    let levels = MerkleList::new(py, leaves)?.0;
    (0..levels.len() as i64).map(|index| path_out(py, &levels, index)).collect()
}

#[pyfunction]
pub(super) fn merkle_verify(root: &[u8], leaf: &[u8], index: i64, total: i64, path: Many) -> bool {
    let (Ok(index), Ok(total)) = (u64::try_from(index), u64::try_from(total)) else { return false };
    guarded(|| merkle::verify(root, leaf, index, total, &slices(&path))).unwrap_or(false)
}
