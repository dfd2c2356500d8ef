"""Refusal codes: the stable numbers of broken rules, with what a client may do next.

A number is part of the API and is never given to another rule. Each module declares its own
`Code` class; number ranges are a thousand a module (kernel 1-999, parties 1000, accounts 2000,
assets 3000, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Never, Self, TypeAlias

from tongbao.kernel.wording import Decimals, Text, bare, filled, iso_decimals

Value: TypeAlias = str | int | bool | tuple[str, ...]
OK = 0


class Retry(Enum):
    """What a client may do after a refusal."""

    NEVER = "never"
    """The instruction itself is wrong: correct it and send it under a new reference."""
    AFTER_CHANGE = "after_change"
    """The ledger stands in the way: once that changes, send it under a new reference."""
    SAME_BYTES = "same_bytes"
    """Nothing was recorded: the very same bytes may be sent again until they expire."""


class Code(IntEnum):
    """Base of every table of refusal codes.

    A member is (number, retry class, English template) and, where the defaults do not fit, the HTTP
    status and the ISO status reason. How values are written: `wording.py`.
    """

    retry: Retry
    template: str
    http_status: int
    """What the gateway answers with (RFC 9110)."""
    iso_reason: str
    """ExternalStatusReason1Code; NARR, a reason in words, where the list has none that fits."""

    def __new__(
        cls, number: int, retry: Retry, template: str, http_status: int = 422, iso: str = "NARR"
    ) -> Self:
        """Attach to the number what goes with it."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.retry = retry
        member.template = template
        member.http_status = http_status
        member.iso_reason = iso
        return member

    @property
    def english(self) -> str:
        """The sentence with the names of its values in braces, for reference."""
        return bare(self.template)

    def text(self, values: Mapping[str, Value], decimals: Decimals = iso_decimals) -> str:
        """The English sentence, filled with the refusal's values.

        Amounts are in units where `decimals` knows their asset. In other languages it is read by
        `tongbao/words.py`.
        """
        return filled(self.template, values, decimals)


class Refusal(Exception):
    """A rule says no. The only exception a transaction may end with."""

    def __init__(self, code: Code, values: dict[str, Value]) -> None:
        """Keep the code and the named values that its text uses."""
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def text(self) -> Text:
        """The code's sentence with the values."""
        return Text(self.code.template, **self.values)

    def __str__(self) -> str:
        """The English sentence with its number."""
        return f"{self.code.name} ({int(self.code)}): {self.text}"


def require(condition: object, code: Code, /, **values: Value) -> None:
    """Refuse with `code` unless `condition` holds. The only way to refuse."""
    if not condition:
        raise Refusal(code, values)


def refuse(code: Code, /, **values: Value) -> Never:
    """Refuse outright, where a ladder of conditions has already been walked."""
    raise Refusal(code, values)


class KernelCode(Code):
    """What the kernel itself refuses, in the order in which it looks."""

    TOO_LARGE = (1, Retry.NEVER, "the envelope has {size} bytes; at most {limit} are accepted", 413)
    MALFORMED = (2, Retry.NEVER, "the envelope cannot be read: {reason:word}", 400)
    NOT_CANONICAL = (
        3,
        Retry.NEVER,
        "the bytes are not the canonical encoding of what they say ({part})",
        400,
    )
    WRONG_CHAIN = (4, Retry.NEVER, "the transaction is for chain {given}; this is {chain}")
    BAD_NAME = (5, Retry.NEVER, "{field} {value} is not a valid name: {rule}")
    ACTION_COUNT = (
        6,
        Retry.NEVER,
        "an envelope carries 1 to {limit} actions; this one has {count}",
    )
    SIGNATURE_COUNT = (
        7,
        Retry.NEVER,
        "an envelope carries 1 to {limit} signatures, each key once; this one has {count}",
    )
    UNKNOWN_SUITE = (8, Retry.NEVER, "signature suite {suite} is not accepted on this chain")
    BAD_SIGNATURE = (
        9,
        Retry.NEVER,
        "the signature of key {key} does not fit the signed bytes",
        403,
    )
    EXPIRED = (
        10,
        Retry.NEVER,
        "the transaction expired at {expires_at_ms:moment}; the ledger's time is {time_ms:moment}",
    )
    EXPIRES_TOO_LATE = (
        11,
        Retry.SAME_BYTES,
        "a transaction may expire at most {limit_ms:duration} ahead; this one expires"
        " at {expires_at_ms:moment}",
    )
    UNKNOWN_KEY = (12, Retry.SAME_BYTES, "party {party} has no key {key}", 403)
    KEY_NOT_LIVE = (13, Retry.NEVER, "key {key} of {party} is {state}", 403)
    NAMER_NOT_SIGNED = (
        14,
        Retry.NEVER,
        "party {party} names the transaction but none of its keys signed it",
        403,
    )
    APPROVAL_MISSING = (
        15,
        Retry.SAME_BYTES,
        "{party} has to approve {scope} with {keys} key(s) of total weight {weight};"
        " given: {given_keys} of weight {given_weight}",
        403,
    )
    NAME_USED = (
        16,
        Retry.NEVER,
        "reference {reference} of {party} names another transaction, in block {height}",
        409,
        "DUPL",
    )
    ALREADY_RECORDED = (
        17,
        Retry.NEVER,
        "the same transaction stands in block {height} already; its receipt is the answer",
        422,
        "DUPL",
    )
    INTERNAL = (
        18,
        Retry.AFTER_CHANGE,
        "the ledger met a fault of its own and wrote nothing; an alarm was raised",
    )
    AMOUNT_RANGE = (
        19,
        Retry.NEVER,
        "{field} is {amount}; it takes a whole number of minor units from {low} to {high}",
        422,
        "AM02",
    )
    PARTY_SUSPENDED = (23, Retry.AFTER_CHANGE, "party {party} is suspended: {reason}", 403, "RR04")
    QUEUE_FULL = (
        20,
        Retry.SAME_BYTES,
        "the node has {waiting} transactions waiting, its limit; try again shortly",
        503,
    )
    GIVEN_UP = (
        24,
        Retry.SAME_BYTES,
        "not looked at: {count} envelopes before it in this submission are signed by nobody known",
        403,
    )
    NODE_STOPPING = (21, Retry.SAME_BYTES, "the node is stopping and accepts nothing new", 503)
    CLOCK_NOT_TRUSTED = (
        29,
        Retry.SAME_BYTES,
        "the clock of this node says {clock} and is not trusted; the ledger's time is {ledger}."
        " Its operator has to set it right or start the node again",
        503,
    )
    NESTED_TOO_DEEP = (22, Retry.NEVER, "actions cannot be nested more than {limit} deep")
