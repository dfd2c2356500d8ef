"""The core's part that speaks with the engine, of `tongbao._core`: this file is its stub alone."""

from typing import Any

def signed_header_from_json(json: bytes) -> tuple[bytes, bytes]:
    """Header and commit, encoded, from the JSON of an engine's RPC (the field `signed_header`)."""

def signed_header_to_json(header: bytes, commit: bytes) -> bytes:
    """That JSON again. ValueError for what is no header, or no commit."""

def abci_split(stream: bytes, longest: int) -> tuple[list[tuple[str, dict[str, Any]]], int]:
    """Take whole ABCI 2.0 requests from the front of a stream: (name, fields), and bytes taken.

    Names are those of the methods in snake case; times are nanoseconds since 1970, UTC. ValueError
    for what is no request, or one of more than `longest` bytes.
    """

def abci_answer(kind: str, fields: dict[str, Any]) -> bytes:
    """Encode the answer to a request of this name, with its length before it."""

def signer_read(message: bytes) -> tuple[str, dict[str, Any]]:
    """What the engine asks a remote signer: `public_key`, `ping`, `vote` or `proposal`.

    The last two have height, round, step (1 propose, 2 prevote, 3 precommit), time_ns, chain_id,
    the bytes to sign, and as `timeless` those bytes with no time in them.
    """

def signer_pong() -> bytes:
    """The answer to `ping`, with its length before it."""

def signer_public_key(public: bytes) -> bytes:
    """The answer to `public_key`, with its length before it."""

def signer_signed(message: bytes, signature: bytes, time_ns: int) -> bytes:
    """The request's vote or proposal, signed at `time_ns`, with its length before it."""

def signer_refused(message: bytes, why: str) -> bytes:
    """The answer that says why nothing is signed, with its length before it."""
