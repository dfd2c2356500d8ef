"""Events in words: the sentence that an event declares, filled in for people.

Fields come from outside (a receipt may claim anything): no value is believed to have its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tongbao.kernel import wording
from tongbao.kernel.transaction import Event

_LONGEST = 280
_LEGS = 5
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)(?::([a-z]+)(?: (\w+))?)?\}")
_WORDS = {
    "True": ("yes", "是"),
    "False": ("no", "否"),
    "rejected": ("rejected", "被拒绝"),
    "withdrawn": ("withdrawn", "已撤回"),
    "expired": ("expired", "已过期"),
    "cancelled": ("cancelled", "已取消"),
    "due": ("its time came", "到期"),
    "refused": ("refused", "已拒绝"),
    "held": ("held", "已暂挂"),
    "released": ("released", "已放行"),
    "cleared": ("cleared", "待付款方执行"),
    "settled": ("settled", "已结算"),
    "ended": ("ended", "已终止"),
    "original_rate": ("original_rate", "按原汇率"),
    "current_rate": ("current_rate", "按现汇率"),
    "beneficiary_currency": ("beneficiary_currency", "以收款币种"),
    "demand": ("demand", "按需"),
    "timer": ("timer", "定时"),
    "netting": ("netting", "轧差"),
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
        self.language = language
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
        return text(wording.amount(amount, text(asset), self.language, self.decimals.get))

    def _filled(self, sentence: str, event: Mapping[str, Any]) -> str:
        def told(match: re.Match[str]) -> str:
            return self._value(match.group(1), match.group(2) or "", match.group(3) or "", event)

        def optional(match: re.Match[str]) -> str:
            inner = match.group(1)
            return inner if all(told(one) for one in _FIELD.finditer(inner)) else ""

        return _FIELD.sub(told, _OPTIONAL.sub(optional, sentence))

    def _value(self, name: str, form: str, field: str, event: Mapping[str, Any]) -> str:
        if name == "amount" and name not in event:
            name = "amount_minor" if "amount_minor" in event else "total_minor"
        value = event.get(name)
        kind = wording.kind_of(name, form)
        if kind == "money":
            return self.money(value, wording.asset_of(name, event, field))
        if kind == "moment":
            return moment(value)
        if kind == "duration":
            return text(wording.duration(value, self.language))
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
    return text(wording.moment(time_ms))
