"""An attack on light clients with validators' own keys: found, reported, and on every ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.network.conftest import Net, tongbao, until
from tests.network.verifying import engine_url, genesis_of

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import LightBlock
from tongbao.node.home import ValidatorKey
from tongbao.scenarios.founding import passphrase_of
from tongbao.sdk.light import (
    EngineProvider,
    Evidence,
    GatewayProvider,
    LightClient,
    LightCode,
    TrustedStore,
    report,
)
from tongbao.sdk.light.attack import Shown, make_evidence


class Forger:
    """A node that shows a false block, and the chain of an honest one around it."""

    def __init__(self, honest: GatewayProvider, false: LightBlock) -> None:
        self.name = "forger"
        self._honest = honest
        self._false = false

    def light_block(self, height: int | None) -> LightBlock:
        """What it shows."""
        wanted = self._false.height if height is None else height
        return self._false if wanted == self._false.height else self._honest.light_block(wanted)


def forge(
    right: LightBlock, keys: list[ValidatorKey], *, round_: int = 0, **reply: Any
) -> LightBlock:
    """Another block of the same height, signed with some keys; `reply` replaces header fields.

    With `alone` the signers pretend to be all the validators there are.
    """
    alone, known = reply.pop("alone", False), {one.public: one for one in keys}
    members = tuple(one for one in right.validators if not alone or one[0] in known)
    named = _core.validators_hash(list(members))
    fields = _core.header_fields(right.header)
    if alone:
        reply |= {"validators_hash": named, "next_validators_hash": named}
    header = _core.make_header(**{**fields, **reply})
    chain, time_ms = fields["chain_id"], fields["time_ms"]
    block_id = (_core.header_hash(header), 1, bytes(32))
    vote = _core.commit_sign_bytes(chain, right.height, round_, block_id, time_ms)
    votes = []
    for public, _ in sorted(members, key=lambda one: (-one[1], _core.validator_address(one[0]))):
        key = known.get(public)
        address = _core.validator_address(public)
        votes.append((address, time_ms, key.sign(vote)) if key else (b"", 0, b""))
    commit = _core.make_commit(right.height, round_, block_id, votes)
    following = members if alone else right.next_validators
    return LightBlock(right.height, header, commit, members, following)


def an_attack_is_found_and_stands_on_every_ledger(
    net: Net, corrupt: list[str], folder: Path
) -> None:
    """More than a third sign another history; a client finds it, and every node records it."""
    honest = [GatewayProvider(one.url) for one in net.entries.values()]
    keys = [
        ValidatorKey.load(net.home(name) / "validator.pem", passphrase_of(net.home(name)))
        for name in corrupt
    ]
    height = net.height(corrupt[0]) - 2
    right = honest[0].light_block(height)
    false = forge(right, keys[:2], alone=True, app_hash=bytes(32))
    client = LightClient(
        TrustedStore.from_genesis(genesis_of(net)), Forger(honest[0], false), honest,
        evidence=folder,
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        client.verify_to(height)
    assert caught.value.code is LightCode.ATTACK
    reported = caught.value.values
    assert (reported["taken"], reported["asked"], reported["refused_by"]) == (4, 4, ())
    _wait_for(net, {_address(one) for one in keys[:2]})
    _other_kinds_are_taken_too(net, honest, keys, right, Path(str(reported["file"])))


def _other_kinds_are_taken_too(
    net: Net, honest: list[GatewayProvider], keys: list[ValidatorKey], right: LightBlock, file: Path
) -> None:
    """Who signed two blocks of one round is named; of two rounds nobody can be."""
    again = tongbao("light", "report", file, "--url", honest[1].name)
    assert [one["kind"] for one in again["reports"]] == ["lunatic"]
    chain, common = genesis_of(net).chain, honest[0].light_block(right.height - 1)
    engine = EngineProvider(engine_url(net, "central-bank"))
    for round_, kind, blamed in ((0, "equivocation", 3), (7, "amnesia", 0)):
        false = forge(right, keys, round_=round_, data_hash=bytes(32))
        shown = Shown("a", right), Shown("b", false)
        evidence = make_evidence(chain, common, *shown, now_ms=1)
        [one] = report([evidence], [engine]).reports
        assert (one.kind, len(one.accused), one.common_height) == (kind, blamed, right.height)
    _wait_for(net, {_address(one) for one in keys})
    _what_proves_nothing_is_refused(net, honest[1], evidence)


def _what_proves_nothing_is_refused(net: Net, node: GatewayProvider, evidence: Evidence) -> None:
    stranger = forge(evidence.first.block, [_Stranger()], data_hash=bytes(32))
    twice = make_evidence(
        evidence.chain, evidence.common, evidence.first, Shown("b", stranger), now_ms=1
    )
    telling = report([twice], [node])
    assert telling.taken == () and "proves nothing" in telling.refused[node.name]


class _Stranger(ValidatorKey):
    """A key of nobody."""

    def __init__(self) -> None:
        self.public = bytes(32)


def _address(key: ValidatorKey) -> str:
    return _core.validator_address(key.public).hex()


def _wait_for(net: Net, accused: set[str]) -> None:
    """Until the evidence against these stands on the ledger of every node.

    Evidence alone makes no block: it waits for the next one, so we pay something.
    """

    def stands(name: str) -> bool:
        with net.client(name) as ledger:
            found = list(ledger.governance.evidence())
        kinds = {one.kind for one in found}
        return {one.address for one in found} == accused and kinds <= {"light_client_attack"}

    net.hand_in(net.names[0], net.envelope())
    for name in net.names:
        until(lambda one=name: stands(one), f"the evidence is at {name}", 20)  # type: ignore[misc]
