"""Believing receipts without a node or a network, and telling in plain words what they prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tongbao.kernel.codes import Value
from tongbao.kernel.receipts import Proven, Receipt, verify_receipt
from tongbao.kernel.registry import Registry
from tongbao.modules import protocols
from tongbao.sdk.currencies import DECIMALS
from tongbao.sdk.light import read_trust
from tongbao.sdk.sentences import Sentences, mapping, moment, sequence, text

_LINES = 5


def verify_file(receipt: bytes, trust: bytes) -> Proven:
    """What a receipt file proves to who trusts a genesis or a trust file (`tongbao light sync`).

    A Refusal names the broken link.
    """
    return verify_receipt(Receipt.decode(receipt), read_trust(trust))


def explain_grounds(proven: Proven, language: str = "en") -> str:
    """One sentence, in `en` or `zh`: why what a receipt says may be believed."""
    grounds, zh = proven.grounds, language.startswith("zh")
    if grounds is None:
        return "尚未验证，不可相信。" if zh else "Nothing was verified: do not believe it."
    told = {
        "block": proven.height + 1, "signers": grounds.signers, "of": grounds.validators,
        "base": grounds.base, "steps": grounds.steps,
    }  # fmt: skip
    pair = _GROUNDS[min(grounds.steps, 2), grounds.base == 0 and grounds.steps > 0]
    return pair[zh].format(**told)


_SIGNED = (
    "Why: {signers} of {of} validators signed block {block}, which proves it",
    "依据：{of} 个验证人中有 {signers} 个签署了作为证明的区块 {block}",
)
_GROUNDS: dict[tuple[int, bool], tuple[str, str]] = {
    (0, False): (
        f"{_SIGNED[0]}; you trust that very block.",
        f"{_SIGNED[1]}；您已信任该区块。",
    ),
    (1, True): (
        f"{_SIGNED[0]}, on the authority of the validators in the genesis that you trust.",
        f"{_SIGNED[1]}，其权限来自您所信任的创世文件中的验证人。",
    ),
    (1, False): (
        f"{_SIGNED[0]}, on the authority of the validators of block {{base}}, which you trust.",
        f"{_SIGNED[1]}，其权限来自您所信任的区块 {{base}} 的验证人。",
    ),
    (2, True): (
        f"{_SIGNED[0]}. Validators have changed since the genesis that you trust; {{steps}} signed"
        " blocks lead from there to here, each signed by enough of those before.",
        f"{_SIGNED[1]}。自您所信任的创世文件以来验证人已有变更；"
        "共 {steps} 个已签名区块逐步相连，每一步均有足够的前任验证人签名。",
    ),
    (2, False): (
        f"{_SIGNED[0]}. Validators have changed since block {{base}}, which you trust; {{steps}}"
        " signed blocks lead from there to here, each signed by enough of those before.",
        f"{_SIGNED[1]}。自您所信任的区块 {{base}} 以来验证人已有变更；"
        "共 {steps} 个已签名区块逐步相连，每一步均有足够的前任验证人签名。",
    ),
}


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
    return protocols().newest


class _Teller:
    """One language, one registry, one receipt."""

    def __init__(self, language: str, registry: Registry, decimals: Mapping[str, int]) -> None:
        self.sentences = Sentences(language, decimals)
        self.registry = registry
        self.failed: list[dict[Any, Any]] = []
        """Of each bulk transfer in turn: line that was not paid -> refusal code."""

    def tell(self, proven: Proven) -> Iterator[str]:
        body = mapping(mapping(proven.envelope).get("body"))
        outcome = mapping(proven.outcome)
        said = {
            "party": text(body.get("party")),
            "reference": text(body.get("reference")),
            "chain": text(body.get("chain")),
            "height": proven.height,
            "time": moment(proven.time_ms),
        }
        yield self.sentences.pick(
            "Transaction {reference} of {party} stands in block {height} of {chain},"
            " at {time}. This is final.",
            "{party} 的交易 {reference} 位于 {chain} 区块 {height}，"
            "时间 {time}。该结果为最终结果。",
        ).format(**said)
        code = outcome.get("code", 0)
        if code:
            yield self._refused(code, mapping(outcome.get("values")))
            return
        for event in sequence(outcome.get("events")):
            yield from self._event(mapping(event))
        yield from self._lines(body)
        memo = text(body.get("memo"))
        if memo:
            yield self.sentences.pick("Memo: ", "附言：") + memo

    def _refused(self, number: Any, values: Mapping[str, Any]) -> str:
        code = self.registry.codes.get(number)
        told: dict[str, Value] = {name: text(value) for name, value in values.items()}
        why = (
            f"{text(number)}"
            if code is None
            else code.text(self.sentences.language, told, self.sentences.decimals.get)
        )
        name = "?" if code is None else code.name
        return self.sentences.pick(
            f"It was refused and moved nothing: {why} ({name}, {text(number)}).",
            f"交易被拒绝，未发生任何变动：{why}（{name}，{text(number)}）。",
        )

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
                yield self.sentences.pick(f"  and {more} more", f"  另有 {more} 笔")

    def _line(self, line: list[Any], asset: str, refused: Any) -> str:
        payee, amount, reference = (*line, "", "", "")[:3]
        shown = self.sentences.money(amount, asset)
        told = f"  {text(payee)}  {shown}  {text(reference)}"
        if refused is None:
            return told
        return told + self.sentences.pick("  not paid, code ", "  未支付，代码 ") + text(refused)
