"""What `tongbao network status` makes of the nodes' answers."""

from __future__ import annotations

from typing import Any

from tongbao.cli.commands.network.status import Report, _summary
from tongbao.sdk.answers import NodeStatus
from tongbao.sdk.network import NetworkStatus, NetworkValidator

SEATS = tuple(NetworkValidator(name, f"of-{name}", "", 10) for name in "abcd")


def report(
    name: str, seats: tuple[NetworkValidator, ...] = SEATS, *, fault: str = "", url: str = ""
) -> Report:
    """What a node says whose seat, if any, is called like it."""
    status = NodeStatus("c", "g", 1, "1", 9, 1, "", "root", 0, 0, read_model_height=9, fault="")
    network = NetworkStatus(
        "c", "cometbft", "v", name, "", 9, "root", 9, False, seats, validator=f"of-{name}",
        fault=fault,
    )  # fmt: skip
    return Report(url or name, url or f"http://{name}", status, network, {9: "root"}, "")


def silent(name: str) -> Report:
    return Report(name, "http://x" if len(name) == 1 else name, None, None, {}, "no answer")


def reported(*reports: Report) -> tuple[Any, ...]:
    found = _summary(reports, 9, 9)
    return found["silent_power"], found["healthy"], found["answering"]


def test_more_than_two_thirds_of_the_power_has_to_answer() -> None:
    a, b, c, d = map(report, "abcd")
    assert reported(a, b, c, d) == (0, True, 4)
    assert reported(a, b, c, silent("d")) == (10, True, 3)
    assert reported(a, b, silent("c"), silent("d")) == (20, False, 2)


def test_readers_that_answer_do_not_stand_in_for_validators_that_are_silent() -> None:
    three = SEATS[:3]
    answering = [report(one, three) for one in "abdxy"]
    assert reported(*answering, silent("c")) == (10, False, 5)


def test_a_reader_that_is_silent_stands_in_nobody_s_way() -> None:
    three = SEATS[:3]
    assert reported(*(report(one, three) for one in "abc"), silent("d")) == (0, True, 3)


def test_nodes_that_were_not_asked_count_as_well_and_unknown_ones_as_the_greatest_seat() -> None:
    assert reported(report("a")) == (0, True, 1)
    uneven = (*SEATS[:3], NetworkValidator("d", "of-d", "", 30))
    assert reported(report("a", uneven), silent("http://somewhere")) == (30, False, 1)


def test_a_node_whose_engine_is_silent_signs_nothing() -> None:
    a, b, c = map(report, "abc")
    assert reported(a, b, c, report("d", fault="no engine")) == (10, True, 4)


def test_a_node_has_a_seat_only_while_the_validators_have_its_key() -> None:
    lines = {one["name"]: one for one in _summary([report("a"), report("x")], 9, 9)["nodes"]}
    assert [(lines[one]["role"], lines[one]["power"]) for one in "ax"] == [
        ("validator", 10), ("reader", 0),
    ]  # fmt: skip
