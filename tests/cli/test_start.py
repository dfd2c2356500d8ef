"""A command loads what it uses: the list of commands is light and says what the commands say."""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
from importlib import import_module

import pytest
import typer

from tongbao.cli import main
from tongbao.cli.shell import languages
from tongbao.cli.shell.contents import ENTRIES
from tongbao.modules import NAMES

HEAVY = {
    "rich", "pydantic", "httpx", "msgspec", "lxml", "xsdata", "pyiso20022", "cryptography",
    "sqlalchemy", "fastapi", "starlette", "uvicorn", "structlog", "currency_converter",
    "leather", "prometheus_client", "click", "pygments", "tongbao.kernel.registry",
    "tongbao.kernel.transaction",
    "tongbao.gateway", "tongbao.node", "tongbao.readmodel", "tongbao.simulator", "tongbao._core",
    *(f"tongbao.modules.{name}" for name in NAMES),  # the list of their names loads none of them
}  # fmt: skip
TALKING = {"httpx", "msgspec"}
"""What a command needs that asks a node."""
PROGRAM = """
import sys
from tongbao.cli.main import main
try:
    main()
finally:
    print("\\n@", *sorted(sys.modules), file=sys.stderr)
"""


def loaded(*words: str) -> set[str]:
    """The modules that a command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    return set(done.stderr.rpartition("\n@")[2].split())


def test_the_list_of_commands_loads_no_heavy_package() -> None:
    assert not loaded("--help") & HEAVY


@pytest.mark.parametrize(
    "words", [("account", "show", "a/b"), ("account", "list"), ("fx", "book", "CNY", "EUR")]
)
def test_looking_at_the_ledger_loads_no_more_than_talking_needs(words: tuple[str, ...]) -> None:
    # Nobody answers there: everything that the command needs is loaded by then.
    found = loaded(*words, "--url", "http://127.0.0.1:9")
    assert "httpx" in found
    assert not found & (HEAVY - TALKING)


def test_the_list_says_of_each_command_what_it_says_of_itself() -> None:
    tree = main.whole_tree()
    for name, entry in ENTRIES.items():
        reported = inspect.cleandoc(tree.commands[name].help).split("\n\n")[0].replace("\n", " ")
        assert reported == entry.help, name


def test_every_command_that_a_file_registers_stands_in_the_list() -> None:
    for file in {file for entry in ENTRIES.values() for file in entry.files}:
        part = typer.Typer()
        import_module(f"tongbao.cli.commands.{file}").register(part)
        assert set(typer.main.get_group(part).commands) <= set(ENTRIES), file


def test_a_mistyped_command_is_told_with_the_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["accuont", "list"]) == 2
    assert "'account'" in capsys.readouterr().err
    assert main.run(["account", "lst"]) == 2
    assert "'list'" in capsys.readouterr().err


def test_every_group_shows_its_generated_commands() -> None:
    paths = {path for path, _ in languages.commands_of(main.whole_tree())}
    assert {
        "tongbao account open", "tongbao asset issue", "tongbao party register",
        "tongbao pay hold", "tongbao corridor define", "tongbao fx pool create",
        "tongbao governance vote", "tongbao governance propose admit", "tongbao rtgs submit",
        "tongbao settle batch", "tongbao pay track", "tongbao pay bank", "tongbao tx types",
    } <= paths  # fmt: skip


def test_ctrl_c_while_the_program_loads_ends_it_by_the_signal_and_says_nothing() -> None:
    # The first module that the command line brings in is interrupted, wherever the machine stands.
    program = """
import os, signal, sys
from importlib.abc import MetaPathFinder
class Interrupt(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "tongbao.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, wherever this runs
sys.meta_path.insert(0, Interrupt())
from tongbao.cli.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGINT
    assert done.stdout + done.stderr == ""
