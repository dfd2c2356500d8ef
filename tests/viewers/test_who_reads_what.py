"""Every endpoint, asked by everybody: what is shown concerns them, and hidden is as absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from tests.viewers.reading import Asker, World, items_of, world

from tongbao.kernel.records import Record
from tongbao.kernel.registry import Registry
from tongbao.modules.payments.state import HOLDS
from tongbao.modules.settlement import BATCHES, QUEUED

PUBLIC, OWN, NODE, LATER = "public", "own", "node", "later"
"""Anybody reads it; rows for whom they concern; nodes alone; no reading, or a test of its own."""
MOST = 12
"""Things of a kind that are asked for by their id."""
RULES = {
    "/v1/status": PUBLIC, "/v1/genesis": PUBLIC, "/v1/blocks": PUBLIC, "/v1/codes": PUBLIC,
    "/v1/codes/{code}": PUBLIC, "/v1/transaction-types": PUBLIC, "/v1/network": PUBLIC,
    "/v1/modules": PUBLIC,
    "/v1/governance": PUBLIC, "/v1/light/blocks/latest": PUBLIC, "/livez": PUBLIC,
    "/v1/light/blocks/between": PUBLIC, "/v1/light/blocks/{height}": PUBLIC, "/readyz": PUBLIC,
    "/metrics": PUBLIC, "/v1/whoami": PUBLIC, "/v1/origin/genesis": PUBLIC, "/v1/origin": PUBLIC,
    "/v1/exchange/book": PUBLIC, "/v1/exchange/routes": PUBLIC, "/v1/fx/options": PUBLIC,

    "/v1/transactions": OWN, "/v1/transactions/{digest}": OWN, "/v1/receipts/{digest}": OWN,
    "/v1/parties/{party}/transactions/{reference}": OWN, "/v1/events": OWN, "/v1/holdings": OWN,
    "/v1/accounts/{party}/{name}/statement": OWN, "/v1/search": OWN, "/v1/payments/{uetr}": OWN,
    "/v1/cross-border-payments/{uetr}/track": OWN,
    "/v1/proofs/holdings/{party}/{name}/{asset}": OWN,
    "/v1/history": NODE, "/v1/origin/chunks/{number}": NODE,
    # Blocks show transactions to whom they concern; desk, proofs, orders and logins have tests.
    "/v1/blocks/{height}": LATER, "/v1/proofs/tables/{table}": LATER, "/v1/simulate": LATER,
    "/v1/proofs/rows/{key}": LATER, "/v1/transactions/batch": LATER, "/v1/engine": LATER,
    "/v1/light/evidence": LATER, "/v1/accounts/resolve": LATER, "/v1/login": LATER,
    "/v1/accounts/standings": LATER, "/v1/payments/used-ids": LATER, "/v1/logout": LATER,
    "/v1/login/challenge": LATER,
}  # fmt: skip


def rule_of(path: str, registry: Registry) -> str:
    """Who reads an endpoint: as its record says, or as it is declared here."""
    for one in registry.records.values():
        if path in (one.path, f"{one.path}/{{key}}"):
            return PUBLIC if one.public else OWN
    return LATER if path.startswith("/v1/desk/") else RULES[path]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from world(tmp_path_factory.mktemp("reading"), (HOLDS, BATCHES, QUEUED))


def ids_of(busy: World, path: str, rows: dict[str, list[Any]]) -> list[tuple[str, ...]]:
    """What may stand in the braces of a path, of things that are there."""
    digests = [(row["digest"],) for row in rows["/v1/transactions"]]
    accounts = [tuple(row["account"].split("/")) for row in rows["/v1/holdings"]]
    known: dict[str, list[tuple[str, ...]]] = {
        "{digest}": digests,
        "{party}/transactions/{reference}": [
            (row["party"], row["reference"]) for row in rows["/v1/transactions"]
        ],
        "{party}/{name}/{asset}": [
            (*row["account"].split("/"), row["asset"]) for row in rows["/v1/holdings"]
        ],
        "{party}/{name}": accounts,
        "cross-border-payments/{uetr}": [
            (row["uetr"],) for row in rows.get("/v1/cross-border-payments", [])
        ],
    }
    found = next((ids for mark, ids in known.items() if mark in path), [])
    if path.endswith("/{key}"):
        record = path.removesuffix("/{key}")
        found = [(str(next(iter(row.values()))),) for row in rows.get(record, [])]
    return list(dict.fromkeys(found))[:MOST]


def filled(path: str, parts: tuple[str, ...]) -> str:
    """A path with ids in place of its braces."""
    rest = iter(parts)
    return "/".join(next(rest) if word.startswith("{") else word for word in path.split("/"))


def test_every_endpoint_shows_everybody_what_concerns_them_alone(
    busy: World, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = busy.business.app.registry
    described = busy.http.get("/openapi.json").json()["paths"]
    unknown = [
        path for path in described
        if not path.startswith("/v1/desk/") and path not in RULES
        and not any(path in (r.path, f"{r.path}/{{key}}") for r in registry.records.values())
    ]  # fmt: skip
    assert not unknown, f"who reads these is not declared: {unknown}"
    assert not [path for path in RULES if path not in described]
    own = [
        path for path, methods in described.items()
        if "get" in methods and rule_of(path, registry) == OWN
    ]  # fmt: skip
    cells, leaks, rows = 0, [], {}
    shown: Counter[str] = Counter()
    lists = [path for path in own if "{" not in path and path != "/v1/search"]
    for path in lists:
        rows[path] = items_of(busy.ask(busy.node, f"{path}?limit=1000"))
        for asker in busy.askers:
            counted = "" if path == "/v1/events" else "&count=true"
            answer = busy.ask(asker, f"{path}?limit=1000{counted}")
            found = items_of(answer)
            cells += 1
            shown[path] += len(found) if not asker.sees_all else 0
            leaks += [(path, asker.name, item) for item in found if leaked(busy, asker, item)]
            assert answer.status_code == 200, (path, asker.name, answer.text)
            if counted and len(found) < 1000:
                assert answer.json()["total"] == len(found), (path, asker.name)
        if "party" in filters_of(described[path]["get"]):
            for asker in (one for one in busy.askers if one.party):
                found = items_of(busy.ask(asker, f"{path}?limit=1000&party={asker.party}"))
                cells += 1
                leaks += [(path, asker.name, item) for item in found if leaked(busy, asker, item)]
    for path in (one for one in own if "{" in one):
        for parts in ids_of(busy, path, rows):
            cells += len(busy.askers)
            leaks += one_thing(busy, path, parts)
    for path in (one for one in described if rule_of(one, registry) == NODE):
        url = filled(path, ("0",)) + ("?from=1" if path == "/v1/history" else "")
        for asker in busy.askers:
            cells += 1
            assert (busy.ask(asker, url).status_code == 403) != asker.sees_all, (path, asker.name)
    with capsys.disabled():
        print(f"\n{len(described)} endpoints, {cells} cells, {len(leaks)} leaks")
    kinds = Counter((path, asker, str(item)[:90]) for path, asker, item in leaks)
    assert not leaks, "\n".join(map(str, kinds.most_common(25)))
    empty = [path for path, count in shown.items() if rows[path] and not count]
    assert not empty, f"nobody is shown anything of {empty}"


def filters_of(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ())}


def leaked(busy: World, asker: Asker, item: Any) -> bool:
    """Whether somebody is shown what does not concern them."""
    if asker.sees_all or (isinstance(item, dict) and item.get("event") in PUBLIC_EVENTS(busy)):
        return False
    return not busy.concerns(item, asker.party)


def PUBLIC_EVENTS(busy: World) -> set[str]:  # noqa: N802
    return {str(one.__struct_config__.tag) for one in busy.business.app.registry.public_events}


def one_thing(busy: World, path: str, parts: tuple[str, ...]) -> Iterator[tuple[str, str, Any]]:
    """Leaks of one thing: answers to those whom it does not concern that differ from those about
    nothing."""
    url = filled(path, parts)
    whole = busy.ask(busy.node, url)
    if whole.status_code != 200:
        return
    as_json = whole.headers["content-type"].endswith("json")
    reply = [whole.json() if as_json else "", "/".join(parts[:2]), *parts]
    absent = [
        part[:-3] + ending for part, ending in zip(parts, ("fff", "eee", "ddd"), strict=False)
    ]
    for asker in busy.askers:
        all_proofs = asker.name == "operator" and path.startswith("/v1/proofs/")
        if asker.sees_all or all_proofs or busy.concerns(reply, asker.party):
            continue
        answer, nothing = busy.ask(asker, url), busy.ask(asker, filled(path, tuple(absent)))
        same = nothing.text
        for part, other in zip(parts, absent, strict=True):
            same = same.replace(other, part)
        if (answer.status_code, answer.text) != (nothing.status_code, same):
            yield url, asker.name, (answer.text[:300], same[:300])


def test_a_stream_and_a_page_tell_the_same_events(busy: World) -> None:
    for asker in busy.askers[1:4]:
        pages: list[Any] = []
        cursor: str | None = "0"
        while cursor is not None:
            reported = busy.ask(asker, f"/v1/events?limit=50&cursor={cursor}").json()
            pages += reported["items"]
            cursor = reported["next_cursor"]
        whole = busy.ask(busy.node, "/v1/events?limit=1000&after=0").json()["items"]
        assert pages and len({one["id"] for one in pages}) == len(pages)
        assert all(not leaked(busy, asker, one) for one in pages)
        assert {one["id"] for one in pages[:20]} <= {one["id"] for one in whole} or whole


def test_a_search_finds_what_is_public_and_what_concerns_who_asks(busy: World) -> None:
    whole = busy.ask(busy.node, "/v1/transactions?limit=40").json()["items"]
    entries = busy.ask(busy.node, "/v1/entries?limit=40").json()["items"]
    accounts = busy.ask(busy.node, "/v1/accounts?limit=40").json()["items"]
    sought = {one["digest"] for one in whole} | {one["reference"] for one in whole}
    sought |= {one["account"] for one in accounts} | {one["uetr"] for one in entries}
    found: Counter[str] = Counter()
    for text in sorted(sought - {""})[:60]:
        for asker in busy.askers:
            items = items_of(busy.ask(asker, f"/v1/search?q={quote(text)}"))
            found[asker.name] += len(items)
            shown = [one for one in items if one["kind"] not in ("party", "asset")]
            assert not [one for one in shown if leaked(busy, asker, one)], (text, asker.name)
    assert found["node"] > found["party"] > 0, found
    assert found["nobody"] == 0, found


def test_a_dry_run_is_for_the_own_party_and_says_nothing_of_others(busy: World) -> None:
    party, other = busy.askers[1], busy.askers[2]
    view = busy.business.app.view()
    assert view.block.height > 0
    body = {
        "chain": busy.business.app.genesis.chain, "party": party.party, "reference": "t",
        "expires_at_ms": view.time_ms + 1000, "memo": "", "actions": [{
            "type": "payments.transfer", "payer": f"{other.party}/main", "payee": "x/main",
            "asset": "CNY", "amount_minor": 10**30,
        }],
    }  # fmt: skip
    raw = msgspec.json.encode(body)
    asked = {
        one.name: busy.http.post(
            "/v1/simulate", content=raw, headers={**one.headers, "content-type": "application/json"}
        )
        for one in busy.askers
    }
    assert asked["other party"].status_code == asked["nobody"].status_code == 403
    assert asked["node"].status_code == 200, asked["node"].text


def test_records_that_stay_are_read_by_whom_they_name(busy: World) -> None:
    records = busy.business.app.registry.records.values()
    assert any(isinstance(one, Record) and not one.public for one in records)
