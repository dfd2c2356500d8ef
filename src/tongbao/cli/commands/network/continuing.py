"""Continuing the chain of a snapshot as a network: its genesis, and a store for every node."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.kernel.genesis import Genesis, GenesisValidator
    from tongbao.node.comet.network import NetworkMap


def continuing(
    snapshot: Path, chain: str, file: Path | None, power: int
) -> Callable[[tuple[GenesisValidator, ...]], Genesis]:
    """Makes the genesis that continues a snapshot's chain; a founding file's actions come on top.

    Without one, the validators' parties vote on everything that follows, by the default terms.
    """
    from tongbao.kernel.codes import Refusal
    from tongbao.modules import protocols
    from tongbao.modules.governance import FoundGovernance
    from tongbao.node.backup import next_name
    from tongbao.node.clock import utc_ms
    from tongbao.node.snapshot import SnapshotFault, continue_chain, predecessor_of

    def make(signers: tuple[GenesisValidator, ...]) -> Genesis:
        seated = tuple(msgspec.structs.replace(one, power=power) for one in signers)
        actions = msgspec.Raw(msgspec.json.encode((FoundGovernance(),)))
        try:
            if file is not None:
                actions = _actions(file)
            _, before = predecessor_of(snapshot)
            name = next_name(before.chain) if chain == before.chain else chain
            return continue_chain(snapshot, name, seated, utc_ms(), actions, protocols())
        except SnapshotFault as fault:
            output.fail("{snapshot}: {fault}", snapshot=snapshot, fault=fault)
        except Refusal as refusal:
            output.fail("{place}: {fault}", place=snapshot, fault=refusal)

    return make


def _actions(file: Path) -> msgspec.Raw:
    from tongbao.node.comet.founding import FoundingFile

    try:
        return msgspec.json.decode(file.read_bytes(), type=FoundingFile).actions
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        output.fail("{file}: {fault}", file=file, fault=fault)


def give_ledgers(snapshot: Path, folder: Path, known: NetworkMap) -> None:
    """Each node gets the snapshot, for audits, and a store made of it."""
    from tongbao.cli.shell.logs import set_up_logs
    from tongbao.files import make_private
    from tongbao.modules import protocols
    from tongbao.node.home import NodeHome
    from tongbao.node.opening import open_application

    set_up_logs("warning")  # what is printed is the answer alone
    for place, node in enumerate(known.nodes):
        home = NodeHome(folder / node.home)
        shutil.copytree(snapshot, home.origin)
        make_private(home.origin)
        if place:
            shutil.copytree(NodeHome(folder / known.nodes[0].home).ledger, home.ledger)
            continue
        open_application(home.path, protocols()).state.close()
