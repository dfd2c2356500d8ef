"""What `pay file` asks a node before anybody signs: standings of accounts, ids used before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tongbao.sdk.calls import Call, post
from tongbao.sdk.documents import Document

MOST = 1000
"""Accounts, or ids of a kind, in one request."""


class HoldingStatesAsked(Document, frozen=True):
    """Which accounts, in which asset."""

    asset: str
    accounts: tuple[str, ...]


class UsedAsked(Document, frozen=True):
    """Which ids of a party's payments."""

    party: str
    end_to_end: tuple[str, ...] = ()
    uetrs: tuple[str, ...] = ()
    document: str = ""
    """SHA-256 of the file that asks, hex."""


class UsedIds(Document, frozen=True):
    """Ids that were used, each with the file or transaction that did."""

    end_to_end: dict[str, str] = {}
    uetrs: dict[str, str] = {}


def holding_states(asset: str, accounts: Sequence[str]) -> Iterator[Call[list[str]]]:
    """What stands in the way of each account; empty for nothing."""
    for start in range(0, len(accounts), MOST):
        asked = HoldingStatesAsked(asset, tuple(accounts[start : start + MOST]))
        yield post("/v1/accounts/standings", msgspec.json.encode(asked), list[str])


def used(
    party: str, end_to_end: Sequence[str], uetrs: Sequence[str], document: str
) -> Iterator[Call[UsedIds]]:
    """Which ids other files have used."""
    for start in range(0, max(len(end_to_end), len(uetrs)), MOST):
        part = slice(start, start + MOST)
        asked = UsedAsked(party, tuple(end_to_end[part]), tuple(uetrs[part]), document)
        yield post("/v1/payments/used-ids", msgspec.json.encode(asked), UsedIds)
