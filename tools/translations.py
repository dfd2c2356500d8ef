"""Keeps the catalogues in step with the commands.

    python tools/translations.py [--check]

Collects every text of a help page from the commands themselves, and every head of a table from the
code; adds to each catalogue what it lacks with an empty translation, takes out what is no longer
said, and names what is left to translate. `--check` writes nothing.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import catalogues
from sources import ROOT
from tongbao.cli.main import whole_tree
from tongbao.cli.shell import wording
from tongbao.cli.shell.languages import commands_of, parts_of
from tongbao.modules import installed
from tongbao.sdk.describe import describe

HEADER = """\
# What commands say. `make translations` keeps the English; people write the other language.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def texts() -> dict[str, str]:
    """Every English text that needs a translation -> where it is said first."""
    found: dict[str, str] = {}
    for where, text in _said():
        for part in parts_of(text):
            found.setdefault(part, where)
    return found


def _said() -> Iterator[tuple[str, str]]:
    for kind in (
        wording.HELP_WORDS, wording.HELP_FRAMES, wording.SHAPES, wording.FAULT_WORDS,
        wording.FAULT_FRAMES, wording.LABELS, wording.STATES, wording.VALUES,
    ):  # fmt: skip
        yield from (("typer and src/tongbao/cli/shell/wording.py", text) for text in kind)
    for path, command in commands_of(whole_tree()):
        if command.help:
            yield path, inspect.cleandoc(command.help)
        for option in command.params:
            if text := getattr(option, "help", None):
                yield f"{path} {option.opts[0]}", text
    yield from table_heads()
    yield from faults()
    for module in installed():
        for told in map(describe, module.transactions):
            yield told.tag, told.summary
            yield from ((f"{told.tag} {f.name}", f.meaning) for f in told.fields if f.meaning)


def table_heads() -> Iterator[tuple[str, str]]:
    """Heads of tables: lists called `columns`, and what `output.table` and `listed` are given."""
    for path in sorted((ROOT / "src" / "tongbao" / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for one in _heads_of(node):
                if isinstance(one, ast.Constant) and one.value:
                    yield f"{path.relative_to(ROOT)}: a table", str(one.value)


def _heads_of(node: ast.AST) -> Sequence[ast.expr | None]:
    given: ast.expr | None = None
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        given = node.value if ast.unparse(target) == "columns" else None
    elif isinstance(node, ast.Call) and len(node.args) > 1:
        if ast.unparse(node.func) in ("output.table", "listed"):
            given = node.args[1]
    if isinstance(given, ast.Dict):
        return given.keys
    return given.elts if isinstance(given, ast.List) else ()


FAULTS = {
    "HomeFault", "StorageFault", "SnapshotFault", "WalletFault", "TokenFault", "TravelRuleFault",
    "DamagedFile", "LedgerMissing", "SignedElsewhere", "KeyInUse", "BackupFault", "DamagedBackup",
    "NoWayBack", "ServerFault", "ReadModelFault", "StoreBusy", "CannotSign", "OrderRefused",
    "SeveralFound", "NoLedgerYet",
}  # fmt: skip
"""What commands print of the code below them."""


def faults() -> Iterator[tuple[str, str]]:
    """What faults say where they are raised; values in it are places of a frame."""
    for path in sorted((ROOT / "src" / "tongbao").rglob("*.py")):
        if "tests" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                name, said = ast.unparse(node.exc.func).rpartition(".")[2], node.exc.args[-1]
                if name in FAULTS and isinstance(said, ast.JoinedStr | ast.Constant):
                    where = f"{path.relative_to(ROOT)}: a fault"
                    yield where, _frame(said)
                    named = {n.id for n in ast.walk(said) if isinstance(n, ast.Name)}
                    yield from ((where, constants[one]) for one in sorted(named & {*constants}))


def _constants(tree: ast.Module) -> dict[str, str]:
    """Sentences that a module keeps under a name, to put them into its faults."""
    return {
        name.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str) and " " in node.value.value
        for name in node.targets
        if isinstance(name, ast.Name)
    }  # fmt: skip


def _frame(said: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(said, ast.Constant):
        return str(said.value)
    frame, used = "", set[str]()
    for part in said.values:
        if isinstance(part, ast.Constant):
            frame += str(part.value)
            continue
        named = [n for n in ast.walk(part) if isinstance(n, ast.Attribute | ast.Name)]
        one = named[0] if named else None
        name = one.attr if isinstance(one, ast.Attribute) else one.id if one else "value"
        name = name.strip("_").lower()
        while name in used:
            name += "_too"
        used.add(name)
        frame += "{" + name + "}"
    return frame


def missing(found: Catalog, said: dict[str, str]) -> list[str]:
    """Texts without a translation, each with the place that says it."""
    return [
        f"{where}: {text!r}"
        for text, where in said.items()
        if (message := found.get(text)) is None or not message.string or message.fuzzy
    ]


def left_over(found: Catalog, said: dict[str, str]) -> list[str]:
    """Translations of what no command says any more."""
    return [str(one.id) for one in found if one.id and one.id not in said]


def update(path: Path, said: dict[str, str]) -> None:
    """Write a catalogue anew: sorted by the English, with what it had translated."""
    old = catalogues.read(path)
    new = Catalog(locale=old.locale)
    for text in sorted(said, key=lambda text: (text.lower(), text)):
        message = old.get(text)
        new.add(text, message.string if message else "", auto_comments=[said[text]])
    with path.open("wb") as file:
        file.write(HEADER.format(language=new.locale).encode())
        write_po(file, new, width=0, omit_header=True)


def main() -> int:
    """Bring the catalogues up to date and say what is left to do."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="Write nothing.")
    only_check = parser.parse_args().check
    said, left = texts(), 0
    for path in sorted(catalogues.LOCALE.glob("*/LC_MESSAGES/*.po")):
        if not only_check:
            update(path, said)
        found = catalogues.read(path)
        for one in [*missing(found, said), *left_over(found, said)]:
            left += 1
            print(f"{path.relative_to(ROOT)}: {one}")
    if not only_check:
        catalogues.compile_all()
    return int(only_check and left > 0)


if __name__ == "__main__":
    sys.exit(main())
