"""The checker finds what is wrong with a history: a test that cannot fail would prove nothing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from tests.network.faults.history import History, Read, Transfer, verdict

pytestmark = pytest.mark.xdist_group("network")
ACCOUNTS, OPENING = 3, 100


def recorded(seed: int, operations: int = 200, clients: int = 4) -> History:
    """A true history: each operation happens at an instant between its call and its return."""
    rng = random.Random(seed)
    history = History([[OPENING] * ACCOUNTS])
    balances = [OPENING] * ACCOUNTS
    free_at = [0] * clients
    for instant in range(1_000, 1_000 * operations, 1_000):
        client = rng.randrange(clients)
        call = max(free_at[client] + 1, instant - rng.randrange(3_000))
        if call > instant:
            continue
        back = free_at[client] = instant + rng.randrange(1, 3_000)
        if rng.random() < 0.5:
            number = rng.randrange(ACCOUNTS)
            history.seen(Read(0, client, number, balances[number], 0, True, 1, call, back))
            continue
        from_, to = rng.sample(range(ACCOUNTS), 2)
        one = Transfer(0, client, from_, to, rng.randint(1, 80), f"r{instant}", call, back)
        one.result = "settled" if balances[from_] >= one.amount else "refused"
        if one.result == "settled":
            balances[from_] -= one.amount
            balances[to] += one.amount
        history.called(one)
    return history


def reply(program: Path, lines: list[dict[str, Any]]) -> str:
    return str(verdict(program, lines)["verdict"])


@pytest.mark.parametrize("seed", range(5))
def test_a_true_history_is_linearizable(program: Path, seed: int) -> None:
    assert reply(program, recorded(seed).lines()) == "linearizable"


@pytest.mark.parametrize("seed", range(5))
def test_a_read_that_saw_what_never_was_is_found(program: Path, seed: int) -> None:
    history = recorded(seed)
    history.reads[len(history.reads) // 2].balance += 1
    assert reply(program, history.lines()) == "not linearizable"


def paid_and_read(balance: int, call: int, back: int) -> list[dict[str, Any]]:
    """30 were paid between 10 and 20; the payee's balance was read between call and return."""
    history = History([[OPENING] * ACCOUNTS])
    history.called(Transfer(0, 0, 0, 1, 30, "r", 10, 20, "settled"))
    history.seen(Read(0, 1, 1, balance, 0, True, 1, call, back))
    return history.lines()


def test_a_read_that_saw_an_old_balance_is_found(program: Path) -> None:
    assert reply(program, paid_and_read(OPENING, 15, 16)) == "linearizable"
    assert reply(program, paid_and_read(OPENING, 25, 26)) == "not linearizable"


def test_a_transfer_paid_twice_and_one_acknowledged_and_lost_are_found(program: Path) -> None:
    assert reply(program, paid_and_read(130, 30, 40)) == "linearizable"
    assert reply(program, paid_and_read(160, 30, 40)) == "not linearizable"
    assert reply(program, paid_and_read(100, 30, 40)) == "not linearizable"


def test_a_transfer_that_nobody_was_told_of_may_have_happened_or_not(program: Path) -> None:
    for balance in (100, 130):
        history = History([[OPENING] * ACCOUNTS])
        history.called(Transfer(0, 0, 0, 1, 30, "r", 10, 20, "unknown"))
        history.seen(Read(0, 1, 1, balance, 0, True, 1, 30, 40))
        assert reply(program, history.lines()) == "linearizable"


def test_a_refusal_although_there_was_money_is_found(program: Path) -> None:
    history = History([[OPENING] * ACCOUNTS])
    history.called(Transfer(0, 0, 0, 1, 30, "r", 10, 20, "refused"))
    assert reply(program, history.lines()) == "not linearizable"


def test_what_is_no_history_is_refused_with_its_line(program: Path) -> None:
    with pytest.raises(ValueError, match="line 1"):
        verdict(program, [{"kind": "transfer", "group": "0"}])
