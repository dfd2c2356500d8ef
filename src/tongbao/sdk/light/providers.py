"""Where light blocks and row proofs come from: our gateway, or an engine's own interface."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, Any, Protocol

import httpx
import msgspec

from tongbao import _core
from tongbao.kernel.codes import require
from tongbao.kernel.light import MAX_VALIDATORS, LightBlock
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.fetching import ANSWER_S, Node

MAX_STEPS = 256
"""No path in the state tree is longer: its keys are SHA-256 hashes."""
MAX_ROW_BYTES = 2 * 1_048_576
ENGINE_PAGE = 100

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
    """Gives light blocks. Whatever it gives is verified."""

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


def right_height(block: LightBlock, wanted: int | None, node: str) -> LightBlock:
    """The block, or a Refusal where it is not the one that was asked for."""
    given, asked = block.height, -1 if wanted is None else wanted
    right = given >= 1 if wanted is None else given == wanted
    require(right, LightCode.WRONG_HEIGHT, node=node, given=given, wanted=asked)
    return block


class GatewayProvider:
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
        headers = {"Authorization": f"Bearer {token}"} if token else None
        self._node = Node(url, headers=headers, timeout_s=timeout_s, transport=transport)

    @property
    def name(self) -> str:
        """The node's address."""
        return self._node.name

    def close(self) -> None:
        """Hang up."""
        self._node.close()

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest."""
        raw = self._node.get(f"/v1/light/blocks/{'latest' if height is None else height}")
        try:
            block = _BLOCK(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            self._node.unreadable(fault)
        return right_height(block, height, self.name)

    def row(self, key: bytes, height: int | None = None) -> RowProof:
        """One row of the state with its proof."""
        params = {} if height is None else {"height": str(height)}
        raw = self._node.get(f"/v1/proofs/rows/{key.hex()}", params)
        try:
            proof = _ROW(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            self._node.unreadable(fault)
        right_height(proof.block, None if height is None else height + 1, self.name)
        return proof


_BLOCK = msgspec.json.Decoder(LightBlock).decode
_ROW = msgspec.json.Decoder(RowProof).decode


class _PublicKey(msgspec.Struct):
    value: str


class _EngineValidator(msgspec.Struct):
    pub_key: _PublicKey
    voting_power: str


class _EngineValidators(msgspec.Struct):
    validators: Annotated[list[_EngineValidator], msgspec.Meta(max_length=MAX_VALIDATORS)]
    total: str


class _Validators(msgspec.Struct):
    result: _EngineValidators


class _Signed(msgspec.Struct):
    signed_header: msgspec.Raw


class _Commit(msgspec.Struct):
    result: _Signed


class EngineProvider:
    """CometBFT's own RPC, where it is reachable. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = ANSWER_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """The engine's RPC at `url`, such as http://127.0.0.1:26657."""
        self._node = Node(url, timeout_s=timeout_s, transport=transport)
        self._sets: dict[int, tuple[tuple[bytes, int], ...]] = {}

    @property
    def name(self) -> str:
        """The engine's address."""
        return self._node.name

    def close(self) -> None:
        """Hang up."""
        self._node.close()

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest; three questions to the engine."""
        raw = self._node.get("/commit", {} if height is None else {"height": str(height)})
        try:
            said = msgspec.json.decode(raw, type=_Commit).result.signed_header
            header, commit = _core.signed_header_from_json(bytes(said))
            found = int(_core.header_fields(header)["height"])
            # The engine knows the next set before the next block.
            block = LightBlock(
                found, header, commit, self._validators(found), self._validators(found + 1)
            )
        except (msgspec.DecodeError, ValueError, RecursionError) as fault:
            self._node.unreadable(fault)
        return right_height(block, height, self.name)

    def _validators(self, height: int) -> tuple[tuple[bytes, int], ...]:
        if height in self._sets:
            return self._sets[height]
        found: list[tuple[bytes, int]] = []
        for page in range(1, MAX_VALIDATORS // ENGINE_PAGE + 1):
            params = {"height": str(height), "page": str(page), "per_page": str(ENGINE_PAGE)}
            raw = self._node.get("/validators", params)
            answer = msgspec.json.decode(raw, type=_Validators).result
            found += [
                (base64.b64decode(one.pub_key.value, validate=True), int(one.voting_power))
                for one in answer.validators
            ]
            if len(found) >= int(answer.total) or not answer.validators:
                break
        while len(self._sets) > 2:
            self._sets.pop(next(iter(self._sets)))
        self._sets[height] = tuple(found)
        return self._sets[height]


def provider_of(url: str, token: str = "") -> GatewayProvider | EngineProvider:
    """By address: `engine+http://...` is an engine's RPC, anything else a node's gateway."""
    if url.startswith("engine+"):
        return EngineProvider(url.removeprefix("engine+"))
    return GatewayProvider(url, token=token)


def short_hash(block: LightBlock) -> str:
    """The beginning of a block's hash, for names of files; also of what is no header."""
    try:
        return block.hash().hex()[:16]
    except ValueError:
        return hashlib.sha256(block.header).hexdigest()[:16]
