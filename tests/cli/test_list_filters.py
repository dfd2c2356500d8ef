"""What a list over HTTP can be filtered by, the command line can too; unknown words are refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from tests.cli.conftest import Shell

from tongbao.cli.main import whole_tree
from tongbao.gateway.on_demand import every
from tongbao.gateway.routes import corridors as routes_corridors
from tongbao.gateway.routes import desk as routes_desk
from tongbao.gateway.routes import events as routes_events
from tongbao.gateway.routes import ledger as routes_ledger
from tongbao.gateway.routes import records as routes_records
from tongbao.gateway.routes import search as routes_search
from tongbao.gateway.routes import transactions as routes_transactions
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.sdk import states

pytestmark = pytest.mark.xdist_group("cli")
MODULES = (
    routes_corridors, routes_desk, routes_events, routes_ledger,
    routes_search, routes_transactions,
)  # fmt: skip
REGISTRY = Registry(installed())
PAGING = {
    "limit",
    "cursor",
    "order",
    "count",
    "min_height",
    "tongbao-at-least-height",
    "last-event-id",
}
COMMANDS = {
    "/v1/transactions": "tx list",
    "/v1/parties": "party list",
    "/v1/keys": "party keys",
    "/v1/policies": "party policies",
    "/v1/proposals": "party proposals",
    "/v1/accounts": "account list",
    "/v1/account-limits": "account limits",
    "/v1/freezes": "asset freezes",
    "/v1/entries": "account entries",
    "/v1/holds": "account holds",
    "/v1/scheduled-transfers": "account scheduled",
    "/v1/assets": "asset list",
    "/v1/holdings": "balances",
    "/v1/search": "find",
    "/v1/events": "tx events",
    "/v1/blocks": "block list",
    "/v1/corridors": "corridor list",
    "/v1/cross-border-payments": "pay list",
    "/v1/corridor-terms": "corridor terms",
    "/v1/corridor-servers": "corridor servers",
    "/v1/payment-steps": "corridor steps",
    "/v1/cross-border-returns": "corridor returns",
    "/v1/screening-results": "corridor screenings",
    "/v1/sealing-keys": "corridor sealing-keys",
    "/v1/charges": "corridor charges",
    "/v1/reference-rates": "fx rates",
    "/v1/offers": "fx offers",
    "/v1/trades": "fx trades",
    "/v1/conversions": "fx conversions",
    "/v1/pools": "fx pool list",
    "/v1/pool-shares": "fx pool shares",
    "/v1/pool-changes": "fx pool changes",
    "/v1/quotes": "fx quotes",
    "/v1/settlement-batches": "settle list",
    "/v1/queues": "rtgs queues",
    "/v1/queued-payments": "rtgs payments",
    "/v1/queue-limits": "rtgs limits",
    "/v1/bilateral-limits": "rtgs bilateral",
    "/v1/netting-runs": "rtgs runs",
    "/v1/seats": "governance members",
    "/v1/seat-changes": "governance history",
    "/v1/votes": "governance votes",
    "/v1/vote-answers": "governance answers",
    "/v1/upgrades": "governance upgrades",
    "/v1/evidence": "governance evidence",
    "/v1/desk/files": "desk list",
    "/v1/desk/files/{file}/payments": "desk show",
    "/v1/desk/limits": "desk limits",
}
"""Where a list that has filters is shown; the others have none."""
CALLED = {
    "sell_asset": ("--sell",), "buy_asset": ("--buy",), "send_asset": ("--from",),
    "receive_asset": ("--to",), "since_ms": ("--from",), "until_ms": ("--to",),
    "payee_reference": ("--reference",), "event": ("--kind",), "after": ("--since",),
    "q": ("text",), "in_line": ("--queue",), "party": ("whose",), "account": ("whose",),
    "other_asset": ("other",),
}  # fmt: skip
"""Filters whose option or argument has another name."""


def routes() -> Iterator[APIRoute]:
    """Every route that may be a list: those that are written, and those of the records."""
    written = [one for module in MODULES for one in vars(module).values() if hasattr(one, "routes")]
    found = [one for router in written for one in router.routes]
    found += every(routes_records.routes_of(REGISTRY))
    yield from (one for one in found if isinstance(one, APIRoute))


def lists() -> Iterator[tuple[str, list[str]]]:
    """Every list over HTTP with its filters."""
    for route in routes():
        names = [one.alias for one in get_flat_params(route.dependant)]
        if "GET" in route.methods and "cursor" in names and "limit" in names:
            path = {one.alias for one in route.dependant.path_params}
            yield route.path, [n for n in names if n not in PAGING | path]


LISTS = sorted(dict(lists()).items())


@pytest.fixture(scope="module")
def tree() -> Any:
    """Every command that there is."""
    return whole_tree()


def test_lists_are_found() -> None:
    assert len(LISTS) > 30
    assert {path for path, filters in LISTS if filters} - set(COMMANDS) == set()


@pytest.mark.parametrize(("path", "filters"), [one for one in LISTS if one[1]])
def test_the_command_of_a_list_has_every_filter_of_http(
    path: str, filters: list[str], tree: Any
) -> None:
    command = tree
    for word in COMMANDS[path].split():
        command = command.commands[word]
    named = {text for one in command.params for text in one.opts}
    named |= {one.removesuffix("_id") for one in named}
    missing = [
        name
        for name in filters
        if not named & {name, f"--{name.replace('_', '-')}", *CALLED.get(name, ())}
    ]
    assert missing == [], COMMANDS[path]


WITH_STATE = [path for path, filters in LISTS if "state" in filters]


def test_every_list_of_states_names_its_words() -> None:
    assert len(WITH_STATE) >= 12
    kinds = [get_args(kind) for kind in vars(states).values()]
    kinds += [record.states for record in REGISTRY.records.values()]
    for route in routes():
        for one in get_flat_params(route.dependant):
            if one.alias == "state":
                assert get_args(get_args(one.field_info.annotation)[0]) in kinds, route.path


@pytest.mark.parametrize(
    ("command", "known"),
    [
        (["fx", "offers"], REGISTRY.records["offer"].states),
        (["fx", "quotes"], REGISTRY.records["quote"].states),
        (["account", "holds"], REGISTRY.records["hold"].states),
        (["account", "scheduled"], REGISTRY.records["scheduled_transfer"].states),
        (["party", "proposals", "hengtong"], REGISTRY.records["proposal"].states),
        (["governance", "votes"], REGISTRY.records["vote"].states),
        (["pay", "list"], REGISTRY.records["cross_border_payment"].states),
        (["settle", "list"], REGISTRY.records["settlement_batch"].states),
        (["rtgs", "payments"], REGISTRY.records["queued_payment"].states),
        (["desk", "list"], states.DeskFileState),
    ],
)  # fmt: skip
def test_a_mistyped_state_is_refused_with_the_known_ones(
    shell: Shell, command: list[str], known: Any
) -> None:
    reply = shell.run(*command, "--state", "oepn", status=1)
    assert "UNKNOWN_WORD" in reply and "oepn" in reply
    assert ", ".join(get_args(known) or known) in reply
    chinese = shell.run(*command, "--state", "oepn", "--lang", "zh", status=1)
    assert "没有“oepn”这个取值" in chinese


def test_lists_show_one_party_whichever_side_it_stands_on(shell: Shell) -> None:
    for command in (["fx", "offers"], ["fx", "trades"], ["fx", "quotes"], ["rtgs", "payments"]):
        assert shell.json(*command, "--party", "hengtong")["items"] == []
        assert "nobody" in shell.run(*command, "--party", "nobody", status=1)


def test_entries_are_shown_of_a_stretch_of_time(shell: Shell) -> None:
    of = ("account", "entries", "hengtong/main")
    assert shell.json(*of, "--from", "2026-01-01", "--to", "2026-01-01")["items"] == []
    assert shell.json(*of, "--from", "2026-01-01")["items"]
    shell.run(*of, "--from", "2026-01-02", "--to", "2026-01-01", status=2)


def test_a_list_as_csv_is_all_of_it_with_the_members_of_json(shell: Shell) -> None:
    items = shell.json("account", "list", "--limit", "1000")["items"]
    head, *rows = csv.reader(
        io.StringIO(shell.run("account", "list", "--limit", "1", "--csv").lstrip("\ufeff"))
    )
    assert head == list(items[0])
    # A spreadsheet takes `@` for the beginning of a formula.
    assert [row[0].removeprefix("'") for row in rows] == [item["account"] for item in items]
