"""Parties, keys, policies and open proposals; when one was made only older blocks know."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Table

from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED
from tongbao.kernel.views import ReadView
from tongbao.modules.parties import PARTIES, PROPOSALS, actions_of
from tongbao.readmodel import schema
from tongbao.readmodel.projecting import as_json


def standing(view: ReadView) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of the module."""
    for (name,), party in view.scan(PARTIES):
        yield schema.parties, {
            "party": name, "name": party.name, "name_local": party.name_local,
            "roles": as_json(party.roles), "jurisdiction": party.jurisdiction, "lei": party.lei,
            "uscc": party.uscc, "sponsor": party.registered_by,
            "state": "suspended" if view.has(SUSPENDED, name) else "active",
            "registered_at_ms": party.registered_at_ms,
        }  # fmt: skip
    for (name, key_name), key in view.scan(KEYS):
        yield schema.party_keys, {
            "party": name, "key": key_name, "suite": key.suite,
            "public": base64.b64encode(key.public).decode(), "scopes": as_json(key.scopes),
            "weight": key.weight, "expires_at_ms": key.expires_at_ms,
            "revoked_at_ms": key.revoked_at_ms, "label": key.label,
        }  # fmt: skip
    for (name, scope), policy in view.scan(POLICIES):
        yield schema.policies, {
            "party": name, "scope": scope, "keys": policy.keys, "weight": policy.weight,
        }  # fmt: skip
    for (name,), proposal in view.scan(PROPOSALS):
        actions = actions_of(view, proposal)
        kinds = [one["type"] for one in msgspec.json.decode(actions)]
        given = [{"party": party, "keys": keys} for party, keys in proposal.approvals.items()]
        yield schema.proposals, {
            "proposal": name, "party": proposal.proposer, "state": "open",
            "expires_at_ms": proposal.expires_at_ms, "proposed_at_ms": 0,
            "note": proposal.memo, "approvals": as_json(given), "actions": as_json(kinds),
            "concerned": as_json(sorted({proposal.proposer, *proposal.approvals})),
            "content": actions.decode(),
        }  # fmt: skip
