"""Believing receipts without a node or a network, and telling in plain words what they prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tongbao.kernel.codes import Value
from tongbao.kernel.genesis import read_genesis
from tongbao.kernel.receipts import Proven, Receipt, verify_receipt
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.sdk.currencies import DECIMALS, money

_LONGEST = 280
_LINES = 5


def verify_file(receipt: bytes, genesis: bytes) -> Proven:
    """What a receipt file proves to who trusts a genesis file; a Refusal names the broken link."""
    return verify_receipt(Receipt.decode(receipt), read_genesis(genesis).trust())


def explain(
    proven: Proven,
    language: str = "en",
    *,
    registry: Registry | None = None,
    decimals: Mapping[str, int] | None = None,
) -> str:
    """Sentences, one a line, in `en` or `zh`: what moved, from whom to whom, when, or why not.

    `decimals` tells those of assets that are no ISO currency (else minor units are told).
    """
    teller = _Teller(language, registry or _registry(), {**DECIMALS, **(decimals or {})})
    return "\n".join(teller.tell(proven))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return Registry(installed())


_SENTENCES = {
    "payments.transferred": (
        "{amount} moved from {payer} to {payee}{for_}.",
        "{payer} 向 {payee} 支付 {amount}{for_}。",
    ),
    "payments.bulk_transferred": (
        "{amount} moved from {payer} to {count} payee(s){failed}.",
        "{payer} 向 {count} 个收款方共支付 {amount}{failed}。",
    ),
    "payments.hold_opened": (
        "{amount} of {payer} was set aside for {payee} (hold {hold}).",
        "{payer} 为 {payee} 预留 {amount}（预留 {hold}）。",
    ),
    "payments.hold_released": (
        "What remained of hold {hold} was released ({reason}).",
        "预留 {hold} 的余额已释放（{reason}）。",
    ),
    "payments.transfer_scheduled": (
        "{amount} will move from {payer} to {payee} on {due}.",
        "{payer} 将于 {due} 向 {payee} 支付 {amount}。",
    ),
    "assets.issued": (
        "{amount} was issued into {account}.",
        "向 {account} 发行 {amount}。",
    ),
    "assets.redeemed": (
        "{amount} was redeemed from {account}.",
        "从 {account} 赎回 {amount}。",
    ),
    "assets.clawed_back": (
        "{amount} was taken back from {account} by {by}: {basis}.",
        "{by} 依据 {basis} 从 {account} 追回 {amount}。",
    ),
}


class _Teller:
    """One language, one registry, one receipt."""

    def __init__(self, language: str, registry: Registry, decimals: Mapping[str, int]) -> None:
        self.zh = language.startswith("zh")
        self.registry = registry
        self.decimals = dict(decimals)
        self.failed: list[dict[Any, Any]] = []
        """Of each bulk transfer in turn: line that was not paid -> refusal code."""

    def tell(self, proven: Proven) -> Iterator[str]:
        body = _mapping(_mapping(proven.envelope).get("body"))
        outcome = _mapping(proven.outcome)
        said = {
            "party": _text(body.get("party")),
            "reference": _text(body.get("reference")),
            "chain": _text(body.get("chain")),
            "height": proven.height,
            "time": _moment(proven.time_ms),
        }
        yield self._pick(
            "Transaction {reference} of {party} stands in block {height} of {chain},"
            " at {time}. This is final.",
            "{party} 的交易 {reference} 位于 {chain} 区块 {height}，"
            "时间 {time}。该结果为最终结果。",
        ).format(**said)
        code = outcome.get("code", 0)
        if code:
            yield self._refused(code, _mapping(outcome.get("values")))
            return
        for event in _sequence(outcome.get("events")):
            yield self._event(_mapping(event))
        yield from self._lines(body)
        memo = _text(body.get("memo"))
        if memo:
            yield self._pick("Memo: ", "附言：") + memo

    def _pick(self, en: str, zh: str) -> str:
        return zh if self.zh else en

    def _refused(self, number: Any, values: Mapping[str, Any]) -> str:
        code = self.registry.codes.get(number)
        told: dict[str, Value] = {name: _text(value) for name, value in values.items()}
        why = f"{_text(number)}" if code is None else code.text("zh" if self.zh else "en", told)
        name = "?" if code is None else code.name
        return self._pick(
            f"It was refused and moved nothing: {why} ({name}, {_text(number)}).",
            f"交易被拒绝，未发生任何变动：{why}（{name}，{_text(number)}）。",
        )

    def _event(self, event: Mapping[str, Any]) -> str:
        kind = _text(event.get("event"))
        digits = event.get("decimals")
        if kind == "assets.defined" and isinstance(digits, int) and 0 <= digits <= 18:
            self.decimals[_text(event.get("asset"))] = digits
        if kind == "payments.bulk_transferred":
            failed_lines = (_sequence(one) for one in _sequence(event.get("failed")))
            self.failed.append({one[0]: one[1] for one in failed_lines if len(one) == 2})
        if kind not in _SENTENCES:
            facts = ", ".join(f"{n} {_text(v)}" for n, v in event.items() if n != "event")
            return f"{kind}: {facts}"
        told = {name: _text(value) for name, value in event.items()}
        told["for_"] = self._purpose(event)
        told["amount"] = self._amount(event)
        told["due"] = _moment(event.get("due_at_ms"))
        failed = len(_sequence(event.get("failed")))
        told["failed"] = (
            self._pick(f"; {failed} more failed", f"，另有 {failed} 笔未成功") if failed else ""
        )
        try:
            return self._pick(*_SENTENCES[kind]).format(**told)
        except KeyError:
            return f"{kind}: {_text(dict(event))}"

    def _amount(self, event: Mapping[str, Any]) -> str:
        amount = event.get("amount_minor", event.get("total_minor"))
        asset = _text(event.get("asset"))
        if not isinstance(amount, int):
            return _text(amount)
        return money(amount, asset, self.decimals.get(asset))

    def _purpose(self, event: Mapping[str, Any]) -> str:
        parts = [_text(event.get(name)) for name in ("payee_reference", "remittance")]
        told = ", ".join(part for part in parts if part)
        return f" ({told})" if told else ""

    def _lines(self, body: Mapping[str, Any]) -> Iterator[str]:
        """The first lines of bulk transfers: they stand in the transaction itself."""
        failed = iter(self.failed)
        for action in map(_mapping, _sequence(body.get("actions"))):
            if action.get("type") != "payments.bulk_transfer":
                continue
            unpaid = next(failed, {})
            lines = _sequence(action.get("lines"))
            asset = _text(action.get("asset"))
            for place, line in enumerate(lines[:_LINES]):
                yield self._line(_sequence(line), asset, unpaid.get(place))
            if len(lines) > _LINES:
                more = len(lines) - _LINES
                yield self._pick(f"  and {more} more", f"  另有 {more} 笔")

    def _line(self, line: list[Any], asset: str, refused: Any) -> str:
        payee, amount, reference = (*line, "", "", "")[:3]
        known = isinstance(amount, int)
        shown = money(amount, asset, self.decimals.get(asset)) if known else _text(amount)
        told = f"  {_text(payee)}  {shown}  {_text(reference)}"
        if refused is None:
            return told
        return told + self._pick("  not paid, code ", "  未支付，代码 ") + _text(refused)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    """For a terminal: no control characters, not endless."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def _moment(time_ms: Any) -> str:
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (TypeError, ValueError, OverflowError, OSError):
        return _text(time_ms)
