"""Who signs blocks, on a network of real engines: a key is changed, an institution joins with API
tokens and from a snapshot, signs twice and is expelled, and another one leaves and reads on.

Powers, terms and order are such that every step carries: docs/tutorials/membership.md says how.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.network.conftest import Net, processes_of, quicken, tongbao, until
from tests.network.exporting import another_network_goes_on, come_to_rest
from tests.network.faults.double_vote import evidence
from tests.network.verifying import clients_verify_all_of_it, engine_url

from tongbao import _core
from tongbao.cli.client import tokens
from tongbao.cli.commands.network.status import collect
from tongbao.gateway.viewers.access import GRANTS, Grant, digest_of, write_grants
from tongbao.modules.governance import CastVote
from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.home import ValidatorKey
from tongbao.scenarios.founding import PASSPHRASE_FILE
from tongbao.sdk import Problem
from tongbao.sdk.answers import Result

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
A, B, C, D = "central-bank", "bank-north", "bank-south", "hengtong"
NEW = "mingda"
WINDOW_S = 8


@pytest.fixture
def members(tmp_path: Path, engine: Path) -> Iterator[Net]:
    """Four validators of power 10 with a short window; two know a node that will join."""
    folder = tmp_path / "net"
    tongbao("network", "init", folder, "--validators", 4, "--port", 0, "--window", f"{WINDOW_S}s")
    net = Net(folder, engine)
    for name in net.names:
        file = net.home(name) / "node.toml"
        quicken(file)
        if name in (A, B):
            net.tokens[name] = f"token-of-{name}"
            grants = [Grant(digest_of(net.tokens[name]), "node", person=NEW)]
            write_grants(net.home(name) / GRANTS, grants)
    try:
        yield net
    finally:
        net.stop_all()


def test_members_change_keys_admit_expel_and_leave_and_the_chain_goes_on(members: Net) -> None:
    members.start()
    members.wait_ready()
    _a_seat_gets_another_key(members)
    reported = _an_institution_prepares_its_node(members)
    _it_starts_from_a_snapshot_and_is_a_reader(members)
    _members_admit_it_and_it_signs(members, reported)
    caught = _it_signs_twice_and_the_ledger_has_the_evidence(members)
    leaving = _opened(members, "remove", C, opener=C)
    _answered(members, leaving, [A, B])
    expelled_at = _members_expel_it(members, caught)
    _the_window_holds_who_leaves_up_for_a_while(members, leaving)
    _who_was_expelled_signs_no_more_and_reads_on(members, reported["address"], expelled_at)
    _who_leaves_goes_on_as_a_reader(members, leaving)
    clients_verify_all_of_it(members, [A, B, D])
    _every_step_stands_in_the_history(members)
    come_to_rest(members, A)
    members.stop_all()
    another_network_goes_on(members, [A, C], [A, B, C, D], members.folder)
    for name in (A, C):
        assert tongbao("audit", "--home", members.home(name))["clean"]


# ---- a key is changed ----------------------------------------------------------------------------


def _a_seat_gets_another_key(net: Net) -> None:
    """Prove, rotate, stop, put the new key in place, move the guard away, start."""
    home = net.home(D)
    fresh, seat = home / "next.pem", home / "seat.json"
    secret = home / "wallet" / PASSPHRASE_FILE
    tongbao("governance", "prove", D, "--key", fresh, "--create", "--old-key",
            home / "validator.pem", "--passphrase-file", secret, "-o", seat,
            "--chain", net.map.chain)  # fmt: skip
    _govern(net, "rotate-key", "--party", D, "--seat", seat)
    assert net.stop(D) == 0
    shutil.move(fresh, home / "validator.pem")
    (home / "signed.json").unlink()
    net.start(D)
    net.wait_ready(D)
    key = ValidatorKey.load(home / "validator.pem", secret.read_bytes())
    until(lambda: _signs(net, _address(key)), "the new key signs")
    assert _seat(net, D)["address"] == _address(key)


# ---- joining -------------------------------------------------------------------------------------


def _an_institution_prepares_its_node(net: Net) -> dict[str, Any]:
    """From two nodes, each with its own token in a file, and the digest that it was shown."""
    secret, given = net.folder / "passphrase", net.folder / "their-tokens"
    secret.write_text("of the new node")
    given.write_text("# as they gave them to us\n" + net.token_lines([A, B]))
    urls = [net.entries[name].url for name in (A, B)]
    asked: tuple[object, ...] = (
        "network", "join", net.folder / NEW, "--name", NEW, "--from", urls[0], "--from", urls[1],
        "--passphrase-file", secret, "--digest", net.map.genesis,
    )  # fmt: skip
    wrong = {"TONGBAO_TOKEN": "of-nobody"}
    refused = tongbao(*asked, status=1, environment=wrong)
    assert "nobody is known by this token" in refused["error"]
    assert not (net.folder / NEW / "genesis.json").exists()
    until(lambda: _snapshot(net, A) > 0, "a snapshot to join from")
    reported: dict[str, Any] = tongbao("--token-file", given, *asked)
    assert reported["from_snapshot"] and reported["confirmed_by"] == [urls[1]]
    net.add(NEW, reported["url"], reported["peer"])
    return reported


def _it_starts_from_a_snapshot_and_is_a_reader(net: Net) -> None:
    net.start(NEW, passphrase_file=net.folder / "passphrase")
    net.wait_ready(NEW)
    assert "statesync.restored" in net.log(NEW)
    _lists_reach_back_to_the_genesis(net)
    line = _line(_status(net), net, NEW)
    assert (line["role"], line["power"], line["agrees"]) == ("reader", 0, True)
    _tokens_stand_nowhere_but_where_they_have_to(net)


def _lists_reach_back_to_the_genesis(net: Net) -> None:
    """From blocks of other nodes, each proven by its headers: the new node never executed them."""
    with net.client(NEW) as new, net.client(A) as old:
        first = [one.digest for one in old.transactions()]
        until(lambda: [one.digest for one in new.transactions()] == first, "its lists are whole")
        assert len(first) >= 1
        entries = [
            list(one.accounts.entries(account="mingda/main", oldest_first=True))
            for one in (new, old)
        ]
        assert entries[0] == entries[1] != []


def _tokens_stand_nowhere_but_where_they_have_to(net: Net) -> None:
    """In the file for it, and in the engine's settings while it needs them; for the owner alone."""
    secrets = [token.encode() for token in net.tokens.values()]
    files = [one for one in net.home(NEW).rglob("*") if one.is_file()]
    holding = [one for one in files if any(token in one.read_bytes() for token in secrets)]
    names = {str(one.relative_to(net.home(NEW))) for one in holding}
    assert names == {"peers.tokens", "engine/config/config.toml"}
    assert {one.stat().st_mode & 0o077 for one in holding} == {0}
    for pid in processes_of(net, NEW):
        typed = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert typed and not any(token in typed for token in secrets)
    for name in net.names:
        assert not any(token.decode() in net.log(name) for token in secrets)


def _members_admit_it_and_it_signs(net: Net, joined: dict[str, Any]) -> None:
    until(lambda: _moved(net) == 0, "the rotation counts no more")
    vote = _opened(
        net, "admit", NEW, "--power", joined["power"], "--seat", joined["seat"], opener=NEW
    )
    _answered(net, vote, [A, B])
    decided = _govern(net, "vote", "--party", C, "--vote", vote, "--in-favour")
    assert decided["events"][-1]["how"] == "admitted"
    until(lambda: _signs(net, joined["address"]), "the new validator signs")
    assert _engine_powers(net)[joined["address"]] == 10
    reported = _status(net)
    line = _line(reported, net, NEW)
    assert (line["role"], line["power"], reported["power"]) == ("validator", 10, 50)


# ---- expulsion -----------------------------------------------------------------------------------


def _it_signs_twice_and_the_ledger_has_the_evidence(net: Net) -> str:
    """Two votes of its key at one height; the engine notices, and the next block tells of it."""
    secret = (net.folder / "passphrase").read_bytes()
    key = ValidatorKey.load(net.home(NEW) / "validator.pem", secret)
    rpc = EngineRpc(engine_url(net, A))
    height = net.height(A) - 1
    rpc.ask("broadcast_evidence", evidence=evidence(rpc, net.map.chain, key, height))
    rpc.close()
    until(lambda: _status(net)["evidence"] != [], "evidence on the ledger")
    [found] = _status(net)["evidence"]
    assert (found["party"], found["kind"], found["height"]) == (NEW, "duplicate_vote", height)
    return str(found["evidence"])


def _members_expel_it(net: Net, caught: str) -> int:
    """The height at which they do. It takes four of five, for the accused will not help."""
    vote = _opened(net, "expel", NEW, "--evidence", caught, opener=A)
    _answered(net, vote, [B, C])
    decided = _answered(net, vote, [D])
    assert [one["event"] for one in decided.events[-2:]] == [
        "governance.seat_changed", "governance.evidence_answered",
    ]  # fmt: skip
    assert decided.events[-2]["how"] == "expelled"
    return decided.height


def _who_was_expelled_signs_no_more_and_reads_on(net: Net, address: str, since: int) -> None:
    _has_no_part_two_blocks_after(net, address, since)
    guard = net.home(NEW) / "signed.json"
    assert json.loads(guard.read_text())["height"] < since + 2
    before = guard.read_bytes()
    heights = [net.pay(name).height for name in (B, D)]
    assert guard.read_bytes() == before
    until(lambda: net.height(NEW) >= max(heights), "it follows all the same")
    reported = _status(net)
    line = _line(reported, net, NEW)
    assert (line["role"], line["power"], line["agrees"]) == ("reader", 0, True)
    assert reported["evidence"] == [] and NEW not in {one["name"] for one in reported["validators"]}


# ---- leaving -------------------------------------------------------------------------------------


def _the_window_holds_who_leaves_up_for_a_while(net: Net, leaving: str) -> None:
    """20 of 50 within the window would be more than a third."""
    with pytest.raises(Problem) as full:
        net.act(A, D, CastVote(D, leaving, in_favour=True))
    assert full.value.name == "WINDOW_FULL"


def _who_leaves_goes_on_as_a_reader(net: Net, leaving: str) -> None:
    """The vote is still open; the answer that was refused counts once there is room."""
    until(lambda: _moved(net) == 0, "the window is past")
    address = _seat(net, C)["address"]
    decided = _answered(net, leaving, [D])
    seat = decided.events[-1]
    assert (seat["how"], seat["total_power"]) == ("removed", 30)
    assert net.pay(C).code == 0  # its gateway serves on
    _has_no_part_two_blocks_after(net, address, decided.height)
    reported = tongbao("network", "status", net.folder)  # by the tokens in the nodes' folders
    line = _line(reported, net, C)
    assert (line["role"], line["power"], line["agrees"]) == ("reader", 0, True)
    assert (reported["power"], reported["healthy"], reported["agreed"]) == (30, True, True)
    # A reader that is away stands in nobody's way.
    assert net.stop(C) == 0
    reported = tongbao("network", "status", net.folder)
    assert (reported["answering"], reported["silent_power"], reported["healthy"]) == (3, 0, True)
    assert net.pay(A).code == 0


def _every_step_stands_in_the_history(net: Net) -> None:
    items = tongbao("governance", "history", *_reach(net), environment=_let_in(net))["items"]
    steps = [(one["party"], one["how"]) for one in reversed(items)]
    assert steps[4:] == [(D, "key"), (NEW, "admitted"), (NEW, "expelled"), (C, "removed")]


# ---- as typed ------------------------------------------------------------------------------------


def _let_in(net: Net) -> dict[str, str]:
    """Where commands find the tokens of all gateways."""
    file = net.folder / "all-tokens"
    file.write_text(net.token_lines(list(net.tokens)))
    return {"TONGBAO_TOKEN_FILE": str(file)}


def _reach(net: Net) -> tuple[object, ...]:
    return ("--url", net.entries[A].url)


def _govern(net: Net, *words: object) -> dict[str, Any]:
    """A command of `tongbao governance`, signed with the members' wallet."""
    words = (*words, *_reach(net), "--wallet", net.folder / "wallet")
    reported: dict[str, Any] = tongbao("governance", *words, environment=_let_in(net))
    return reported


def _opened(net: Net, what: str, party: str, *words: object, opener: str) -> str:
    """A vote that is open; where the opener is a member, it is in favour. Its id."""
    reported = _govern(net, "propose", what, "--party", party, "--opener", opener, "--expires-at",
                   "+1h", *words)  # fmt: skip
    return str(reported["events"][0]["vote"])


def _answered(net: Net, vote: str, parties: Sequence[str]) -> Result:
    """Members are in favour, all at once; the result of the last answer that was applied."""
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda one: net.act(A, one, CastVote(one, vote, True)), parties))
    return max(done, key=lambda one: (one.height, one.position))


def _status(net: Net) -> dict[str, Any]:
    """As `tongbao network status --url ... --url ...` tells it."""
    entries = net.entries.values()
    for name, token in net.tokens.items():
        tokens.tokens.learn(net.entries[name].url, token)
    return collect([one.url for one in entries], [one.url for one in entries])


def _line(reported: dict[str, Any], net: Net, name: str) -> dict[str, Any]:
    url = net.entries[name].url
    return next(one for one in reported["nodes"] if one["url"] == url)


def _moved(net: Net) -> int:
    with net.client(A) as node:
        return node.governance.current().moved


# ---- looking -------------------------------------------------------------------------------------


def _address(key: ValidatorKey) -> str:
    return _core.validator_address(key.public).hex()


def _seat(net: Net, party: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in _status(net)["validators"] if one["name"] == party)
    return found


def _engine_powers(net: Net) -> dict[str, int]:
    """Address and power of those whose signatures the engine counts for its next block."""
    rpc = EngineRpc(engine_url(net, A))
    try:
        listed = rpc.ask("validators")["validators"]
    finally:
        rpc.close()
    return {str(one["address"]).lower(): int(one["voting_power"]) for one in listed}


def _signs(net: Net, address: str) -> bool:
    """Whether a validator signed the newest block that has its commit."""
    return net.signed(A, address)


def _has_no_part_two_blocks_after(net: Net, address: str, height: int) -> None:
    """Out of the engine's set, and in no commit from the second block on, over three of them."""
    first = height + 2
    until(lambda: net.height(A) >= first + 3, "blocks that it has no part in")
    assert address not in _engine_powers(net)
    assert not any(net.signed(A, address, one) for one in range(first, first + 3))


def _snapshot(net: Net, name: str) -> int:
    with net.client(name) as node:
        return node.network().snapshot_height
