"""`tongbao backup` of a running node, and `tongbao restore`, as typed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Shell


def test_the_folder_of_a_network_is_no_node_and_no_ledger_is_founded_in_it(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "network.json").write_text('{"nodes": [{"home": "bank-north"}]}')
    (tmp_path / "genesis.json").write_bytes((shell.home / "genesis.json").read_bytes())
    reply = shell.run("backup", tmp_path / "made", "--home", tmp_path, status=1, home=False)
    assert "bank-north" in reply
    assert not (tmp_path / "ledger").exists() and not (tmp_path / "made").exists()


def test_who_looks_at_a_copy_without_its_ledger_is_told_so_and_nothing_is_founded(
    shell: Shell, tmp_path: Path
) -> None:
    """An audit of nothing was clean."""
    (tmp_path / "genesis.json").write_bytes((shell.home / "genesis.json").read_bytes())
    for words in (
        ("audit",),
        ("backup", tmp_path / "made"),
        ("snapshot", "export", tmp_path / "s"),
    ):
        reply = shell.run(*words, "--home", tmp_path, status=1, home=False)
        assert "holds no ledger yet" in " ".join(reply.split())
    shell.run("doctor", "--home", tmp_path, home=False)
    assert [one.name for one in tmp_path.iterdir()] == ["genesis.json"]
    (tmp_path / "desk.db").touch()
    assert "is missing, and desk.db" in shell.run("audit", "--home", tmp_path, status=3, home=False)


def test_a_running_node_is_backed_up_and_restored_under_a_new_name_alone(
    shell: Shell, tmp_path: Path
) -> None:
    pay = ("pay", "send", "hengtong/main", "mingda/main", "1", "CNY")
    shell.run(*pay)  # with blocks the chain goes on from a snapshot of the backup's state
    made = shell.json("backup", tmp_path / "backup")
    assert made["keys"] and made["files"] > 20
    assert "exists" in shell.run("backup", tmp_path / "backup", status=1)
    shell.run(*pay)
    target = ("--home", tmp_path / "restored")
    refused = shell.run("restore", tmp_path / "backup", *target, status=3, home=False)
    assert "--accept-loss" in refused
    done = shell.json("restore", tmp_path / "backup", "--accept-loss", *target, home=False)
    assert (done["chain"], done["height"]) == ("tongbao-demo-2", made["height"])
    shell.run("audit", *target, home=False)
    (tmp_path / "backup" / "index").write_bytes(b"another")
    damaged = shell.run("restore", tmp_path / "backup", "--home", tmp_path / "again",
                        status=3, home=False)  # fmt: skip
    assert "index was altered. Take another copy" in " ".join(damaged.split())
