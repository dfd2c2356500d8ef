"""Events in words: the sentence that an event declares, filled in for people.

Fields come from outside (a receipt may claim anything): no value is believed to have its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tongbao.kernel.transaction import Event
from tongbao.sdk.currencies import money

_LONGEST = 280
_LEGS = 5
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)\}")
_WORDS = {
    "True": ("yes", "是"),
    "False": ("no", "否"),
    "rejected": ("rejected", "被拒绝"),
    "withdrawn": ("withdrawn", "已撤回"),
    "expired": ("expired", "已过期"),
    "cancelled": ("cancelled", "已取消"),
    "due": ("its time came", "到期"),
    "final": ("fully posted", "已全部入账"),
    "carried": ("carried", "已通过"),
    "admit": ("admit", "接纳"),
    "remove": ("remove", "移除"),
    "set_power": ("set the power of", "调整投票权"),
    "replace_key": ("replace the key of", "更换密钥"),
    "expel": ("expel", "除名"),
    "upgrade": ("upgrade to", "升级至"),
    "cancel_upgrade": ("cancel the upgrade to", "取消升级至"),
    "founded": ("founding member", "创始成员"),
    "admitted": ("admitted", "获接纳"),
    "removed": ("removed", "被移除"),
    "expelled": ("expelled", "被除名"),
    "duplicate_vote": ("it signed twice", "重复签名"),
    "light_client_attack": ("it deceived light clients", "欺骗轻客户端"),
}


class Sentences:
    """One language, and the decimals of the assets that are known."""

    def __init__(self, language: str, decimals: Mapping[str, int]) -> None:
        """`language` is `en` or `zh`; an asset without decimals is told in minor units."""
        self.zh = language.startswith("zh")
        self.decimals = dict(decimals)

    def pick(self, en: str, zh: str) -> str:
        """The one in this language."""
        return zh if self.zh else en

    def tell(self, kind: type[Event] | None, event: Mapping[str, Any]) -> Iterator[str]:
        """An event, claimed to be of a kind: its sentence, or its fields where it has none."""
        tag = text(event.get("event"))
        if tag == "payments.posted":
            yield from self._legs(event)
        elif kind is None:
            facts = ", ".join(f"{name} {text(v)}" for name, v in event.items() if name != "event")
            yield f"{tag}: {facts}"
        else:
            yield self._filled(self.pick(*kind.says), event)

    def money(self, amount: Any, asset: Any) -> str:
        """An amount of minor units as people write it."""
        if type(amount) is not int:
            return text(amount)
        name = text(asset)
        return money(amount, name, self.decimals.get(name))

    def _filled(self, sentence: str, event: Mapping[str, Any]) -> str:
        def optional(match: re.Match[str]) -> str:
            inner = match.group(1)
            there = all(self._value(name, event) for name in _FIELD.findall(inner))
            return inner if there else ""

        kept = _OPTIONAL.sub(optional, sentence)
        return _FIELD.sub(lambda match: self._value(match.group(1), event), kept)

    def _value(self, name: str, event: Mapping[str, Any]) -> str:
        if name == "amount":
            amount = event.get("amount_minor", event.get("total_minor"))
            return self.money(amount, event.get("asset"))
        value = event.get(name)
        if name.endswith("_minor"):
            asset = event.get(name.removesuffix("_minor") + "_asset", event.get("asset"))
            return self.money(value, asset)
        if name.endswith("_at_ms"):
            return moment(value)
        if name == "failed":
            return str(len(value)) if isinstance(value, list | tuple) and value else ""
        if isinstance(value, list | tuple):
            return ", ".join(text(one) for one in value)
        words = text(value)
        return self.pick(*_WORDS[words]) if words in _WORDS else words

    def _legs(self, event: Mapping[str, Any]) -> Iterator[str]:
        legs = [leg for leg in sequence(event.get("postings")) if len(sequence(leg)) == 4]
        for debit, credit, asset, amount in map(sequence, legs[:_LEGS]):
            told = (self.money(amount, asset), text(debit), text(credit))
            yield self.pick(
                "  {0} moved from {1} to {2}", "  {1} 向 {2} 支付 {0}"
            ).format(*told)  # fmt: skip
        if len(legs) > _LEGS:
            more = len(legs) - _LEGS
            yield self.pick(f"  and {more} more", f"  另有 {more} 笔")


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return list(value) if isinstance(value, list | tuple) else []


def text(value: Any) -> str:
    """For a terminal: no control characters, not endless."""
    words = "" if value is None else value if isinstance(value, str) else str(value)
    return "".join(c if c.isprintable() else "?" for c in words[:_LONGEST])


def moment(time_ms: Any) -> str:
    """Block time in UTC, for people."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (TypeError, ValueError, OverflowError, OSError):
        return text(time_ms)
