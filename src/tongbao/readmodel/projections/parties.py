"""Parties, keys, policies, proposals."""

from __future__ import annotations

import base64

import msgspec

from tongbao.modules.parties import Propose, events
from tongbao.readmodel import schema
from tongbao.readmodel.projecting import Step, as_json, projects


@projects("parties.registered")
def _registered(event: events.PartyRegistered, step: Step) -> None:
    step.rows.put(schema.parties, {
        "party": event.party, "name": event.name, "name_local": event.name_local,
        "roles": as_json(event.roles), "jurisdiction": event.jurisdiction, "lei": event.lei,
        "uscc": event.uscc, "sponsor": event.sponsor, "state": "active",
        "registered_at_ms": step.time_ms,
    })  # fmt: skip


@projects("parties.updated")
def _updated(event: events.PartyUpdated, step: Step) -> None:
    step.rows.update(
        schema.parties, event.party,
        name=event.name, name_local=event.name_local, roles=as_json(event.roles),
    )  # fmt: skip


@projects("parties.suspended")
def _suspended(event: events.PartySuspended, step: Step) -> None:
    step.rows.update(schema.parties, event.party, state="suspended")


@projects("parties.reinstated")
def _reinstated(event: events.PartyReinstated, step: Step) -> None:
    step.rows.update(schema.parties, event.party, state="active")


@projects("parties.key_added")
def _key_added(event: events.KeyAdded, step: Step) -> None:
    step.rows.put(schema.party_keys, {
        "party": event.party, "key": event.key, "suite": event.suite,
        "public": base64.b64encode(event.public).decode(), "scopes": as_json(event.scopes),
        "weight": event.weight, "expires_at_ms": event.expires_at_ms, "revoked_at_ms": 0,
        "label": event.label,
    })  # fmt: skip


@projects("parties.key_revoked")
def _key_revoked(event: events.KeyRevoked, step: Step) -> None:
    step.rows.update(schema.party_keys, event.party, event.key, revoked_at_ms=step.time_ms)


@projects("parties.policy_set")
def _policy_set(event: events.PolicySet, step: Step) -> None:
    step.rows.put(schema.policies, {
        "party": event.party, "scope": event.scope, "keys": event.keys, "weight": event.weight,
    })  # fmt: skip


@projects("parties.proposed")
def _proposed(event: events.Proposed, step: Step) -> None:
    proposed: Propose = step.take(Propose)
    step.rows.put(schema.proposals, {
        "proposal": event.proposal, "party": event.proposer, "state": "open",
        "expires_at_ms": event.expires_at_ms, "proposed_at_ms": step.time_ms,
        "note": event.memo, "approvals": as_json([{"party": event.proposer}]),
        "actions": as_json(event.actions), "concerned": as_json([event.proposer]),
        "content": bytes(proposed.actions).decode(),
    })  # fmt: skip


@projects("parties.proposal_approved")
def _approved(event: events.ProposalApproved, step: Step) -> None:
    row = step.rows.get(schema.proposals, event.proposal)
    if row is None:
        return
    given = msgspec.json.decode(row["approvals"])
    given.append({"party": event.party, "keys": event.keys, "time_ms": step.time_ms})
    concerned = sorted({*msgspec.json.decode(row["concerned"]), event.party})
    state = "executed" if event.carried_out else row["state"]
    if event.carried_out:
        step.pending.extendleft(reversed(step.read_actions(row["content"].encode())))
    step.rows.update(
        schema.proposals, event.proposal,
        approvals=as_json(given), concerned=as_json(concerned), state=state,
    )  # fmt: skip


@projects("parties.proposal_ended")
def _ended(event: events.ProposalEnded, step: Step) -> None:
    step.rows.update(schema.proposals, event.proposal, state=event.how)
