"""From the engine's answers and the ledger's blocks to the documents that are answered."""

from __future__ import annotations

from typing import NamedTuple

from tongbao.gateway.encoding import plain, plain_values
from tongbao.kernel.codes import OK, Value
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.registry import Registry
from tongbao.kernel.wording import Decimals, iso_decimals
from tongbao.modules.assets import decimals_in
from tongbao.node.answers import Answer
from tongbao.node.application import Application
from tongbao.sdk.answers import Result
from tongbao.words import sentence

UNKNOWN = "UNKNOWN"


class RefusalText(NamedTuple):
    """A refusal in words."""

    code: int
    name: str
    text: str = ""
    text_zh: str = ""
    retry: str = ""


def tell(
    registry: Registry, number: int, values: dict[str, Value], decimals: Decimals = iso_decimals
) -> RefusalText:
    """The name and sentences of a refusal code, amounts in units; for 0 just `OK`."""
    if number == OK:
        return RefusalText(OK, "OK")
    code = registry.codes.get(number)
    if code is None:
        return RefusalText(number, UNKNOWN)
    return RefusalText(
        number, code.name, code.text(values, decimals),
        sentence(code.template, values, "zh", decimals), code.retry.value,
    )  # fmt: skip


def result_of(
    answer: Answer, raw: bytes, application: Application, *, events: bool = False
) -> Result:
    """The document for an engine's answer to the envelope `raw`."""
    outcome = answer.outcome
    digest = (answer.digest or chain_hash(raw)).hex()
    happened = tuple(plain(one) for one in outcome.events) if events else ()
    if outcome.code == OK:
        return Result(
            answer.status.value, digest, answer.height, answer.position, 0, events=happened
        )
    reported = tell(
        application.registry, outcome.code, outcome.values, decimals_in(application.view())
    )
    return Result(
        answer.status.value, digest, answer.height, answer.position, *reported,
        values=plain_values(application.registry.codes.get(outcome.code), outcome.values),
    )  # fmt: skip
