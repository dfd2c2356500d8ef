"""The tables of corridors and the payments through them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from tongbao.readmodel.schema import metadata

_ID = String(128)
_UETR = String(36)
_ASSET = String(32)


def _amount(name: str) -> Column[str]:
    return Column(name, String(40), nullable=False, default="0")


corridors = Table(
    "corridors", metadata,
    Column("corridor", String(64), primary_key=True), Column("send_asset", _ASSET),
    Column("receive_asset", _ASSET), Column("defined_by", _ID),
    Column("defined_at_ms", BigInteger), Index("corridors_assets", "send_asset", "receive_asset"),
)  # fmt: skip
terms = Table(
    "corridor_terms", metadata,
    Column("corridor", String(64), primary_key=True),
    Column("effective_at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("terms", Text), Column("set_by", _ID), Column("set_at_ms", BigInteger),
)  # fmt: skip
servers = Table(
    "corridor_servers", metadata,
    Column("corridor", String(64), primary_key=True), Column("party", _ID, primary_key=True),
    Column("since_ms", BigInteger),
)  # fmt: skip
rates = Table(
    "reference_rates", metadata,
    Column("base", _ASSET, primary_key=True), Column("quote", _ASSET, primary_key=True),
    Column("observed_at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("value", String(40)), Column("decimals", Integer), Column("source", Text),
    Column("set_by", _ID),
)  # fmt: skip
results = Table(
    "screening_results", metadata,
    Column("subject", String(64), primary_key=True), Column("party", _ID, primary_key=True),
    Column("verdict", String(8)), Column("list_version", Text),
    Column("expires_at_ms", BigInteger), Column("made_at_ms", BigInteger), Column("note", Text),
)  # fmt: skip
sealing_keys = Table(
    "sealing_keys", metadata,
    Column("party", _ID, primary_key=True), Column("suite", String(16)),
    Column("public", String(64)), Column("since_ms", BigInteger),
)  # fmt: skip
payments = Table(
    "corridor_payments", metadata,
    Column("uetr", _UETR, primary_key=True), Column("corridor", String(64), index=True),
    Column("state", String(16)), Column("payer", _ID), Column("payee", _ID),
    Column("payer_party", _ID, index=True), Column("payee_party", _ID, index=True),
    Column("send_asset", _ASSET), Column("receive_asset", _ASSET), Column("exact", String(8)),
    _amount("instructed_minor"), _amount("limit_minor"), Column("bearer", String(4)),
    Column("version_at_ms", BigInteger), Column("deadline_at_ms", BigInteger),
    Column("route", Text), Column("quote", Text), Column("payee_reference", String(40)),
    Column("purpose", String(8)), Column("remittance", Text), Column("document", String(64)),
    Column("originator", String(64)), Column("beneficiary", String(64)),
    Column("travel_rule", String(64)), Column("held_for", Text), _amount("aside_minor"),
    _amount("debited_minor"), _amount("converted_minor"), _amount("arrived_minor"),
    _amount("credited_minor"), _amount("confirmed_minor"), _amount("returned_minor"),
    Column("cancellation_by", _ID), Column("accepted_at_ms", BigInteger),
    Column("steps", Integer), Column("digest", String(64)), Column("settled_digest", String(64)),
    Index("corridor_payments_time", "accepted_at_ms", "uetr"),
    Index("corridor_payments_reference", "payee_reference"),
)  # fmt: skip
steps = Table(
    "corridor_steps", metadata,
    Column("uetr", _UETR, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", String(32)), Column("at_ms", BigInteger), Column("by", _ID),
    Column("reason", Text), Column("note", Text), Column("height", BigInteger),
    Column("digest", String(64)),
)  # fmt: skip
charges = Table(
    "corridor_charges", metadata,
    Column("uetr", _UETR, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32)), Column("receiver", _ID, index=True), Column("asset", _ASSET),
    _amount("amount_minor"), Column("charged_at_ms", BigInteger),
)  # fmt: skip
returns = Table(
    "corridor_returns", metadata,
    Column("return_uetr", _UETR, primary_key=True), Column("uetr", _UETR, index=True),
    Column("treatment", String(32)), _amount("returned_minor"), _amount("spent_minor"),
    Column("asset", _ASSET), _amount("received_minor"), Column("reason", String(8)),
    Column("note", Text), Column("at_ms", BigInteger), Column("digest", String(64)),
)  # fmt: skip
