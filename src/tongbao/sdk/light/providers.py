"""Where light blocks and row proofs come from: our gateway, or an engine's own interface.

What is asked and how an answer is read is written once, as exchanges over a line; each kind of node
comes in two forms that run them, one that waits and one that is awaited.
"""

from __future__ import annotations

from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

import httpx
import msgspec

from tongbao import _core
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.light import LightBlock
from tongbao.sdk.light import engine
from tongbao.sdk.light.attack import Evidence
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.fetching import (
    ANSWER_S,
    AsyncLine,
    Exchange,
    Line,
    Question,
    asked,
    bearer,
    tried,
    unreadable,
)
from tongbao.sdk.light.forms import worked
from tongbao.sdk.light.reporting import Reported, tell_engine

T = TypeVar("T")
MAX_STEPS = 256
"""No path in the state tree is longer: its keys are SHA-256 hashes."""
MAX_ROW_BYTES = 2 * 1_048_576

_Bytes = Annotated[bytes, msgspec.Meta(max_length=MAX_ROW_BYTES)]
_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Steps = Annotated[tuple[tuple[bool, _Hash], ...], msgspec.Meta(max_length=MAX_STEPS)]
Existence = tuple[_Bytes, _Bytes, _Steps]
"""Key, value, and the steps from the leaf up: whether the sibling stands left, its hash."""


class RowProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node shows for one row of the state. In JSON the bytes are base64."""

    height: int
    """The row is as it was after this block."""
    key: _Bytes
    value: _Bytes | None
    """None: there is no such row."""
    exists: Existence | None
    """The row and its path in the tree; null where there is none."""
    left: Existence | None
    """For absence: the row before, by SHA-256 of the key."""
    right: Existence | None
    """For absence: the row after."""
    block: LightBlock
    """The block after `height`: its header carries the state root."""

    def holds(self) -> bool:
        """Whether the row stands under the header it came with. Says nothing of that header."""
        proof: Any = {
            side: None if one is None else (one[0], one[1], list(one[2]))
            for side, one in (("exists", self.exists), ("left", self.left), ("right", self.right))
        }
        try:
            header = _core.header_fields(self.block.header)
            root, after = header["app_hash"], header["height"] == self.height + 1
            return after and _core.state_verify(root, self.key, self.value, proof)
        except ValueError:
            return False


class Provider(Protocol):
    """Gives light blocks. Whatever it gives is verified.

    It may have two methods more: `between(low, high)`, the block nearest to the middle of those it
    has between two heights (where it lacks some), and `report(evidence)`, which hands evidence of
    an attack in.
    """

    @property
    def name(self) -> str:
        """How it is called in reports: its address."""
        ...

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest. Raises Refusal NO_ANSWER, UNREADABLE..."""
        ...


class ProofSource(Provider, Protocol):
    """Gives rows of the state with proofs too."""

    def row(self, key: bytes, height: int | None = None) -> RowProof:
        """One row after a height, or after the newest that can be proved."""
        ...


class AsyncProvider(Protocol):
    """A provider that is awaited."""

    @property
    def name(self) -> str:
        """How it is called in reports: its address."""
        ...

    async def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest."""
        ...


class AsyncProofSource(AsyncProvider, Protocol):
    """Gives rows of the state with proofs too."""

    async def row(self, key: bytes, height: int | None = None) -> RowProof:
        """One row after a height, or after the newest that can be proved."""
        ...


AnyProvider: TypeAlias = Provider | AsyncProvider
AnyProofSource: TypeAlias = ProofSource | AsyncProofSource


def right_height(block: LightBlock, wanted: int | None, node: str) -> LightBlock:
    """The block, or a Refusal where it is not the one that was asked for."""
    given, asked_ = block.height, -1 if wanted is None else wanted
    right = given >= 1 if wanted is None else given == wanted
    require(right, LightCode.WRONG_HEIGHT, node=node, given=given, wanted=asked_)
    return block


class _OnLine:
    """Stands at one end of a line to a node."""

    _line: Line | AsyncLine

    @property
    def name(self) -> str:
        """The node's address."""
        return self._line.name


class _Waiting(_OnLine):
    _line: Line

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _run(self, work: Exchange[T]) -> T:
        return self._line.run(work)


class _Awaited(_OnLine):
    _line: AsyncLine

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    async def _run(self, work: Exchange[T]) -> T:
        return await self._line.run(work)


# ---- a node's gateway ----------------------------------------------------------------------------


class _GatewayQuestions(_OnLine):
    """What a node's HTTP API is asked."""

    @worked
    def light_block(self, height: int | None) -> Exchange[LightBlock]:
        """The block at a height, or the newest."""
        path = f"/v1/light/blocks/{'latest' if height is None else height}"
        block = yield from self._read(Question(path), LightBlock)
        return right_height(block, height, self.name)

    @worked
    def between(self, low: int, high: int) -> Exchange[LightBlock]:
        """The block nearest to the middle of those that the node still has between two."""
        params = {"above": str(low), "below": str(high)}
        block = yield from self._read(Question("/v1/light/blocks/between", params), LightBlock)
        inside = low < block.height < high
        require(
            inside, LightCode.WRONG_HEIGHT, node=self.name, given=block.height,
            wanted=(low + high) // 2,
        )  # fmt: skip
        return block

    @worked
    def row(self, key: bytes, height: int | None = None) -> Exchange[RowProof]:
        """One row of the state with its proof."""
        params = {} if height is None else {"height": str(height)}
        proof = yield from self._read(Question(f"/v1/proofs/rows/{key.hex()}", params), RowProof)
        right_height(proof.block, None if height is None else height + 1, self.name)
        return proof

    @worked
    def report(self, evidence: Evidence) -> Exchange[tuple[Reported, ...]]:
        """Hand evidence of an attack in; what the node's engine took of it."""
        body = msgspec.json.encode(evidence)
        reply = yield from tried(self.name, Question("/v1/light/evidence", body=body))
        if reply.status != httpx.codes.ACCEPTED:
            reason = f"HTTP {reply.status} {reply.detail}".strip()[:300]
            refuse(LightCode.NOT_TAKEN, node=self.name, reason=reason)
        return self._decode(reply.content, tuple[Reported, ...])

    def _read(self, question: Question, shape: type[T]) -> Exchange[T]:
        raw = yield from asked(self.name, question)
        return self._decode(raw, shape)

    def _decode(self, raw: bytes, shape: type[T]) -> T:
        try:
            return msgspec.json.decode(raw, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            return unreadable(self.name, fault)


class GatewayProvider(_Waiting, _GatewayQuestions):
    """A node's HTTP API. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout_s: float = ANSWER_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """The node at `url`; `token` where it asks for one."""
        headers = bearer(token)
        self._line = Line(url, headers=headers, timeout_s=timeout_s, transport=transport)


class AsyncGatewayProvider(_Awaited, _GatewayQuestions):
    """A node's HTTP API, awaited."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout_s: float = ANSWER_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """The node at `url`; `token` where it asks for one."""
        headers = bearer(token)
        self._line = AsyncLine(url, headers=headers, timeout_s=timeout_s, transport=transport)


# ---- an engine -----------------------------------------------------------------------------------


class _EngineQuestions(_OnLine):
    """What an engine's RPC is asked; sets are kept, for each is asked for twice."""

    _sets: dict[int, engine.PlainSet]

    @worked
    def light_block(self, height: int | None) -> Exchange[LightBlock]:
        """The block at a height, or the newest; three questions to the engine."""
        found = yield from engine.commit(self.name, height)
        right = height in (None, found.height)
        require(
            right, LightCode.WRONG_HEIGHT, node=self.name, given=found.height, wanted=height or -1
        )
        signing = yield from self._validators(found.height)
        # The engine knows the next set before the next block.
        following = yield from self._validators(found.height + 1)
        return LightBlock(found.height, found.header, found.commit, signing, following)

    def _validators(self, height: int) -> Exchange[engine.PlainSet]:
        if height not in self._sets:
            known = yield from engine.validators(self.name, height)
            while len(self._sets) > 2:
                self._sets.pop(next(iter(self._sets)))
            self._sets[height] = known
        return self._sets[height]

    @worked
    def report(self, evidence: Evidence) -> Exchange[tuple[Reported, ...]]:
        """Hand evidence of an attack in; what the engine took of it."""
        return tell_engine(self.name, evidence)


class EngineProvider(_Waiting, _EngineQuestions):
    """CometBFT's own RPC, where it is reachable. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = ANSWER_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """The engine's RPC at `url`, such as http://127.0.0.1:26657."""
        self._line = Line(url, timeout_s=timeout_s, transport=transport)
        self._sets = {}


class AsyncEngineProvider(_Awaited, _EngineQuestions):
    """CometBFT's own RPC, awaited."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = ANSWER_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """The engine's RPC at `url`, such as http://127.0.0.1:26657."""
        self._line = AsyncLine(url, timeout_s=timeout_s, transport=transport)
        self._sets = {}


def provider_of(url: str, token: str = "") -> GatewayProvider | EngineProvider:
    """By address: `engine+http://...` is an engine's RPC, anything else a node's gateway."""
    if url.startswith("engine+"):
        return EngineProvider(url.removeprefix("engine+"))
    return GatewayProvider(url, token=token)


def async_provider_of(url: str, token: str = "") -> AsyncGatewayProvider | AsyncEngineProvider:
    """The same, to be awaited."""
    if url.startswith("engine+"):
        return AsyncEngineProvider(url.removeprefix("engine+"))
    return AsyncGatewayProvider(url, token=token)
