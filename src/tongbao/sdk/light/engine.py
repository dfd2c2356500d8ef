"""What a CometBFT engine's own interface (JSON-RPC) is asked for: commits, sets, and to take news.

Exchanges: whoever has a line to an engine runs them.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, NamedTuple, NoReturn, TypeVar

import msgspec

from tongbao import _core
from tongbao.kernel.codes import refuse
from tongbao.kernel.light import MAX_VALIDATORS, ValidatorSet
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.fetching import Exchange, Question, tried, unreadable

T = TypeVar("T")
PAGE = 100
PlainSet = tuple[tuple[bytes, int], ...]


class _Error(msgspec.Struct):
    message: str = ""
    data: str = ""


class _Answer(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw()
    error: _Error | None = None


def call(node: str, method: str, params: Any, shape: type[T], failed: LightCode) -> Exchange[T]:
    """One call; a Refusal with `failed` where the engine objects."""
    question = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
    reply = yield from tried(node, Question("/", body=msgspec.json.encode(question)))
    try:
        answer = msgspec.json.decode(reply.content, type=_Answer)
        if answer.error is None and bytes(answer.result):
            return msgspec.json.decode(answer.result, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        if reply.status == 200:
            unreadable(node, fault)
        answer = _Answer()
    _objected(node, reply.status, answer.error, failed)


def _objected(node: str, status: int, error: _Error | None, failed: LightCode) -> NoReturn:
    if error is None and status == 200:
        unreadable(node, ValueError("neither a result nor an error"))
    reason = f"HTTP {status}" if error is None else f"{error.message}: {error.data}"
    refuse(failed, node=node, reason=reason.strip(": ")[:300])


# ---- commits -------------------------------------------------------------------------------------


class _Signed(msgspec.Struct):
    signed_header: msgspec.Raw
    canonical: bool = False


class Commit(NamedTuple):
    """A header with its commit, encoded."""

    height: int
    header: bytes
    commit: bytes
    final: bool
    """Whether the next block has fixed who stands in the commit."""


def commit(node: str, height: int | None) -> Exchange[Commit]:
    """Header and commit at a height, or the newest."""
    params = {} if height is None else {"height": str(height)}
    answer = yield from call(node, "commit", params, _Signed, LightCode.NO_ANSWER)
    try:
        header, signed = _core.signed_header_from_json(bytes(answer.signed_header))
        found = int(_core.header_fields(header)["height"])
    except ValueError as fault:
        unreadable(node, fault)
    return Commit(found, header, signed, answer.canonical)


# ---- validators ----------------------------------------------------------------------------------


class _PublicKey(msgspec.Struct):
    value: str


class _Validator(msgspec.Struct):
    pub_key: _PublicKey
    voting_power: str


class _Validators(msgspec.Struct):
    validators: Annotated[list[_Validator], msgspec.Meta(max_length=MAX_VALIDATORS)]
    total: str


def validators(node: str, height: int) -> Exchange[PlainSet]:
    """Who signs the block at a height: keys and powers."""
    found: list[tuple[bytes, int]] = []
    for page in range(1, MAX_VALIDATORS // PAGE + 1):
        params = {"height": str(height), "page": str(page), "per_page": str(PAGE)}
        answer = yield from call(node, "validators", params, _Validators, LightCode.NO_ANSWER)
        try:
            found += [
                (base64.b64decode(one.pub_key.value, validate=True), int(one.voting_power))
                for one in answer.validators
            ]
            whole = len(found) >= int(answer.total) or not answer.validators
        except ValueError as fault:
            unreadable(node, fault)
        if whole or len(found) > MAX_VALIDATORS:
            break
    try:
        return msgspec.convert(tuple(found), ValidatorSet)
    except msgspec.ValidationError as fault:
        unreadable(node, fault)


# ---- evidence ------------------------------------------------------------------------------------


class _Sync(msgspec.Struct):
    earliest_block_height: str


class _Status(msgspec.Struct):
    sync_info: _Sync


class _Taken(msgspec.Struct):
    hash: str


def oldest(node: str) -> Exchange[int]:
    """The oldest block that an engine keeps."""
    reply = yield from call(node, "status", {}, _Status, LightCode.NO_ANSWER)
    try:
        return max(int(reply.sync_info.earliest_block_height), 1)
    except ValueError as fault:
        unreadable(node, fault)


def take_evidence(node: str, evidence: Any) -> Exchange[str]:
    """Hand evidence in; its hash by the engine's reckoning, hex. NOT_TAKEN says why not."""
    params = {"evidence": evidence}
    taken = yield from call(node, "broadcast_evidence", params, _Taken, LightCode.NOT_TAKEN)
    return taken.hash.lower()
