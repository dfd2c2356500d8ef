//! A version that later ones leave as it is.

use std::path::Path;

use pyo3::prelude::*;

use crate::merkle::Hash;
use crate::state::snapshot;
use crate::state::tree::Tree;
use crate::state::versions::Latest;

use super::*;

/// One version as it stands, shared with the state and with later versions; it never changes.
#[pyclass(name = "Frozen", frozen, module = "tongbao._core")]
pub(super) struct PyFrozen {
    tree: Tree,
    height: i64,
    root: Hash,
}

impl PyFrozen {
    pub(super) fn of(latest: &Latest) -> Self {
        PyFrozen { tree: latest.tree.clone(), height: latest.height, root: latest.root() }
    }
}

#[pymethods]
impl PyFrozen {
    #[getter]
    fn height(&self) -> i64 {
        self.height
    }

    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Out<'py> {
        out(py, self.root)
    }

    pub(super) fn export_snapshot<'py>(
        &self,
        py: Python<'py>,
        directory: &str,
        chunk_bytes: usize,
    ) -> PyResult<Vec<Out<'py>>> {
        let path = Path::new(directory);
        let hashes = py.detach(|| snapshot::export(&self.tree, path, chunk_bytes))?;
        Ok(outs(py, hashes))
    }
}
