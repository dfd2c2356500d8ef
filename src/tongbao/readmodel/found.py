"""How what a search has found is shown: one shape for everything, empty where it has no such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from tongbao.kernel.records import EventList, Record
from tongbao.readmodel.paging import Row

Shape = Callable[[Row], dict[str, Any]]


def entry_row(row: Row) -> dict[str, Any]:
    """A payment, from the entry of its debit."""
    return {
        "id": f"{row['block_height']}.{row['position']}.{row['number']}",
        "time_ms": row["time_ms"], "height": row["block_height"],
        "payer": row["account"], "payee": row["counterparty"],
        "asset": row["asset"], "amount_minor": row["amount_minor"].removeprefix("-"),
        "party": row["submitted_by"], "reference": row["reference"], "digest": row["digest"],
        "payee_reference": row["payee_reference"], "uetr": row["uetr"],
        "remittance": row["remittance"], "state": "settled",
        "path": f"/v1/transactions/{row['digest']}" if row["digest"] else "",
    }  # fmt: skip


def transaction_row(row: Row) -> dict[str, Any]:
    """A transaction, done or refused."""
    return {
        "id": row["digest"], "time_ms": row["time_ms"], "height": row["height"],
        "party": row["party"], "reference": row["reference"], "digest": row["digest"],
        "title": ", ".join(msgspec.json.decode(row["types"])),
        "state": "refused" if row["code"] else "done",
        "path": f"/v1/transactions/{row['digest']}",
    }  # fmt: skip


def abroad_row(row: Row) -> dict[str, Any]:
    """A cross-border payment."""
    return {
        "id": row["uetr"], "uetr": row["uetr"], "time_ms": row["created_at_ms"],
        "payer": row["payer"], "payee": row["payee"],
        "asset": row["send_asset"], "amount_minor": row["debited_minor"],
        "payee_reference": row["payee_reference"], "remittance": row["remittance"],
        "state": row["state"],
        "path": f"/v1/cross-border-payments/{row['uetr']}",
    }  # fmt: skip


def record_row(record: Record | EventList) -> Shape:
    """A row of a record of payments: a hold, a scheduled transfer, a payment in a queue."""
    [key] = record.key

    def shape(row: Row) -> dict[str, Any]:
        return {
            "id": row[key.name], "time_ms": row["created_at_ms"], "payer": row["payer"],
            "payee": row["payee"], "asset": row["asset"], "amount_minor": row["amount_minor"],
            "state": row["state"], "payee_reference": row["payee_reference"],
            "uetr": row.get("uetr", ""), "remittance": row.get("remittance", ""),
            "path": f"{record.path}/{quote(row[key.name])}",
        }  # fmt: skip

    return shape


def named_row(record: Record | EventList) -> Shape:
    """A row of a register: a party, an account or an asset."""
    key, *names = record.search
    whose = next(one.name for one in record.columns if one.kind == "party")

    def shape(row: Row) -> dict[str, Any]:
        found = {
            "id": row[key], "party": row[whose], "state": row["state"],
            "title": " ".join(row[one] for one in names if row[one]),
            "path": f"{record.path}/{quote(row[key])}",
        }  # fmt: skip
        return {**found, "asset": row["asset"]} if "asset" in row else found

    return shape
