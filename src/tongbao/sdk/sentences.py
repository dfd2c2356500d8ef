"""Events in words: the sentence that an event declares, filled in for people.

Fields come from outside (a receipt may claim anything): no value is trusted to have its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tongbao.kernel import wording
from tongbao.kernel.transaction import Event
from tongbao.kernel.wording import Decimals, message
from tongbao.words import translation

_LONGEST = 280
_LEGS = 5
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(\w+)(?::([a-z]+)(?: (\w+))?)?\}")
_SWITCH = {"True": message("yes", "switch"), "False": message("no", "switch")}


class Sentences:
    """One language, and the decimals of the assets that are known."""

    def __init__(self, language: str, decimals: Mapping[str, int] | Decimals) -> None:
        """`language` is `en` or `zh`; an asset without decimals is shown in minor units."""
        self.translate = translation(language)
        self.decimals: dict[str, int] = {}
        self._ask: Decimals = self.decimals.get
        if isinstance(decimals, Mapping):
            self.decimals.update(decimals)
        else:
            self._ask = decimals
        self.labels: Mapping[str, Mapping[str, str]] = {}

    def say(self, template: str, **values: Any) -> str:
        """A sentence of the code, filled with values that are written as they are."""
        return self.translate(template).format(**values)

    def tell(self, kind: type[Event] | None, event: Mapping[str, Any]) -> Iterator[str]:
        """An event, claimed to be of a kind: its sentence, or its fields where it has none."""
        tag = text(event.get("event"))
        if tag == "payments.posted":
            yield from self._legs(event)
        elif kind is None:
            facts = ", ".join(f"{name} {text(v)}" for name, v in event.items() if name != "event")
            yield f"{tag}: {facts}"
        else:
            self.labels = kind.labels
            yield self._filled(self.translate(kind.says), event)

    def money(self, amount: Any, asset: Any) -> str:
        """An amount of minor units as people write it."""
        return text(wording.amount(amount, text(asset), self._ask, self.translate))

    def _filled(self, sentence: str, event: Mapping[str, Any]) -> str:
        def reported(match: re.Match[str]) -> str:
            return self._value(match.group(1), match.group(2) or "", match.group(3) or "", event)

        def optional(match: re.Match[str]) -> str:
            inner = match.group(1)
            return inner if all(reported(one) for one in _FIELD.finditer(inner)) else ""

        return _FIELD.sub(reported, _OPTIONAL.sub(optional, sentence))

    def _value(self, name: str, form: str, field: str, event: Mapping[str, Any]) -> str:
        value = event.get(name)
        if form == "money":
            return self.money(value, wording.asset_of(name, event, field))
        if form == "moment":
            return moment(value)
        if form == "duration":
            return text(wording.duration(value, self.translate))
        if name == "failed":
            return str(len(value)) if isinstance(value, list | tuple) and value else ""
        if isinstance(value, list | tuple):
            return ", ".join(self._word(name, one) for one in value)
        return self._word(name, value)

    def _word(self, name: str, value: Any) -> str:
        words = text(value)
        if isinstance(value, bool):
            return self.translate(_SWITCH[words], "switch")
        label = self.labels.get(name, {}).get(words)
        return self.translate(label, name) if label else words

    def _legs(self, event: Mapping[str, Any]) -> Iterator[str]:
        legs = [leg for leg in sequence(event.get("postings")) if len(sequence(leg)) == 4]
        for debit, credit, asset, amount in map(sequence, legs[:_LEGS]):
            reported = (self.money(amount, asset), text(debit), text(credit))
            yield self.say(
                "  {amount} moved from {payer} to {payee}",
                amount=reported[0],
                payer=reported[1],
                payee=reported[2],
            )
        if len(legs) > _LEGS:
            more = len(legs) - _LEGS
            yield self.say("  and {more} more", more=more)


def in_sentences(
    language: str,
    kinds: Mapping[str, type[Event]],
    events: Iterable[Mapping[str, Any]],
    decimals: Mapping[str, int] | Decimals,
) -> tuple[str, ...]:
    """What happened, one behind the other."""
    sentences = Sentences(language, decimals)
    return tuple(
        line.strip()
        for event in events
        for line in sentences.tell(kinds.get(text(event.get("event"))), event)
    )


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
