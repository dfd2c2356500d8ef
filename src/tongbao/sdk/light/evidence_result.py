"""Telling nodes of an attack: evidence is handed to every one that can take any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tongbao.kernel.codes import Refusal
from tongbao.sdk.light.attack import Evidence
from tongbao.sdk.light.providers import AnyProvider
from tongbao.sdk.light.reporting import Reported
from tongbao.sdk.light.steps import Ask, AskAll, Steps


class EvidenceResult(NamedTuple):
    """What became of evidence that was handed to nodes."""

    taken: tuple[str, ...]
    """Nodes whose engine took some of it: it goes into a block."""
    refused: dict[str, str]
    """Nodes that did not, and why. A node that shows the false block will be among them."""
    reports: tuple[Reported, ...] = ()
    """What they took, as the first of them says."""


def tell(found: Sequence[Evidence], nodes: Sequence[AnyProvider]) -> Steps[EvidenceResult]:
    """Hand evidence to every node that can take any."""
    ears = {node: getattr(node, "report", None) for node in nodes}
    able = [node for node, ear in ears.items() if ear is not None]
    questions = [Ask(ear, (one,)) for ear in ears.values() if ear is not None for one in found]
    answers = iter((yield AskAll(tuple(questions))))
    taken: list[str] = []
    refused: dict[str, str] = {}
    reports: tuple[Reported, ...] = ()
    for node in able:
        given = [next(answers) for _ in found]
        good = [one for one in given if not isinstance(one, Refusal)]
        if good:
            taken.append(node.name)
            reports = reports or tuple(report for each in good for report in each)
        else:
            refused[node.name] = given[0].code.text(given[0].values)
    return EvidenceResult(tuple(taken), refused, reports)
