"""What an operator sets in limits.toml holds, and what cannot be set is shown by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongbao.daemon.solo import settings_in
from tongbao.gateway.bounds.limits_file import FILE, read_limits
from tongbao.gateway.bounds.settings import KINDS, Kind, Limits
from tongbao.node.home import HomeFault, NodeHome


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_limits(tmp_path) == Limits()


def test_what_stands_in_the_file_holds_and_the_rest_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        "connections = 50\nidle_seconds = 5\nrefusal_seconds = 0\n[kinds.desk]\nclient = 2\n"
    )
    limits = read_limits(tmp_path)
    assert (limits.connections, limits.idle_seconds, limits.refusal_seconds) == (50, 5.0, 0.0)
    assert limits.kinds == {**KINDS, "desk": Kind(24, 2, 1)}
    assert limits.headers == Limits().headers


@pytest.mark.parametrize(
    ("reply", "reported"),
    [
        ("conections = 5", "there is no limit conections"),
        ("connections = 0", "connections is more than zero"),
        ("connections = -1", "connections is a number; here it is -1"),
        ("connections = true", "connections is a number; here it is True"),
        ("connections = 1.5", "connections"),
        ("idle_seconds = inf", "idle_seconds is a number; here it is inf"),
        ('idle_seconds = "5"', "idle_seconds is a number; here it is '5'"),
        ("kinds = 5", "kinds is a table"),
        ("[kinds.desks]\ntotal = 5", "there is no limit kinds.desks"),
        ("[kinds.desk]\nmost = 5", "there is no limit kinds.desk.most"),
        ("[kinds.desk]\nthreads = 0", "kinds.desk.threads is more than zero"),
        ("[kinds.desk]\ntotal = 'x'", "kinds.desk.total is a number"),
        ("connections", "Expected '=' after a key"),
    ],
)
def test_an_entry_that_is_no_limit_is_told_with_file_and_name(
    tmp_path: Path, reply: str, reported: str
) -> None:
    (tmp_path / FILE).write_text(reply)
    with pytest.raises(HomeFault) as fault:
        read_limits(tmp_path)
    assert str(fault.value).startswith(f"{tmp_path / FILE}: ")
    assert reported in str(fault.value)


def test_a_running_node_keeps_large_bodies_in_its_own_folder_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / FILE).write_text("connections = 7\n")
    chosen = settings_in(NodeHome(tmp_path))
    assert chosen.spool == tmp_path / "spool"
    assert chosen.spool.stat().st_mode & 0o777 == 0o700
    assert chosen.limits.connections == 7
    assert (tmp_path / "node.token").stat().st_mode & 0o777 == 0o600
