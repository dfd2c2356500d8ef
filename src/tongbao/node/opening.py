"""Opening the ledger in a node's folder, and founding it there: whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NoReturn

import msgspec
import structlog

from tongbao import _core
from tongbao.files import sync_folder
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.wording import Text
from tongbao.node.application import REPAIR, Application, StorageFault, StoreBusy
from tongbao.node.home import HomeFault, NodeHome
from tongbao.node.snapshot import SnapshotFault, make_missing_ledger

log = structlog.get_logger(__name__)
BUSY = "the store is open in another process"
WITNESSES = ("readmodel.db", "desk.db", "idempotency.db", "last_signed.json")
"""Files that a node makes after its ledger: where one is there, there was a ledger."""
NETWORK_SETTINGS = "node.toml"
"""A network node may begin again without a ledger: the others have the blocks."""


class LedgerMissing(StorageFault):
    """The folder of a node that has worked holds no ledger: a new chain would be another one."""


class NoLedgerYet(HomeFault):
    """A folder whose node never ran, or a copy without the ledger: there is nothing to look at."""


def open_application(
    home: Path, rules: Protocols | Registry, *, strict: bool = False, make: bool = True
) -> Application:
    """Open the ledger in a node's folder: `genesis.json`, `ledger/`; make it where it is new.

    Without `make`, for who only looks, no chain is begun: NoLedgerYet where there is none.

    One that continues another chain is made from the snapshot in `origin`.

    HomeFault where there is no genesis to be read, StorageFault where the store is not as it was
    written, LedgerMissing where it is gone, StoreBusy where another process has it.
    """
    folder = NodeHome(home)
    genesis = folder.genesis()
    if not make and genesis.before is None and not folder.ledger.exists():
        _require_new(folder)
        raise NoLedgerYet(
            "{home} holds no ledger yet: a node makes it at its first start", home=home
        )
    if not folder.ledger.exists() and genesis.before is None:
        _require_new(folder)
        found_ledger(folder, rules)
    try:
        if make_missing_ledger(folder):
            log.info("store.made", origin=str(folder.origin))
    except SnapshotFault as fault:
        refuse_origin(folder.origin, fault)
    state = _open(folder.ledger)
    return _application(state, folder, rules, strict=strict)


def refuse_origin(origin: Path, fault: SnapshotFault) -> NoReturn:
    """Of a snapshot that a chain goes on from and that is not as it was written, the same is stated
    wherever it is met."""
    raise StorageFault(
        "{origin}: {fault}. Put back its copy as a whole: every node of this chain has"
        " one, and a backup of this node",
        origin=origin,
        fault=fault,
    ) from fault


def _require_new(home: NodeHome) -> None:
    if (home.path / NETWORK_SETTINGS).exists():
        return
    there = [name for name in WITNESSES if (home.path / name).exists()]
    if there:
        raise LedgerMissing(
            "{ledger} is missing, and {there} beside it says that a ledger was here: put"
            " back its newest copy (`tongbao restore`). No new chain is begun in its"
            " place",
            ledger=home.ledger,
            there=there[0],
        )


def found_ledger(home: NodeHome, rules: Protocols | Registry) -> None:
    """A store under its name once it is founded: whoever is killed before has none."""
    making = home.ledger.with_name(home.ledger.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    app = _application(_open(making), home, rules, strict=False)
    app.state.close()
    making.rename(home.ledger)
    sync_folder(home.path)


def _open(ledger: Path) -> _core.State:
    try:
        return _core.State.open(str(ledger))
    except ValueError as fault:
        if str(fault) == BUSY:
            raise StoreBusy(
                "{ledger} is open in another process: stop that first", ledger=ledger
            ) from fault
        raise StorageFault(
            "{ledger}: {fault}. {repair}", ledger=ledger, fault=fault, repair=Text(REPAIR)
        ) from fault
    except OSError as fault:
        raise StorageFault(
            "{ledger}: {fault}. {repair}", ledger=ledger, fault=fault, repair=Text(REPAIR)
        ) from fault
    except BaseException as fault:
        raise _reported(fault, ledger) from fault


def _application(
    state: _core.State, home: NodeHome, rules: Protocols | Registry, *, strict: bool
) -> Application:
    try:
        return Application(state, home.genesis(), rules, strict=strict)
    except BaseException as fault:
        state.close()
        raise _reported(fault, home.ledger) from fault


def _reported(fault: BaseException, ledger: Path) -> BaseException:
    """Damage in the store's own words; a panic of the core is damage that nobody foresaw."""
    panicked = type(fault).__name__ == "PanicException"
    if panicked or isinstance(fault, ValueError | msgspec.DecodeError | KeyError | IndexError):
        return StorageFault(
            "{ledger}: a record that the node begins with cannot be read: {fault}. {repair}",
            ledger=ledger, fault=fault, repair=Text(REPAIR),
        )  # fmt: skip

    return fault
