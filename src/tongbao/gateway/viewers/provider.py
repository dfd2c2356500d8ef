"""People whom an institution's own login knows: bearer tokens of an OpenID Connect provider.

`oidc.toml` in the node's folder names the provider, and which of its organisations is which party:

    issuer = "https://login.example"
    audience = "tongbao"
    party_claim = "org"                # default
    person_claim = "preferred_username"  # default
    [parties]
    "acme-gmbh" = "mingda"

A token is a JWT (RFC 7519) that a key of the provider's JWKS signed by RS256, ES256 or EdDSA, for
this audience, and that has not ended. The provider is asked for its keys when one is unknown, at
most once a minute.
"""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog

from tongbao.gateway.viewers.access import Grant, digest_of
from tongbao.node.home import HomeFault

log = structlog.get_logger(__name__)
FILE = "oidc.toml"
ALGORITHMS = ("RS256", "ES256", "Ed25519", "EdDSA")
"""The last by its older name too (RFC 9864)."""
AGAIN_S = 60.0
TIMEOUT_S = 5.0
MAX_BYTES = 262_144
MOST = 10_000
"""Verified tokens that are kept until they end."""
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    issuer: str
    """As the provider writes it, with https."""
    audience: str
    parties: dict[str, str]
    """What the party claim says -> the party on the ledger."""
    jwks: str = ""
    """Where its keys are; empty: as its discovery document says."""
    party_claim: str = "org"
    person_claim: str = "preferred_username"


def read_provider(folder: Path) -> Provider | None:
    """The provider that a node trusts; None where it trusts none. HomeFault says what is wrong."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Provider)
        for url in (found.issuer, found.jwks):
            _require_safe(url)
    except (OSError, ValueError, msgspec.ValidationError) as fault:
        raise HomeFault("{path}: {fault}", path=path, fault=fault) from fault
    return found


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if url and parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise ValueError(f"{url} has to begin with https://")


class Tokens:
    """The provider's tokens, as far as they were verified. For several threads at once."""

    def __init__(self, provider: Provider, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Nothing is fetched yet."""
        self._provider = provider
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._keys: Any = None
        self._asked_s = -AGAIN_S
        self._known: dict[str, Grant] = {}

    def known(self, token: str, now_ms: int) -> Grant | None:
        """What a token that was verified before stands for."""
        found = self._known.get(digest_of(token))
        return None if found is None or found.expires_at_ms <= now_ms else found

    def grant_of(self, token: str, now_ms: int) -> Grant | None:
        """Whom a token stands for; None for one that does not count. May ask the provider."""
        found = self.known(token, now_ms)
        if found is not None:
            return found
        claims = self._verified(token, now_ms)
        if claims is None:
            return None
        party = self._provider.parties.get(str(claims.get(self._provider.party_claim, "")), "")
        person = str(claims.get(self._provider.person_claim) or claims.get("sub", ""))
        if not party or not person:
            return None
        made = Grant(digest_of(token), "person", party, person, int(claims["exp"]) * 1_000)
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[made.digest] = made
        return made

    def _verified(self, token: str, now_ms: int) -> dict[str, Any] | None:
        from joserfc import errors, jwt  # only who trusts a provider needs it

        rules = jwt.JWTClaimsRegistry(
            now=now_ms // 1_000,
            iss={"essential": True, "value": self._provider.issuer},
            aud={"essential": True, "value": self._provider.audience},
            exp={"essential": True},
        )
        for again in (False, True):
            keys = self._key_set(again)
            try:
                if keys is not None:
                    claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
                    rules.validate(claims)
                    return dict(claims)
            except (errors.JoseError, ValueError) as fault:
                log.debug("oidc.refused", reason=str(fault)[:200])
                if isinstance(fault, errors.ClaimError):
                    return None
        return None

    def _key_set(self, again: bool) -> Any:
        """The provider's keys; asked for `again` where one was not among them."""
        with self._lock:
            now = self._clock_s()
            if (again or self._keys is None) and now - self._asked_s >= AGAIN_S:
                self._asked_s = now
                try:
                    self._keys = self._fetched()
                except (httpx.HTTPError, ValueError) as fault:
                    log.warning("oidc.no_keys", issuer=self._provider.issuer, error=str(fault))
            return self._keys

    def _fetched(self) -> Any:
        from joserfc.jwk import KeySet

        where = self._provider.jwks
        if not where:
            issuer = self._provider.issuer.rstrip("/")
            found = _json(f"{issuer}/.well-known/openid-configuration")
            where = str(found.get("jwks_uri", ""))
            _require_safe(where)
        keys: Any = _json(where)
        return KeySet.import_key_set(keys)


def _json(url: str) -> dict[str, Any]:
    with httpx.stream("GET", url, timeout=TIMEOUT_S, follow_redirects=False) as answer:
        answer.raise_for_status()
        content = b""
        for part in answer.iter_bytes(65_536):
            content += part
            if len(content) > MAX_BYTES:
                raise ValueError(f"{url}: more than {MAX_BYTES} bytes")
    return msgspec.json.decode(content, type=dict[str, Any])
