"""Verifying receipts offline, and saying in plain words what they prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tongbao.kernel.codes import Value
from tongbao.kernel.receipts import Proven, Receipt, verify_receipt
from tongbao.kernel.registry import Registry
from tongbao.kernel.wording import message
from tongbao.modules import protocols
from tongbao.sdk.currencies import DECIMALS
from tongbao.sdk.light import read_trust
from tongbao.sdk.sentences import Sentences, mapping, moment, sequence, text
from tongbao.words import sentence, translated

_LINES = 5


def verify_file(receipt: bytes, trust: bytes) -> Proven:
    """What a receipt file proves to who trusts a genesis or a trust file (`tongbao light sync`).

    A Refusal names the broken link.
    """
    return verify_receipt(Receipt.decode(receipt), read_trust(trust))


def explain_grounds(proven: Proven, language: str = "en") -> str:
    """One sentence, in `en` or `zh`: why what a receipt says is proven."""
    grounds = proven.grounds
    if grounds is None:
        return translated(_UNVERIFIED, language)
    return sentence(
        _GROUNDS[min(grounds.steps, 2), grounds.base == 0 and grounds.steps > 0],
        {
            "block": proven.height + 1, "signers": grounds.signers, "of": grounds.validators,
            "base": grounds.base, "steps": grounds.steps,
        },
        language,
    )  # fmt: skip


_UNVERIFIED = message("Nothing was verified: do not rely on it.")
_GROUNDS = {
    (0, False): message(
        "Why: {signers} of {of} validators signed block {block}, which proves it; you trust that"
        " very block."
    ),
    (1, True): message(
        "Why: {signers} of {of} validators signed block {block}, which proves it, on the authority"
        " of the validators in the genesis that you trust."
    ),
    (1, False): message(
        "Why: {signers} of {of} validators signed block {block}, which proves it, on the authority"
        " of the validators of block {base}, which you trust."
    ),
    (2, True): message(
        "Why: {signers} of {of} validators signed block {block}, which proves it. Validators have"
        " changed since the genesis that you trust; {steps} signed blocks lead from there to here,"
        " each signed by enough of those before."
    ),
    (2, False): message(
        "Why: {signers} of {of} validators signed block {block}, which proves it. Validators have"
        " changed since block {base}, which you trust; {steps} signed blocks lead from there to"
        " here, each signed by enough of those before."
    ),
}  # fmt: skip


def explain(
    proven: Proven,
    language: str = "en",
    *,
    registry: Registry | None = None,
    decimals: Mapping[str, int] | None = None,
) -> str:
    """Sentences, one a line, in `en` or `zh`: what moved, from whom to whom, when, or why not.

    `decimals` tells those of assets that are no ISO currency (else minor units are shown).
    """
    explainer = _Explainer(language, registry or _registry(), {**DECIMALS, **(decimals or {})})
    return "\n".join(explainer.tell(proven))


@lru_cache(maxsize=1)
def _registry() -> Registry:
    return protocols().newest


class _Explainer:
    """One language, one registry, one receipt."""

    def __init__(self, language: str, registry: Registry, decimals: Mapping[str, int]) -> None:
        self.sentences = Sentences(language, decimals)
        self.language = language
        self.registry = registry
        self.failed: list[dict[Any, Any]] = []
        """Of each bulk transfer in turn: line that was not paid -> refusal code."""

    def tell(self, proven: Proven) -> Iterator[str]:
        body = mapping(mapping(proven.envelope).get("body"))
        outcome = mapping(proven.outcome)
        yield self.sentences.say(
            "Transaction {reference} of {party} stands in block {height} of {chain},"
            " at {time}. This is final.",
            party=text(body.get("party")), reference=text(body.get("reference")),
            chain=text(body.get("chain")), height=proven.height, time=moment(proven.time_ms),
        )  # fmt: skip
        code = outcome.get("code", 0)
        if code:
            yield self._refused(code, mapping(outcome.get("values")))
            return
        for event in sequence(outcome.get("events")):
            yield from self._event(mapping(event))
        yield from self._lines(body)
        memo = text(body.get("memo"))
        if memo:
            yield self.sentences.say("Memo: {memo}", memo=memo)

    def _refused(self, number: Any, values: Mapping[str, Any]) -> str:
        code = self.registry.codes.get(number)
        reported: dict[str, Value] = {name: text(value) for name, value in values.items()}
        why = (
            f"{text(number)}"
            if code is None
            else sentence(code.template, reported, self.language, self.sentences.decimals.get)
        )
        return self.sentences.say(
            "It was refused and moved nothing: {why} ({name}, {number}).",
            why=why, name="?" if code is None else code.name, number=text(number),
        )  # fmt: skip

    def _event(self, event: Mapping[str, Any]) -> Iterator[str]:
        tag = text(event.get("event"))
        digits = event.get("decimals")
        if tag == "assets.defined" and isinstance(digits, int) and 0 <= digits <= 18:
            self.sentences.decimals[text(event.get("asset"))] = digits
        if tag == "payments.bulk_transferred":
            failed_lines = (sequence(one) for one in sequence(event.get("failed")))
            self.failed.append({one[0]: one[1] for one in failed_lines if len(one) == 2})
        return self.sentences.tell(self.registry.events.get(tag), event)

    def _lines(self, body: Mapping[str, Any]) -> Iterator[str]:
        """The first lines of bulk transfers: they stand in the transaction itself."""
        failed = iter(self.failed)
        for action in map(mapping, sequence(body.get("actions"))):
            if action.get("type") != "payments.bulk_transfer":
                continue
            unpaid = next(failed, {})
            lines = sequence(action.get("lines"))
            asset = text(action.get("asset"))
            for place, line in enumerate(lines[:_LINES]):
                yield self._line(sequence(line), asset, unpaid.get(place))
            if len(lines) > _LINES:
                more = len(lines) - _LINES
                yield self.sentences.say("  and {more} more", more=more)

    def _line(self, line: list[Any], asset: str, refused: Any) -> str:
        payee, amount, reference = (*line, "", "", "")[:3]
        shown = self.sentences.money(amount, asset)
        reported = f"  {text(payee)}  {shown}  {text(reference)}"
        if refused is None:
            return reported
        return reported + self.sentences.say("  not paid, code {code}", code=text(refused))
