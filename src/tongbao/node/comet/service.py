"""Answers to the engine's questions, each of the matching kind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from tongbao import __version__
from tongbao.kernel.approvals import require_approvals
from tongbao.kernel.blocks import MAX_BLOCK_BYTES, BlockRecord
from tongbao.kernel.codes import OK, KernelCode, Refusal
from tongbao.kernel.identity import VerifiedCache
from tongbao.kernel.pipeline import admit_name
from tongbao.kernel.transaction import Opened
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.node.comet.blockwork import REJECT, BlockWork, HaltFault
from tongbao.node.comet.server import Call
from tongbao.node.comet.statesync import StateSync
from tongbao.node.comet.verified import Verified

log = structlog.get_logger(__name__)

CODESPACE = "tongbao"
IDLE_MS = 10_000
"""A tip older than this says nothing about the time."""


class AppState(msgspec.Struct, frozen=True):
    """What the engine's genesis file says of ours, as `app_state`."""

    genesis: str
    """Digest of genesis.json, hex."""


class AbciService:
    """The application as the engine sees it."""

    def __init__(
        self,
        app: Application,
        sync: StateSync,
        on_block: Callable[[BlockRecord], None],
        retain: Callable[[int], int] = lambda height: 0,
    ) -> None:
        """`on_block` gets each block once it is durable; `retain` says below which height the
        engine may forget blocks (0: none)."""
        self.app = app
        self.verified = Verified(app)
        self._work = BlockWork(app, self.verified)
        self._sync = sync
        self._on_block = on_block
        self._retain = retain
        self._consensus = threading.Lock()
        self._found: tuple[BlockContext, VerifiedCache] | None = None
        self._handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "echo": lambda asked: asked,
            "flush": lambda asked: {},
            "info": self._info,
            "query": self._query,
            "init_chain": self._init_chain,
            "prepare_proposal": self._prepare,
            "process_proposal": self._process,
            "extend_vote": lambda asked: {},
            "verify_vote_extension": self._extension,
            "finalize_block": self._finalize,
            "commit": self._commit,
            "list_snapshots": sync.offered,
            "offer_snapshot": sync.accept,
            "load_snapshot_chunk": sync.chunk,
            "apply_snapshot_chunk": self._apply_chunk,
        }

    def answer(self, calls: Sequence[Call]) -> list[tuple[str, dict[str, Any]]]:
        """One answer each, in order; transactions that stand side by side are checked together."""
        answers: list[tuple[str, dict[str, Any]]] = []
        waiting: list[bytes] = []
        for kind, asked in calls:
            if kind == "check_tx":
                waiting.append(asked["tx"])
                continue
            answers += self._check(waiting)
            waiting = []
            answers.append((kind, self._handlers[kind](asked)))
        return answers + self._check(waiting)

    # ---- transactions --------------------------------------------------------------------------

    def _check(self, envelopes: Sequence[bytes]) -> list[tuple[str, dict[str, Any]]]:
        if not envelopes:
            return []
        view = self.mempool_view()
        return [
            ("check_tx", _reported(self.admit(view, one)))
            for one in self.verified.open(envelopes, view)
        ]

    def mempool_view(self) -> ReadView:
        """The committed state, at the time that the next block will about have."""
        tip, now = self.app.tip, utc_ms()
        time_ms = now if now > tip.time_ms + IDLE_MS else tip.time_ms
        block = BlockContext(self.app.genesis.chain, tip.height + 1, time_ms)
        found = self._found
        if found is None or found[0] != block:
            self._found = found = (block, VerifiedCache())
        return ReadView(self.app.state, block, found[1])

    def admit(self, view: ReadView, one: Opened | Refusal) -> Refusal | None:
        """Why a transaction cannot wait for a block: name, keys, approvals; None where it can."""
        if isinstance(one, Refusal):
            return one
        try:
            admit_name(view, one)
            for action in one.body.actions:
                require_approvals(view, action.signers(view), one.approvals)
        except Refusal as refusal:
            return refusal
        except Exception as fault:  # a bug in a rule: the block would refuse it as INTERNAL
            log.critical("check.fault", digest=one.digest.hex(), error=str(fault), exc_info=True)
            return Refusal(KernelCode.INTERNAL, {})
        return None

    # ---- the chain -----------------------------------------------------------------------------

    def _info(self, asked: dict[str, Any]) -> dict[str, Any]:
        tip = self.app.tip
        begun = tip.height > self.app.genesis.founding_height
        log.info("engine.connected", version=asked["version"], height=tip.height)
        return {
            "data": "tongbao",
            "version": __version__,
            "app_version": self.app.protocol,
            "last_block_height": tip.height if begun else 0,
            "last_block_app_hash": tip.app_hash if begun else b"",
        }

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Nothing: the ledger is read by its own interface, with proofs."""
        code = KernelCode.MALFORMED
        reply = "ask the gateway: GET /v1 ..."
        return {"code": int(code), "log": reply, "codespace": CODESPACE, "height": 0}

    def _init_chain(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Insist that engine and ledger start from one genesis."""
        ours = self.app.genesis
        try:
            theirs = msgspec.json.decode(asked["app_state"], type=AppState)
        except msgspec.DecodeError as fault:
            raise HaltFault(f"the engine's genesis does not name ours: {fault}") from fault
        given = sorted((one["public"], one["power"]) for one in asked["validators"])
        expected = sorted((one.public, one.power) for one in ours.validators)
        agree = {
            "genesis": (theirs.genesis, ours.digest()),
            "chain": (asked["chain_id"], ours.chain),
            "validators": (given, expected),
            "block limits": ((asked["max_bytes"], asked["max_gas"]), (MAX_BLOCK_BYTES, -1)),
            "first height": (asked["initial_height"], self.app.tip.height + 1),
        }
        for name, (one, other) in agree.items():
            if one != other:
                raise HaltFault(f"engine and ledger disagree about the {name}: {one} and {other}")
        return {"app_hash": self.app.tip.app_hash}

    def _prepare(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._consensus:
            try:
                return {"txs": self._work.propose(asked)}
            except Exception as fault:  # an empty block is better than no block
                log.critical("proposal.fault", error=str(fault), exc_info=True)
                return {"txs": []}

    def _process(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._consensus:
            return {"status": self._work.judge(asked)}

    def _extension(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"status": REJECT if asked["vote_extension"] else 1}

    def _finalize(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._consensus:
            return self._work.finalize(asked)

    def _commit(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._consensus:
            record = self._work.commit()
        self._on_block(record)
        # The block is durable; where the next one follows rules unknown here, this ends the node.
        self.app.require_known_protocol()
        return {"retain_height": self._retain(record.height)}

    def _apply_chunk(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._consensus:
            return self._sync.apply(asked)


def _reported(refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"code": OK}
    return {"code": int(refusal.code), "log": str(refusal)[:400], "codespace": CODESPACE}
