"""Logging in by a key that the ledger knows, and what ends a login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.gateway.conftest import Node, new_envelope, start_node

from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.viewers import challenges
from tongbao.gateway.viewers.access import (
    GRANTS,
    SESSIONS,
    Access,
    AccessFault,
    Grant,
    digest_of,
    own_token,
    write_grants,
)
from tongbao.kernel.identity import Key, key_id
from tongbao.modules.parties import AddKey, RevokeKey
from tongbao.node.clock import utc_ms
from tongbao.scenarios import consortium
from tongbao.sdk import Client, Problem
from tongbao.sdk.login import answer, ask, leave, login_message, who

MAKER = consortium.MAKER


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    folder = tmp_path / "home"
    folder.mkdir()
    yield from start_node(tmp_path, Settings(access=Access(folder)))


def key_of(party: str, label: str = MAKER) -> tuple[Any, str]:
    private = consortium.key_of(party, label)
    return private, key_id("ed25519", private.public_key().public_bytes_raw())


def logged_in(node: Node, party: str, **other: Any) -> Any:
    """A login of a party's maker, or what somebody makes of it."""
    private, key = key_of(other.get("signer", party))
    host = other.get("host", urlsplit(node.url).netloc)
    with Client(node.url) as client:
        asked = client.call(ask(party, other.get("key", key)))
        message = login_message(
            other.get("chain", asked.chain), host, party, other.get("key", key), asked.nonce
        )
        call = answer(other.get("nonce", asked.nonce), host, private.sign(message))
        made = client.call(call)
        with pytest.raises(Problem) as again:
            client.call(call)
        assert again.value.name == "BAD_LOGIN"
        return made


def test_a_signature_over_a_challenge_gives_a_token_for_the_person(node: Node) -> None:
    made = logged_in(node, "mingda")
    assert (made.party, made.person) == ("mingda", MAKER)
    assert utc_ms() < made.expires_at_ms <= utc_ms() + 12 * 3_600_000
    with Client(node.url, token=made.token) as client:
        seen = client.call(who())
        assert (seen.party, seen.roles) == ("mingda", ("supplier",))
        client.call(leave())
        with pytest.raises(Problem) as over:
            client.call(who())
        assert over.value.name == "UNAUTHORISED"


@pytest.mark.parametrize(
    "other",
    [
        {"signer": "hengtong"}, {"host": "other.example:1"}, {"chain": "another"},
        {"nonce": "made-up"}, {"key": "0" * 32},
    ],
)  # fmt: skip
def test_what_another_key_signed_or_is_for_another_node_is_no_login(
    node: Node, other: dict[str, Any]
) -> None:
    with pytest.raises(Problem) as refused:
        logged_in(node, "mingda", **other)
    assert (refused.value.name, refused.value.status) == ("BAD_LOGIN", 401)


def test_a_challenge_is_over_after_a_minute_and_the_oldest_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(challenges, "MOST", 2)
    waiting = challenges.Challenges()
    first, second, third = (waiting.make("a", "k", 1_000)[0] for _ in range(3))
    assert waiting.take(first, 1_001) is None
    assert waiting.take(second, 61_000) is None
    assert waiting.take(third, 60_999) is not None
    assert waiting.take(third, 60_999) is None


def test_a_login_ends_with_its_key_on_the_ledger(node: Node) -> None:
    made = logged_in(node, "mingda")
    _, key = key_of("mingda")
    with Client(node.url, token=made.token) as client:
        assert client.call(who()).party == "mingda"
        fresh = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        added = AddKey("mingda", Key("ed25519", fresh, label="new"))
        actions = (added, RevokeKey("mingda", key))
        revoked = client.submit([new_envelope(*actions, party="mingda")])
        assert revoked[0].code == 0, revoked
        with pytest.raises(Problem) as over:
            client.call(who())
    assert over.value.name == "UNAUTHORISED"


def test_logins_outlive_the_node_and_their_tokens_stand_nowhere(node: Node, tmp_path: Path) -> None:
    made = logged_in(node, "mingda")
    home = tmp_path / "home"
    again = Access(home)
    assert again.grant_of(made.token, utc_ms()) is not None
    assert again.grant_of(made.token, made.expires_at_ms) is None
    assert made.token not in (home / SESSIONS).read_text()
    assert (home / SESSIONS).stat().st_mode & 0o777 == 0o600


def test_the_operators_file_is_obeyed_at_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    access, now = Access(tmp_path), utc_ms()
    found = access.grant_of(own_token(tmp_path), now)
    assert found is not None and found.kind == "node"
    assert access.grant_of("given", now) is None
    write_grants(tmp_path / GRANTS, [Grant(digest_of("given"), party="a", person="b")])
    assert access.grant_of("given", now) is not None
    write_grants(tmp_path / GRANTS, [])
    assert access.grant_of("given", now) is None
    write_grants(tmp_path / GRANTS, [Grant(digest_of("given"), party="a", person="b")])
    assert access.grant_of("given", now) is not None
    (tmp_path / GRANTS).write_text("{")
    assert access.grant_of("given", now) is not None
    (tmp_path / GRANTS).chmod(0o644)
    with pytest.raises(AccessFault, match="chmod 600"):
        Access(tmp_path)


def test_who_guesses_tokens_waits(node: Node) -> None:
    for _ in range(3):
        wrong = {"authorization": "Bearer guessed"}
        assert httpx.get(f"{node.url}/v1/whoami", headers=wrong).status_code == 401
    assert len(node.server.gateway.sources) == 1
