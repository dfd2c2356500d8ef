"""Fetching what a chain goes on from: a node that joins asks its members' nodes, and trusts none.

The genesis names the block, the root and the validators before; all that comes is held to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import httpx

from tongbao.cli.shell.output import output
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Genesis
from tongbao.kernel.hashing import content_digest
from tongbao.node.home import NodeHome
from tongbao.node.snapshot import (
    GENESIS,
    MANIFEST,
    SnapshotFault,
    chunk_name,
    read_manifest,
    require_origin,
)
from tongbao.sdk import Client, Problem, origin


def fetch_origin(
    home: NodeHome, genesis: Genesis, urls: Sequence[str], client: Callable[[str], Client]
) -> bool:
    """Put the snapshot that `genesis` continues into the folder; whether there is one to put.

    Asks one node after the other, and ends the command where none has it whole and right.
    """
    if genesis.before is None or home.origin.exists():
        return False
    part, reply = home.path / "origin.part", list[str]()
    for url in urls:
        fault = _fault_of(url, part, genesis, client)
        if not fault:
            part.rename(home.origin)
            break
        shutil.rmtree(part, ignore_errors=True)
        reply.append(f"{url}: {fault}")
    else:
        _nobody_has_it(home, genesis.before.chain, "; ".join(reply))
    return True


def _fault_of(url: str, folder: Path, genesis: Genesis, client: Callable[[str], Client]) -> str:
    """Fetch from one node into an empty folder; why what it gave is not it, empty where it is."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with client(url) as node:
            _fetch(node, folder)
        require_origin(folder, genesis)
    except (SnapshotFault, Refusal, Problem, httpx.HTTPError, OSError) as fault:
        return str(fault) or type(fault).__name__
    return ""


def _nobody_has_it(home: NodeHome, chain: str, why: str) -> NoReturn:
    output.fail(
        "the chain goes on from {chain}, and no node asked has its snapshot: {why}. Copy"
        " a member's folder `origin` to {origin} and try again",
        chain=chain,
        why=why,
        origin=home.origin,
    )


def _fetch(node: Client, folder: Path) -> None:
    (folder / MANIFEST).write_bytes(node.call(origin.manifest()))
    (folder / GENESIS).write_bytes(node.call(origin.genesis()))
    for number, digest in enumerate(read_manifest(folder).chunks):
        chunk = node.call(origin.chunk(number))
        if content_digest(chunk) != digest:  # before the next is asked for
            raise SnapshotFault("{chunk_name} was altered", chunk_name=chunk_name(number))
        (folder / chunk_name(number)).write_bytes(chunk)
