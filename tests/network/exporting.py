"""A network whose validators changed is continued by another one."""

from __future__ import annotations

from pathlib import Path

from tests.network.conftest import Net, tongbao, until


def come_to_rest(net: Net, name: str) -> None:
    """Two idle blocks: the second proves that the first changed nothing."""
    height = net.height(name)
    until(lambda: net.height(name) >= height + 2, "idle blocks follow")


def another_network_goes_on(net: Net, names: list[str], seated: list[str], folder: Path) -> None:
    """Whoever knows the first genesis trusts what any stopped node exports.

    Nodes stop one after the other, and time alone may still end something meanwhile: they export
    the same where they stopped at the same block.
    """
    reported = []
    for name in names:
        snapshot = folder / f"snapshot-{name}"
        reported.append(tongbao("snapshot", "export", snapshot, "--home", net.home(name)))
        genesis = net.folder / "genesis.json"
        assert tongbao("snapshot", "verify", snapshot, "--trust", genesis) == reported[-1]
    roots = {(one["height"], one["root"]) for one in reported}
    assert len(roots) == len({height for height, _ in roots})
    made = tongbao("network", "init", folder / "after", "--from-snapshot",
                   folder / f"snapshot-{names[0]}", "--names", ",".join(seated),
                   "--port", 0)  # fmt: skip
    assert made["chain"] != reported[0]["chain"]
    assert tongbao("audit", "--home", folder / "after" / seated[0])["clean"]
