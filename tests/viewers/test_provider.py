"""People of an institution's own login: tokens of a small OpenID Connect provider."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from tests.gateway.conftest import Node, start_node

from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.viewers.access import Access
from tongbao.gateway.viewers.provider import Provider, Tokens, read_provider
from tongbao.node.home import HomeFault

AUDIENCE = "tongbao"
ED25519 = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", parameters={"kid": "ec"}),
    "EdDSA": ED25519,
    "Ed25519": ED25519,
}


class Login:
    """The provider: its discovery document, its keys, and tokens that it gives."""

    def __init__(self) -> None:
        self.keys = dict(KEYS)
        self.asked = 0
        login = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                login.asked += 1
                reply: Any = {"jwks_uri": f"{login.issuer}/keys"}
                if self.path == "/keys":
                    reply = KeySet(
                        list({one.kid: one for one in login.keys.values()}.values())
                    ).as_dict(private=False)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(reply).encode())

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, algorithm: str = "ES256", key: Any = None, **claims: Any) -> str:
        """A token of somebody of the institution."""
        key = key or self.keys[algorithm]
        reply = {
            "iss": self.issuer, "aud": AUDIENCE, "exp": int(time.time()) + 600, "sub": "7",
            "org": "acme", "preferred_username": "zhao", **claims,
        }  # fmt: skip
        reply = {name: value for name, value in reply.items() if value is not None}
        header = {"alg": algorithm, "kid": key.kid}
        return jwt.encode(header, reply, key, algorithms=[algorithm])


@pytest.fixture(scope="module")
def login() -> Iterator[Login]:
    made = Login()
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(login: Login, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    provider = Provider(login.issuer, AUDIENCE, {"acme": "mingda"})
    settings = Settings(access=Access(), provider=Tokens(provider))
    yield from start_node(tmp_path_factory.mktemp("oidc"), settings)


def who(node: Node, token: str) -> httpx.Response:
    return httpx.get(f"{node.url}/v1/whoami", headers={"authorization": f"Bearer {token}"})


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA", "Ed25519"])
def test_a_token_of_the_provider_stands_for_a_person_of_the_party(
    node: Node, login: Login, algorithm: str
) -> None:
    for _ in range(2):
        answer = who(node, login.token(algorithm))
        assert (answer.status_code, answer.json()["party"]) == (200, "mingda")
        assert answer.json()["person"] == "zhao"
    path = f"{node.url}/v1/accounts/mingda/main"
    shown = {"authorization": f"Bearer {login.token(algorithm)}"}
    assert httpx.get(path, headers=shown).status_code == 200
    assert httpx.get(path.replace("mingda", "hengtong"), headers=shown).status_code == 404


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"}, {"aud": "another"}, {"exp": 1}, {"exp": None},
        {"org": "nobody"}, {"org": None}, {"iss": None}, {"nbf": 4_000_000_000},
    ],
)  # fmt: skip
def test_a_token_for_others_or_another_time_stands_for_nobody(
    node: Node, login: Login, claims: dict[str, Any]
) -> None:
    assert who(node, login.token(**claims)).status_code == 401


def test_a_token_that_the_provider_did_not_sign_stands_for_nobody(node: Node, login: Login) -> None:
    strange = ECKey.generate_key("P-256", parameters={"kid": "ec"})
    assert who(node, login.token(key=strange)).status_code == 401
    shared = OctKey.import_key(b"a secret that is shared, of 32 b", parameters={"kid": "ec"})
    assert who(node, login.token("HS256", key=shared)).status_code == 401
    head, body, _ = login.token().split(".")
    assert who(node, f"{head}.{body}.").status_code == 401
    assert who(node, "a.b.c").status_code == 401


def test_a_new_key_is_fetched_once_a_minute_at_most(login: Login) -> None:
    now = [0.0]
    tokens = Tokens(Provider(login.issuer, AUDIENCE, {"acme": "mingda"}), lambda: now[0])
    wall = int(time.time() * 1000)
    assert tokens.grant_of(login.token(), wall) is not None
    asked = login.asked
    login.keys["ES256"] = ECKey.generate_key("P-256", parameters={"kid": "next"})
    assert tokens.grant_of(login.token(), wall) is None
    assert tokens.grant_of(login.token(), wall) is None
    assert login.asked == asked
    now[0] += 61
    assert tokens.grant_of(login.token(), wall) is not None
    login.keys["ES256"] = KEYS["ES256"]


def test_the_file_names_a_provider_that_is_reached_safely(tmp_path: Path) -> None:
    assert read_provider(tmp_path) is None
    file = tmp_path / "oidc.toml"
    file.write_text('issuer = "https://a.example"\naudience = "x"\n[parties]\n"a" = "b"\n')
    assert read_provider(tmp_path) == Provider("https://a.example", "x", {"a": "b"})
    for text in ('issuer = "http://a.example"\naudience = "x"\n[parties]\n', "issuer = 1"):
        file.write_text(text)
        with pytest.raises(HomeFault, match=r"oidc\.toml"):
            read_provider(tmp_path)
