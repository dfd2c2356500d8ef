"""What `tongbao --help` lists: every command, and the files that hold it, loaded when asked for.

Starting a command costs what it imports (docs/decisions/start-of-commands.md). The list itself
imports no command; a test compares it with what the commands say of themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import ClassVar, NamedTuple

import typer

# typer brings its own click, and exports none of these.
from typer._click.core import Command, Context
from typer._click.exceptions import UsageError
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup

from tongbao import modules
from tongbao.cli.shell import languages
from tongbao.cli.shell.output import output
from tongbao.cli.shell.values import Quick, lighten
from tongbao.words import ENGLISH


class Entry(NamedTuple):
    """One command of the program, or one group of commands."""

    help: str
    """The first paragraph of what it says of itself."""
    files: tuple[str, ...]
    """Modules below `tongbao.cli.commands` whose `register` adds it."""


ENTRIES: dict[str, Entry] = {
    "dev": Entry(
        "Start the embedded node with the demonstration consortium; Ctrl-C stops it.",
        ("node.dev",),
    ),
    "verify": Entry(
        "Verify a receipt with nothing but what you trust: no node, no network.",
        ("ledger.receipts",),
    ),
    "audit": Entry(
        "Re-execute the chain from its genesis, compare every root and check every law.",
        ("ledger.receipts",),
    ),
    "status": Entry(
        "Where the running node stands.",
        ("ledger.ledger",),
    ),
    "balances": Entry(
        "What every account holds of every asset, and the total of each asset; never across"
        " assets.",
        ("ledger.finding",),
    ),
    "find": Entry(
        "Find payments, transactions, parties and accounts by whatever you have of them.",
        ("ledger.finding",),
    ),
    "codes": Entry(
        "Every refusal code with what it says and whether to try again.",
        ("ledger.ledger",),
    ),
    "doctor": Entry(
        "Check the machine, the build and the node's folder; say what to do about what is wrong.",
        ("node.doctor",),
    ),
    "sim": Entry(
        "Simulate: hostile and valid transactions, crashes, an independent model of balances.",
        ("node.simulate",),
    ),
    "node": Entry(
        "Run a node.",
        ("node.node",),
    ),
    "network": Entry(
        "A network of several nodes.",
        ("network.network",),
    ),
    "engine": Entry(
        "The consensus engine beside a network node.",
        ("node.engine",),
    ),
    "pay": Entry(
        "Pay: a bank's file, or one payment.",
        ("pay.pay",),
    ),
    "fx": Entry(
        "Prices across currencies, with every cost.",
        ("fx.quotes", "fx.exchange"),
    ),
    "corridor": Entry(
        "Corridors: who carries payments abroad, at what cost.",
        ("corridors.corridor",),
    ),
    "travel": Entry(
        "Travel rule: who pays and is paid, sealed to those entitled.",
        ("corridors.travel",),
    ),
    "desk": Entry(
        "Payment files: upload, check, repair, approve, release, follow.",
        ("desk.acts",),
    ),
    "receipt": Entry(
        "Receipts: proof that a transaction stands with its result.",
        ("ledger.receipts",),
    ),
    "light": Entry(
        "A light client: verify a chain without running a node, and without trusting one.",
        ("light.following",),
    ),
    "account": Entry(
        "Accounts and what they hold.",
        ("ledger.ledger",),
    ),
    "party": Entry(
        "Parties, their keys, policies and proposals.",
        ("ledger.ledger",),
    ),
    "asset": Entry(
        "Assets and their supply.",
        ("ledger.ledger",),
    ),
    "tx": Entry(
        "Transactions.",
        ("ledger.ledger",),
    ),
    "block": Entry(
        "Blocks.",
        ("ledger.ledger",),
    ),
    "governance": Entry(
        "Members, votes, upgrades, evidence.",
        ("governance",),
    ),
    "rtgs": Entry(
        "Queues: submit, look, reorder, cancel, limit, net.",
        ("settlement",),
    ),
    "settle": Entry(
        "Settlement batches: legs that settle together or not at all.",
        ("settlement",),
    ),
    "login": Entry(
        "Log in at a node by a key of your party, for half a day.",
        ("people.login",),
    ),
    "logout": Entry(
        "End a login (`--as` says whose), at the node and on this machine.",
        ("people.login",),
    ),
    "whoami": Entry(
        "As whom the node answers you.",
        ("people.login",),
    ),
    "access": Entry(
        "Whom a node knows: tokens for people and nodes.",
        ("people.access",),
    ),
    "keys": Entry(
        "Signing keys, encrypted at rest.",
        ("ledger.keys",),
    ),
    "snapshot": Entry(
        "The whole state at one height.",
        ("node.snapshot",),
    ),
    "backup": Entry(
        "Write the ledger, the desk and the keys of a node into a new folder, also while it runs.",
        ("node.backup",),
    ),
    "restore": Entry(
        "Put a backup into a new folder, after every byte of it was checked.",
        ("node.backup",),
    ),
    "bench": Entry(
        "Measure on this machine.",
        ("node.bench",),
    ),
}
"""Name -> entry, in the order of the list."""
WRITTEN = frozenset(
    ("parties", "assets", "accounts", "payments", "exchange", "governance", "corridors",
     "settlement")
)  # fmt: skip
"""Modules whose commands stand in groups above; each other one has a group of its own name."""


def derived() -> tuple[str, ...]:
    """Names of the groups that follow from a module alone."""
    return tuple(name.replace("_", "-") for name in modules.NAMES if name not in WRITTEN)


class Contents(TyperGroup):
    """The whole program; a command is loaded when somebody asks for it."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Names: first those that are always there."""
        written = [*(name for name in self.commands if name not in ENTRIES), *ENTRIES]
        return list(dict.fromkeys((*written, *derived())))

    def get_command(self, ctx: Context | None, cmd_name: str) -> Command | None:
        """One command with all that is below it."""
        entry = ENTRIES.get(cmd_name)
        if cmd_name not in self.commands and (entry is not None or cmd_name in derived()):
            part = typer.Typer(rich_markup_mode=None)
            if entry is None:
                import_module("tongbao.cli.client.derived").register(part, cmd_name)
            for file in entry.files if entry is not None else ():
                import_module(f"tongbao.cli.commands.{file}").register(part)
            found = typer.main.get_group(part).commands[cmd_name]
            self.commands[cmd_name] = prepared(found)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The list on the first page of help; loads nothing."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        rows = []
        for name in names:
            entry = ENTRIES.get(name)
            listed = None if entry is None else translated(TyperCommand(name, help=entry.help))
            command = self.commands.get(name) or listed or self.get_command(ctx, name)
            assert command is not None  # it is in the list
            rows.append((name, command.get_short_help_str(limit)))
        with formatter.section(languages.word_of_help("Commands", output.language)):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """As typer; near names are looked for among all that there are."""
        try:
            return self._click_resolve_command(ctx, args)
        except UsageError as fault:
            if near := get_close_matches(args[0], self.list_commands(ctx)):
                names = ", ".join(map(repr, near))
                fault.message = f"{fault.message.rstrip('.')}. Did you mean {names}?"
            raise


class Growing(TyperGroup):
    """A group whose generated commands are made only when one of them is asked for."""

    grown = False
    extend: ClassVar[Callable[[typer.Typer], None]]
    """Adds the generated commands: see `growing`."""

    def get_command(self, ctx: Context | None, cmd_name: str) -> Command | None:
        """One command, written or generated."""
        if cmd_name not in self.commands:
            self.grow()
        return self.commands.get(cmd_name)

    def list_commands(self, ctx: Context | None) -> list[str]:
        """Every command: those that are written first."""
        self.grow()
        return list(self.commands)

    def grow(self) -> None:
        """Make the generated ones."""
        if self.grown:
            return
        self.grown = True
        extra = typer.Typer(rich_markup_mode=None)
        type(self).extend(extra)
        for name, command in typer.main.get_group(extra).commands.items():
            self.commands.setdefault(name, prepared(command))


def growing(extend: Callable[[typer.Typer], None]) -> type[Growing]:
    """The class of a group to which `extend` adds the generated commands."""
    return type("Growing", (Growing,), {"extend": staticmethod(extend)})


def prepared(command: Command) -> Command:
    """A command with all below it in the language of the output, and with light options."""
    for _, one in languages.commands_of(command):
        one.context_class = Quick
        for option in one.params:
            lighten(option)
    return translated(command)


def translated(command: Command) -> Command:
    """A command in the language of the output."""
    if output.language != ENGLISH:
        languages.speak(command, output.language)
    return command
