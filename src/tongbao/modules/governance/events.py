"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event
from tongbao.modules.governance.model import Change


class GovernanceFounded(Event, tag="governance.founded"):
    """Members may change who they are from now on, under these terms."""

    says: ClassVar = (
        "Validators change by vote from now on: more than {numerator}/{denominator} of the power"
        " carries.",
        "验证人可通过表决变更成员：赞成票须超过投票权的 {numerator}/{denominator}。",
    )

    numerator: int
    denominator: int
    window_ms: int
    notice_blocks: int


class SeatChanged(Event, tag="governance.seat_changed"):
    """Who signs blocks is another; the engine obeys two blocks later."""

    says: ClassVar = (
        "The seat of {party} has a voting power of {power} now ({how}), of {total_power} in all.",
        "{party} 的席位投票权现为 {power}（{how}），全体合计 {total_power}。",
    )

    party: str
    how: str
    """`founded`, `admitted`, `removed`, `expelled`, `power` or `key`."""
    public: bytes
    """Consensus key of the seat, or the one that it had."""
    power: int
    """0: the seat is gone."""
    total_power: int
    """All power after it."""


class VoteOpened(Event, tag="governance.vote_opened"):
    """A question is put to the members."""

    says: ClassVar = (
        "{opener} asks the members to {what} {subject}, until {expires_at_ms} (vote {vote})"
        "[: {note}].",
        "{opener} 提请成员表决：{what} {subject}，截止 {expires_at_ms}（表决 {vote}）[：{note}]。",
    )

    vote: str
    opener: str
    what: str
    """Kind of change, e.g. `admit`."""
    subject: str
    """Whom or what it is about: a party, or version and height."""
    change: Change
    expires_at_ms: int
    note: str = ""


class VoteCast(Event, tag="governance.vote_cast"):
    """A member answered; the power behind each answer by the seats at that moment."""

    says: ClassVar = (
        "{party} answered vote {vote} (in favour: {in_favour}); of {total_power} voting power"
        " {yes_power} is for it and {no_power} against.",
        "{party} 就表决 {vote} 投票（赞成：{in_favour}）；"
        "全部投票权 {total_power}，赞成 {yes_power}，反对 {no_power}。",
    )

    vote: str
    party: str
    in_favour: bool
    yes_power: int
    no_power: int
    total_power: int


class VoteEnded(Event, tag="governance.vote_ended"):
    """The question is closed."""

    says: ClassVar = (
        "Vote {vote} ended: {how}.",
        "表决 {vote} 已结束：{how}。",
    )

    vote: str
    how: str
    """`carried`, `rejected`, `withdrawn` or `expired`."""


class UpgradeAgreed(Event, tag="governance.upgrade_agreed"):
    """From a height on the ledger goes by another version of its rules."""

    says: ClassVar = (
        "From block {height} on the ledger goes by version {version} of its rules.",
        "自区块 {height} 起，账本按协议版本 {version} 运行。",
    )

    version: int
    height: int


class UpgradeCancelled(Event, tag="governance.upgrade_cancelled"):
    """An agreed upgrade does not take place."""

    says: ClassVar = (
        "The upgrade to version {version} at block {height} does not take place.",
        "区块 {height} 升级至协议版本 {version} 的约定已取消。",
    )

    version: int
    height: int


class MisbehaviorRecorded(Event, tag="governance.misbehavior_recorded"):
    """The engine gave evidence that a validator broke its rules."""

    says: ClassVar = (
        "A validator[ of {party}] was caught: {kind} at block {height} (evidence {evidence}).",
        "验证人[（{party}）]在区块 {height} 被发现违规：{kind}（证据 {evidence}）。",
    )

    evidence: str
    party: str
    """Whose key it was; empty where nobody knows."""
    kind: str
    address: bytes
    height: int
    happened_at_ms: int
    power: int


class EvidenceAnswered(Event, tag="governance.evidence_answered"):
    """The seat of a party that was caught is gone, for this evidence."""

    says: ClassVar = (
        "{party} lost its seat for evidence {evidence}.",
        "{party} 因证据 {evidence} 失去席位。",
    )

    evidence: str
    party: str
