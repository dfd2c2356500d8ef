"""The checker of linearizability: built once from tools/lincheck, and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from tongbao.node.comet.install import data_folder, go_program

SOURCE = Path(__file__).parents[3] / "tools" / "lincheck"
FILES = ("go.mod", "go.sum", "main.go")


def checker() -> Path:
    """The program; EngineMissing where there is no Go and none can be had."""
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in FILES)).hexdigest()
    target = data_folder().parent / "lincheck" / digest[:16]
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        go = go_program(Path(folder))
        made = Path(folder) / "lincheck"
        subprocess.run(
            [str(go), "build", "-mod=readonly", "-trimpath", "-o", str(made), "."],
            cwd=SOURCE, check=True, capture_output=True,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local"},
        )  # fmt: skip
        made.replace(target)
    return target
