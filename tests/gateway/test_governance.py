"""Members, votes and upgrades over HTTP, as both clients read them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.gateway.conftest import TOKEN, Node, new_envelope, start_node

from tongbao.modules.governance import CancelUpgrade, OpenVote, Remove, Upgrade
from tongbao.scenarios.consortium import OPERATOR
from tongbao.sdk import AsyncClient, Client
from tongbao.sdk.answers import Problem

FAR = 10_000_000


@pytest.fixture(scope="module")
def voting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose one member agreed on an upgrade, and took it back."""
    for node in start_node(tmp_path_factory.mktemp("voting")):
        client = node.client()
        for change in (Upgrade(2, FAR), CancelUpgrade(2), Upgrade(3, FAR + 1)):
            ask = OpenVote(OPERATOR, change, node.application.tip.time_ms + 3_600_000, "yearly")
            client.submit_and_wait(new_envelope(ask, party=OPERATOR))
        yield node


@pytest.fixture
def ledger(voting: Node) -> Client:
    client = voting.client()
    client.session.seen_height = voting.application.tip.height
    return client


def test_how_things_stand_is_told_in_one_answer(ledger: Client) -> None:
    reported = ledger.governance.current()
    assert (reported.founded, reported.members, reported.total_power, reported.movable) == (
        False,
        1,
        1,
        0,
    )
    assert (reported.protocol, reported.next_protocol, reported.next_protocol_height) == (
        1,
        3,
        FAR + 1,
    )
    status = ledger.status()
    assert (status.next_protocol, status.next_protocol_height) == (3, FAR + 1)


def test_members_are_listed_with_their_power(ledger: Client) -> None:
    [member] = ledger.governance.seats()
    assert (member.party, member.power) == (OPERATOR, 1)
    assert len(bytes.fromhex(member.address)) == 20
    assert ledger.governance.seat(OPERATOR) == member


def test_votes_are_listed_filtered_and_shown_with_their_answers(ledger: Client) -> None:
    listed = list(ledger.governance.votes(state="carried", party=OPERATOR))
    assert [(one.what, one.subject) for one in listed] == [
        ("upgrade", f"v3 @ {FAR + 1}"), ("cancel_upgrade", "v2"), ("upgrade", f"v2 @ {FAR}"),
    ]  # fmt: skip
    assert list(ledger.governance.votes(state="open")) == []
    one = ledger.governance.vote(listed[0].vote)
    assert one.yes == [OPERATOR]
    assert (one.yes_power, one.total_power, one.note) == (1, 1, "yearly")
    assert one.change == {"change": "upgrade", "version": 3, "height": FAR + 1}
    [reply] = ledger.governance.vote_answers(vote=one.vote)
    assert (reply.party, reply.in_favour, reply.time_ms) == (OPERATOR, True, one.ended_at_ms)
    assert reply == ledger.governance.vote_answer(reply.vote_answer)
    with pytest.raises(Problem) as missing:
        ledger.governance.vote("none")
    assert missing.value.status == 404


def test_upgrades_tell_what_became_of_them(ledger: Client) -> None:
    listed = [(one.version, one.state) for one in ledger.governance.upgrades()]
    assert listed == [(3, "agreed"), (2, "cancelled"), (1, "agreed")]


def test_seat_changes_and_evidence_are_empty_where_nothing_happened(ledger: Client) -> None:
    assert list(ledger.governance.seat_changes(party=OPERATOR)) == []
    assert list(ledger.governance.evidence(party=OPERATOR)) == []


def test_the_validators_of_an_embedded_ledger_are_fixed_and_the_refusal_says_what_to_do(
    voting: Node, ledger: Client
) -> None:
    ask = OpenVote(OPERATOR, Remove("hengtong"), voting.application.tip.time_ms + 60_000)
    with pytest.raises(Problem) as refused:
        ledger.submit_and_wait(new_envelope(ask, party=OPERATOR))
    assert (refused.value.code, refused.value.name) == (8001, "MEMBERSHIP_FIXED")
    assert "tongbao network init --from-snapshot" in refused.value.detail


def test_the_asynchronous_client_reads_the_same(voting: Node) -> None:
    async def ask() -> list[str]:
        async with AsyncClient(voting.url, token=TOKEN) as client:
            return [one.what async for one in client.governance.votes()]

    assert asyncio.run(ask()) == ["upgrade", "cancel_upgrade", "upgrade"]
