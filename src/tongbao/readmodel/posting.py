"""Balances and entries: what several projections do the same way."""

from __future__ import annotations

import msgspec

from tongbao.kernel.money import HoldingFlag
from tongbao.readmodel import schema, schema_payments
from tongbao.readmodel.projecting import Row, Step, as_json
from tongbao.readmodel.words import words_of

TEXTS = (
    "payee_reference", "uetr", "purpose", "remittance", "document", "creditor_reference",
    "structured", "purpose_proprietary", "category", "instruction",
)  # fmt: skip
"""What an entry says of its payment, beside the amounts."""
_NO_TEXTS = dict.fromkeys(TEXTS, "")


_FOUND_BY = ("remittance", "payee_reference", "creditor_reference", "instruction", "structured")
"""Texts of a payment whose words it is found by."""


def open_holding(step: Step, account: str, asset: str, flags: HoldingFlag) -> None:
    """An account holds an asset from now on, none of it yet."""
    names = ["issuing"] if HoldingFlag.ISSUING in flags else []
    step.rows.put(schema.holdings, {
        "account": account, "asset": asset, "posted_minor": "0", "reserved_minor": "0",
        "flags": as_json(names),
    })  # fmt: skip


def set_flags(step: Step, account: str, asset: str, name: str, on: bool) -> None:
    """Switch a named flag of a holding."""
    row = step.rows.get(schema.holdings, account, asset)
    if row is not None:
        names = [one for one in msgspec.json.decode(row["flags"]) if one != name]
        names += [name] if on else []
        step.rows.update(schema.holdings, account, asset, flags=as_json(names))


def reserve(step: Step, account: str, asset: str, change: int) -> None:
    """More or less of a holding is set aside."""
    row = step.rows.get(schema.holdings, account, asset)
    if row is not None:
        step.concerned.add(account)
        reserved = str(int(row["reserved_minor"]) + change)
        step.rows.update(schema.holdings, account, asset, reserved_minor=reserved)


def post(
    step: Step, event: str, payer: str, payee: str, asset: str, amount: int, **texts: str
) -> None:
    """A debit and its equal credit: two entries, two balances. The debit's number is even."""
    first = step.entry_number
    for account, counterparty, change in ((payer, payee, -amount), (payee, payer, amount)):
        row: Row | None = step.rows.get(schema.holdings, account, asset)
        balance = (0 if row is None else int(row["posted_minor"])) + change
        step.rows.update(schema.holdings, account, asset, posted_minor=str(balance))
        step.rows.add(schema.entries, {
            "height": step.height, "position": step.position, "number": step.next_entry(),
            "account": account, "asset": asset, "amount_minor": str(change),
            "balance_minor": str(balance), "counterparty": counterparty, "event": event,
            "time_ms": step.time_ms, "party": step.party, "reference": step.reference,
            "digest": step.digest,
            **_NO_TEXTS, **texts,
        })  # fmt: skip
        step.concerned.add(account)
    place = {"height": step.height, "position": step.position, "number": first}
    for word in words_of(*(texts.get(name, "") for name in _FOUND_BY)):
        step.rows.add(schema_payments.payment_words, {"word": word, **place})
