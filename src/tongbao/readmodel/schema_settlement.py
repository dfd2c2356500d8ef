"""The tables of settlement batches, queues and what waits in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from tongbao.readmodel.schema import metadata

_ID = String(128)
_LONG = String(200)
_ASSET = String(32)


def _amount(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False, default="0")


batches = Table(
    "settlement_batches", metadata,
    Column("batch", _LONG, primary_key=True), Column("proposer", _ID, index=True),
    Column("state", String(16), index=True), Column("title", Text),
    Column("proposed_at_ms", BigInteger), Column("deadline_at_ms", BigInteger),
    Column("settle_at_ms", BigInteger), Column("ended_at_ms", BigInteger),
    Column("receivers_approve", Boolean), Column("reserve", Boolean), Column("netted", Boolean),
    Column("reason", Text), Column("refusal", Integer), Column("parties", Text),
    Column("revision", Integer),
    Index("settlement_batches_time", "proposed_at_ms", "batch"),
)  # fmt: skip
instructions = Table(
    "settlement_instructions", metadata,
    Column("batch", _LONG, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sender", _ID), Column("receiver", _ID), Column("asset", _ASSET),
    _amount("amount_minor"), Column("reference", String(40)), Column("delivers", _ID),
    Column("receives", _ID), Column("delivery_approved", Boolean),
    Column("receipt_approved", Boolean),
)  # fmt: skip
queues = Table(
    "rtgs_queues", metadata,
    Column("queue", String(32), primary_key=True), Column("operator", _ID),
    Column("assets", Text), Column("objective", String(8)), Column("at_once", Boolean),
    Column("offset", Boolean), Column("overtaking", Boolean),
    Column("netting_every_ms", BigInteger), Column("day_ends_ms", BigInteger),
    Column("at_close", String(8)), Column("work_per_block", Integer),
    Column("waiting", Integer), Column("settled", BigInteger),
)  # fmt: skip
payments = Table(
    "rtgs_payments", metadata,
    Column("payment", _LONG, primary_key=True), Column("queue", String(32)),
    Column("payer", _ID, index=True), Column("payee", _ID, index=True), Column("asset", _ASSET),
    _amount("amount_minor"), Column("priority", Integer), Column("order", BigInteger),
    Column("pair", String(40)), Column("payee_reference", String(40)), Column("uetr", String(40)),
    Column("state", String(16)), Column("how", String(16)), Column("run", String(64)),
    Column("reason", Text), Column("submitted_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Index("rtgs_payments_order", "queue", "state", "priority", "order"),
    Index("rtgs_payments_uetr", "uetr"),
    Index("rtgs_payments_reference", "payee_reference"),
)  # fmt: skip
runs = Table(
    "rtgs_runs", metadata,
    Column("queue", String(32), primary_key=True), Column("started_at_ms", BigInteger,
                                                          primary_key=True, autoincrement=False),
    Column("run", String(64), primary_key=True), Column("kind", String(8)),
    Column("objective", String(8)), Column("state", String(8)), Column("count", Integer),
    Column("value", String(60)), Column("left", Integer), Column("rejected", Integer),
    Column("ended_at_ms", BigInteger), Column("blocks", Integer),
)  # fmt: skip
limits = Table(
    "rtgs_limits", metadata,
    Column("queue", String(32), primary_key=True), Column("account", _ID, primary_key=True),
    Column("asset", _ASSET, primary_key=True), _amount("multilateral_minor"),
    _amount("urgent_reserve_minor"), Column("bilateral", Text),
)  # fmt: skip
