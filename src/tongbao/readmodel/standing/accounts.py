"""Holdings; what each holds is its first entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.assets.state import FREEZES
from tongbao.readmodel import schema
from tongbao.readmodel.posting import TEXTS
from tongbao.readmodel.projecting import as_json

_PAGE = 1_000
BROUGHT_FORWARD = "ledger.brought_forward"
"""Of an entry that only says what was there when the lists began."""
Rows = Iterator[tuple[Table, dict[str, Any]]]


def standing(view: ReadView) -> Rows:
    """Every holding."""
    after: bytes | None = None
    number = 0
    while rows := view.source.scan(HOLDING_PREFIX, after, _PAGE):
        for key, value in rows:
            name, _, asset = key[len(HOLDING_PREFIX) :].decode().partition("\0")
            holding = Holding.decode(value)
            yield schema.holdings, {
                "account": name, "asset": asset, "posted_minor": str(holding.posted),
                "reserved_minor": str(holding.reserved),
                "flags": as_json(_flags(view, name, asset, holding.flags)),
            }  # fmt: skip
            if holding.posted:
                yield schema.entries, _entry(view, number, name, asset, holding.posted)
                number += 1
        after = rows[-1][0]


def _flags(view: ReadView, account: str, asset: str, flags: HoldingFlag) -> list[str]:
    names = ["issuing"] if HoldingFlag.ISSUING in flags else []
    names += ["authorised"] if HoldingFlag.AUTHORISED in flags else []
    if HoldingFlag.FROZEN in flags:
        by = [key[2] for key, _ in view.scan(FREEZES, account, asset)]
        # A star marks the freeze of the whole account, which is shown with the account.
        names += [f"frozen:{one}" for one in by if not one.endswith("*")]
    return names


def _entry(
    view: ReadView, number: int, account: str, asset: str, amount: int
) -> dict[str, Any]:  # fmt: skip
    return {
        "height": view.block.height, "position": -1, "number": number, "account": account,
        "asset": asset, "amount_minor": str(amount), "balance_minor": str(amount),
        "counterparty": "", "event": BROUGHT_FORWARD, "time_ms": view.time_ms, "party": "",
        "reference": "", "digest": "", **dict.fromkeys(TEXTS, ""),
    }  # fmt: skip
