"""Requests as an engine writes them: protobuf by its wire format, no more than the tests need."""

from __future__ import annotations

from collections.abc import Sequence

NUMBERS = {
    "echo": 1, "flush": 2, "info": 3, "init_chain": 5, "query": 6, "check_tx": 8, "commit": 11,
    "list_snapshots": 12, "prepare_proposal": 16, "process_proposal": 17, "finalize_block": 20,
}  # fmt: skip


def varint(number: int) -> bytes:
    """Base-128, low groups first."""
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def integer(field: int, number: int) -> bytes:
    """A number, also a negative one."""
    return varint(field << 3) + varint(number % 2**64) if number else b""


def blob(field: int, content: bytes) -> bytes:
    """Bytes, text or a message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def many(field: int, contents: Sequence[bytes]) -> bytes:
    """A repeated field."""
    return b"".join(blob(field, one) for one in contents)


def timestamp(time_ns: int) -> bytes:
    """google.protobuf.Timestamp."""
    return integer(1, time_ns // 10**9) + integer(2, time_ns % 10**9)


def request(kind: str, content: bytes = b"") -> bytes:
    """A request with its length before it."""
    message = blob(NUMBERS[kind], content)
    return varint(len(message)) + message


def answers(stream: bytes) -> list[tuple[int, bytes]]:
    """Field number and content of each answer in a stream."""
    found = []
    while stream:
        length, stream = read_varint(stream)
        message, stream = stream[:length], stream[length:]
        key, rest = read_varint(message)
        size, content = read_varint(rest)
        assert size == len(content)
        found.append((key >> 3, content))
    return found


def read_varint(stream: bytes) -> tuple[int, bytes]:
    """A number and what follows it."""
    number = shift = 0
    for place, byte in enumerate(stream):
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, stream[place + 1 :]
    raise ValueError("cut short")


def fields(content: bytes) -> dict[int, list[int | bytes]]:
    """Fields of a message by number."""
    found: dict[int, list[int | bytes]] = {}
    while content:
        key, content = read_varint(content)
        value: int | bytes
        if key & 7 == 0:
            value, content = read_varint(content)
        else:
            size, content = read_varint(content)
            value, content = content[:size], content[size:]
        found.setdefault(key >> 3, []).append(value)
    return found


SIGN_VOTE, SIGN_PROPOSAL, PUBLIC_KEY, PING = 3, 5, 1, 7
PREVOTE, PRECOMMIT = 1, 2


def block_id(seed: int) -> bytes:
    """tendermint.types.BlockID of some block; empty for seed 0, which is no block."""
    if not seed:
        return blob(2, b"")
    return blob(1, bytes([seed]) * 32) + blob(2, integer(1, 1) + blob(2, bytes([seed + 1]) * 32))


def vote(kind: int, height: int, round_: int, block: int, time_ns: int, chain: str) -> bytes:
    """A request to sign a vote, without its length."""
    inside = (
        integer(1, kind) + integer(2, height) + integer(3, round_) + blob(4, block_id(block))
        + blob(5, timestamp(time_ns)) + blob(6, b"\x01" * 20)
    )  # fmt: skip
    return blob(SIGN_VOTE, blob(1, inside) + blob(2, chain.encode()))


def proposal(height: int, round_: int, block: int, time_ns: int, chain: str) -> bytes:
    """A request to sign a proposal, without its length."""
    inside = (
        integer(1, 32) + integer(2, height) + integer(3, round_) + integer(4, -1)
        + blob(5, block_id(block)) + blob(6, timestamp(time_ns))
    )  # fmt: skip
    return blob(SIGN_PROPOSAL, blob(1, inside) + blob(2, chain.encode()))
