"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event


class PartyRegistered(Event, tag="parties.registered"):
    """A party was admitted."""

    says: ClassVar = (
        "{party} ({name}) was admitted as {roles}, sponsored by {sponsor}.",
        "{party}（{name}）经 {sponsor} 引荐加入，角色：{roles}。",
    )

    party: str
    name: str
    roles: tuple[str, ...]
    jurisdiction: str
    sponsor: str
    name_local: str = ""
    lei: str = ""
    uscc: str = ""


class PartyUpdated(Event, tag="parties.updated"):
    """Names or roles changed."""

    says: ClassVar = (
        "{party} is now called {name}, with the roles {roles}.",
        "{party} 现名 {name}，角色：{roles}。",
    )

    party: str
    name: str
    roles: tuple[str, ...]
    name_local: str = ""


class PartySuspended(Event, tag="parties.suspended"):
    """None of the party's signatures counts."""

    says: ClassVar = ("{by} suspended {party}: {reason}.", "{by} 暂停了 {party}：{reason}。")

    party: str
    by: str
    reason: str


class PartyReinstated(Event, tag="parties.reinstated"):
    """The party's signatures count again."""

    says: ClassVar = ("{by} reinstated {party}.", "{by} 恢复了 {party}。")

    party: str
    by: str


class KeyAdded(Event, tag="parties.key_added"):
    """A party has a further key."""

    says: ClassVar = (
        "{party} has the further key {key}[ ({label})].",
        "{party} 新增密钥 {key}[（{label}）]。",
    )

    party: str
    key: str
    suite: str
    public: bytes
    scopes: tuple[str, ...]
    weight: int
    expires_at_ms: int = 0
    label: str = ""


class KeyRevoked(Event, tag="parties.key_revoked"):
    """A key no longer counts."""

    says: ClassVar = (
        "Key {key} of {party} no longer counts[ ({reason})].",
        "{party} 的密钥 {key} 不再有效[（{reason}）]。",
    )

    party: str
    key: str
    reason: str = ""


class PolicySet(Event, tag="parties.policy_set"):
    """How many of which keys a scope takes."""

    says: ClassVar = (
        "Actions of {party} in {scope} take {keys} key(s) with a weight of {weight}.",
        "{party} 的 {scope} 类操作须 {keys} 把密钥、合计权重 {weight}。",
    )

    party: str
    scope: str
    keys: int
    weight: int


class Proposed(Event, tag="parties.proposed"):
    """Actions wait for approvals."""

    says: ClassVar = (
        "{proposer} proposed {actions}; it waits for approvals until {expires_at_ms} "
        "(proposal {proposal}).",
        "{proposer} 提出 {actions}，在 {expires_at_ms} 前等待审批（提案 {proposal}）。",
    )

    proposal: str
    proposer: str
    expires_at_ms: int
    actions: tuple[str, ...]
    """Kinds of the actions, in order."""
    memo: str = ""


class ProposalApproved(Event, tag="parties.proposal_approved"):
    """A further key approved."""

    says: ClassVar = ("{party} approved proposal {proposal}.", "{party} 批准了提案 {proposal}。")

    proposal: str
    party: str
    keys: tuple[str, ...]
    carried_out: bool


class ProposalEnded(Event, tag="parties.proposal_ended"):
    """The proposal was rejected, withdrawn, or its time passed."""

    says: ClassVar = (
        "Proposal {proposal} ended: {how}[ by {party}][, {reason}].",
        "提案 {proposal} 已终止：{how}[，{party}][，{reason}]。",
    )

    proposal: str
    how: str
    """`rejected`, `withdrawn` or `expired`."""
    party: str = ""
    reason: str = ""
