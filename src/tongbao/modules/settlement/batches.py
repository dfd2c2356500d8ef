"""Rules of a batch that is proposed or amended."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import require_asset
from tongbao.modules.parties import PARTIES
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.model import MAX_AHEAD_MS, Instruction, Step


def admit_batch(
    view: ReadView, steps: tuple[Step, ...], deadline_at_ms: int, settle_at_ms: int
) -> None:
    """Times to come, parties and assets that are known."""
    now = view.time_ms
    # The clock of its settling is taken back by this time: below zero that could not be done.
    require(settle_at_ms >= 0, SettlementCode.SETTLES_NEVER, settle_at_ms=settle_at_ms)
    require(
        deadline_at_ms > max(now, settle_at_ms), SettlementCode.DEADLINE_PAST,
        deadline_at_ms=deadline_at_ms, time_ms=now,
    )  # fmt: skip
    require(
        deadline_at_ms <= now + MAX_AHEAD_MS, SettlementCode.TOO_FAR_AHEAD,
        deadline_at_ms=deadline_at_ms, limit_ms=MAX_AHEAD_MS,
    )  # fmt: skip
    for step in steps:
        require_asset(view, step.asset)
        for party in (step.sender, step.receiver):
            require(view.has(PARTIES, party), SettlementCode.PARTY_UNKNOWN, party=party)


def fresh(step: Step) -> Instruction:
    """The instruction of a step, with the accounts that it names."""
    return Instruction(step, step.sender_account, step.receiver_account)
