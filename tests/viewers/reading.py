"""A busy ledger, who may ask about it, and whom an answer concerns, seen by its text alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.node.business import Business

from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.server import GatewayServer
from tongbao.gateway.services import NodeServices
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.modules.accounts import ACCOUNTS
from tongbao.modules.parties import PARTIES
from tongbao.readmodel import ReadModel, SqlQueries

BUSY = ("accounts.", "assets.", "parties.", "exchange.", "settlement.", "corridors.", "payments.")


class Idle:
    """An engine that orders nothing more."""

    waiting = 0
    fault = None

    def clock(self) -> Any:
        """No clock."""
        raise RuntimeError

    def submit(self, *_: object) -> Any:
        """Nothing is taken."""
        raise RuntimeError

    def subscribe(self, _: object) -> None:
        """Nothing comes."""


@dataclass
class Asker:
    """One of those who ask."""

    name: str
    party: str
    headers: dict[str, str]
    sees_all: bool = False


@dataclass
class World:
    """The ledger, its gateway, and who asks."""

    business: Business
    http: httpx.Client
    askers: list[Asker]
    kept: dict[str, str]
    """Account -> the bank that keeps it."""
    named: dict[str, frozenset[str]] = field(default_factory=dict)
    """Id of a row, or digest of a transaction -> every text in it."""

    def ask(self, asker: Asker, url: str) -> httpx.Response:
        """An answer."""
        return self.http.get(url, headers={**asker.headers, "accept": "application/json"})

    @property
    def node(self) -> Asker:
        """Who reads everything."""
        return next(one for one in self.askers if one.sees_all)

    def concerns(self, item: Any, party: str) -> bool:
        """Whether an answer names a party, an account of it, or an account that it keeps; by
        itself, or by the id of a row or the digest of a transaction that does."""
        named = set(texts(item))
        for text in tuple(named):
            named |= self.named.get(text, frozenset())
        return party != "" and any(
            text == party or text.startswith(f"{party}/") or self.kept.get(text) == party
            for text in named
        )

    def events(self) -> Iterator[Any]:
        """All events."""
        cursor: str | None = "0"
        while cursor is not None:
            reported = self.ask(self.node, f"/v1/events?limit=1000&cursor={cursor}").json()
            yield from reported["items"]
            cursor = reported["next_cursor"]

    def learn(self) -> None:
        """What rows and transactions name, or named before they changed, by their ids."""
        reply: dict[str, list[frozenset[str]]] = {}
        for event in self.events():
            reply.setdefault(event["event"].partition(".")[0], []).append(frozenset(texts(event)))
        for module in self.business.app.registry.modules.values():
            for record in (one for one in module.records if len(one.key) == 1):
                for row in items_of(self.ask(self.node, f"{record.path}?limit=1000")):
                    key = str(row[record.key[0].name])
                    before = [one for one in reply.get(module.name, ()) if key in one]
                    self.named[key] = frozenset(texts(row)).union(*before)
        for row in items_of(self.ask(self.node, "/v1/transactions?limit=1000")):
            whole = self.ask(self.node, f"/v1/transactions/{row['digest']}").json()
            rows = [self.named.get(text, frozenset()) for text in texts(whole)]
            self.named[row["digest"]] = frozenset(texts(whole)).union(*rows)


def texts(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def askers_of(business: Business) -> tuple[list[Asker], Access]:
    """Nobody; a party, another, two banks; a supervisor, an auditor; the operator, the node."""
    view = business.app.view()
    kept = {key[0]: one.servicer for key, one in view.scan(ACCOUNTS) if one.servicer}
    roles = {key[0]: set(one.roles) for key, one in view.scan(PARTIES)}
    firms = sorted({account.partition("/")[0] for account in kept})
    bank = next(kept[one] for one in kept if one.startswith(f"{firms[0]}/"))
    banks = sorted(one for one, own in roles.items() if "bank" in own and one != bank)

    def of_role(role: str) -> str:
        others = sorted(roles, reverse=True)  # where nobody has it, one is as good as another
        return next((one for one in others if role in roles[one]), others[0])

    parties = {
        "party": firms[0], "other party": firms[-1], "its bank": bank, "other bank": banks[0],
        "supervisor": of_role("supervisor"), "auditor": of_role("auditor"),
    }  # fmt: skip
    grants = [Grant(digest_of(name), party=party, person="one") for name, party in parties.items()]
    grants += [Grant(digest_of("operator"), "operator"), Grant(digest_of("node"), "node")]
    named = [
        Asker(name, party, {"authorization": f"Bearer {name}"}) for name, party in parties.items()
    ]
    askers = [
        Asker("nobody", "", {}), *named,
        Asker("operator", "", {"authorization": "Bearer operator"}),
        Asker("node", "", {"authorization": "Bearer node"}, sees_all=True),
    ]  # fmt: skip
    return askers, Access(grants=grants)


def world(folder: Path, filled: Iterable[Any] = ()) -> Iterator[World]:
    """A ledger on which something stands in every table of `filled`, served."""
    business = Business.founded(seed=7)
    business.go_on(40, BUSY)
    while not all(next(business.app.view().scan(table), None) for table in filled):
        assert business.app.tip.height < 600
        business.go_on(1, BUSY)
    business.rest()
    app = business.app
    model = ReadModel(f"sqlite:///{folder / 'lists.db'}", app.protocols, app.genesis.digest())
    model.catch_up(app)
    askers, access = askers_of(business)
    services = NodeServices(app, Idle(), SqlQueries(model))  # type: ignore[arg-type]
    settings = Settings(access=access, desk_file=folder / "desk.db")
    kept = {key[0]: one.servicer for key, one in app.view().scan(ACCOUNTS) if one.servicer}
    server = GatewayServer(services, settings, port=0)
    server.start()
    with httpx.Client(base_url=server.url, timeout=30) as http:
        made = World(business, http, askers, kept)
        made.learn()
        yield made
    server.stop()
    model.close()
    app.state.close()


def items_of(answer: httpx.Response) -> list[Any]:
    """The rows of a page, or the one thing that was answered."""
    reported = msgspec.json.decode(answer.content)
    return reported["items"] if isinstance(reported, dict) and "items" in reported else [reported]
