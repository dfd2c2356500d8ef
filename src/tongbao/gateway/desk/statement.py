"""camt.053: an account's statement, from the entries that the node lists."""

from __future__ import annotations

from datetime import datetime

from tongbao.gateway.desk.answer import iso_instant
from tongbao.gateway.desk.carrying import purpose_of, remittance_of
from tongbao.gateway.iso20022.camt053 import write_camt053
from tongbao.gateway.iso20022.model import (
    TRANSFER_RECEIVED,
    TRANSFER_SENT,
    AccountStatement,
    Balance,
    Entry,
    EntryDetail,
    Party,
)
from tongbao.gateway.iso20022.naming import account_named
from tongbao.sdk import documents
from tongbao.sdk.client import Client


def statement(
    client: Client,
    account: str,
    asset: str,
    message_id: str,
    created_at: datetime,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
) -> bytes:
    """A camt.053 of one account in one asset; opening and closing balance frame its entries."""
    known = client.account(account)
    decimals = client.asset(asset).decimals
    listed = list(
        client.entries(
            account, asset=asset, since_ms=since_ms, until_ms=until_ms, oldest_first=True
        )
    )
    if listed:
        opening = int(listed[0].balance_minor) - int(listed[0].amount_minor)
        closing = int(listed[-1].balance_minor)
    else:
        held = {one.asset: one for one in client.holdings(account)}
        opening = closing = int(held[asset].posted_minor) if asset in held else 0
    start = iso_instant(since_ms if since_ms is not None else known.opened_at_ms)
    end = iso_instant(until_ms if until_ms is not None else client.status().time_ms)
    number = known.identifiers[0] if known.identifiers else account
    return write_camt053(
        [
            AccountStatement(
                message_id, account_named(number, asset), asset, decimals,
                created_at=end, from_time=start, to_time=end,
                owner=Party(name=known.title_local or known.title),
                balances=(Balance("OPBD", opening, start), Balance("CLBD", closing, end)),
                entries=tuple(_entry(one, account) for one in listed),
            )
        ],
        message_id=message_id,
        created_at=created_at,
    )  # fmt: skip


def _entry(one: documents.Entry, account: str) -> Entry:
    amount = int(one.amount_minor)
    credit = amount > 0
    here, there = account_named(account), account_named(one.counterparty)
    return Entry(
        abs(amount), credit, iso_instant(one.time_ms), iso_instant(one.time_ms),
        reference=one.id, servicer_reference=f"B{one.height}/{one.position}",
        code=TRANSFER_RECEIVED if credit else TRANSFER_SENT,
        details=(
            EntryDetail(
                end_to_end_id=one.payee_reference,
                uetr=one.uetr,
                amount_minor=abs(amount),
                debtor_account=there if credit else here,
                creditor_account=here if credit else there,
                instruction_id="" if credit else one.instruction,
                purpose=purpose_of(one),
                remittance=remittance_of(one),
            ),
        ),
    )  # fmt: skip
