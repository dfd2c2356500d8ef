"""Keeps the catalogues in step with the code.

    python tools/translations.py [--check]

Collects refusal codes, events and fields from the registry, help pages from the commands, and other
texts from the source (`tools/texts.py`); adds to each catalogue what it lacks with an empty
translation, takes out what is no longer used, and names what is left to translate. `--check` writes
nothing and fails where something is left.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import catalogues
from console_texts import reply as said_in_console
from sources import ROOT
from texts import written_texts
from tongbao.cli.client.derived import MEANINGS, ONE_ROW
from tongbao.cli.main import whole_tree
from tongbao.cli.shell import wording
from tongbao.cli.shell.languages import commands_of, parts_of
from tongbao.gateway.described.modules import modules_of
from tongbao.kernel import wording as kernel_wording
from tongbao.kernel.codes import Code
from tongbao.kernel.genesis import GenesisCode
from tongbao.kernel.receipts import ReceiptCode
from tongbao.modules import installed, protocols
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.describe import describe
from tongbao.sdk.light import LightCode

HEADER = """\
# What people read. `make translations` keeps the English; people write the other language.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


OTHER_CODES: tuple[type[Code], ...] = (
    GatewayCode, DeskCode, LightCode, FoundingCode, GenesisCode, ReceiptCode,
)  # fmt: skip
Key: TypeAlias = tuple[str, str]
"""The field whose value a word is, or an empty text; and the English text."""


def texts() -> dict[Key, str]:
    """Every English text that needs a translation -> where it stands first."""
    found: dict[Key, str] = {}
    for where, text in _of_commands():
        for part in parts_of(text):
            found.setdefault(("", part), where)
    for where, context, text in (*_of_the_ledger(), *_of_descriptions(), *written_texts()):
        if text:
            found.setdefault((context, text), where)
    return found


def _of_commands() -> Iterator[tuple[str, str]]:
    for kind in (
        wording.HELP_WORDS, wording.HELP_FRAMES, wording.SHAPES, wording.FAULT_WORDS,
        wording.FAULT_FRAMES, wording.LABELS, wording.STATES,
    ):  # fmt: skip
        yield from (("typer and src/tongbao/cli/shell/wording.py", text) for text in kind)
    for path, command in commands_of(whole_tree()):
        if command.help:
            yield path, inspect.cleandoc(command.help)
        for option in command.params:
            if text := getattr(option, "help", None):
                yield f"{path} {option.opts[0]}", text
    yield from ((where, text) for text, where in said_in_console().items())
    yield from ((f"tongbao GROUP list --{name}", text) for name, text in MEANINGS.items())
    yield "tongbao GROUP show", ONE_ROW
    yield from table_heads()
    for module in installed():
        yield from ((f"record {record.name}", record.meaning) for record in module.records)
        for reported in map(describe, module.transactions):
            yield reported.tag, reported.summary
            yield from (
                (f"{reported.tag} {f.name}", f.meaning) for f in reported.fields if f.meaning
            )


def _of_the_ledger() -> Iterator[tuple[str, str, str]]:
    """Where, context and text of refusal codes with the words in them, and of events."""
    yield from (("kernel/wording.py", "", text) for text in kernel_wording.TEXTS)
    yield from (("cli/shell/wording.py", *value) for value in wording.VALUES)
    registry = protocols().newest
    tables: dict[type[Code], None] = {type(code): None for code in registry.codes.values()}
    for table in (*tables, *OTHER_CODES):
        yield from ((f"{table.__name__}.{code.name}", "", code.template) for code in table)
        for name, listed in getattr(sys.modules[table.__module__], "WORDS", {}).items():
            yield from ((f"{table.__name__} {name}", name, word) for word in listed)
    for tag, kind in registry.events.items():
        yield tag, "", getattr(kind, "says", "")
        for name, labels in kind.labels.items():
            yield from ((f"{tag} {name}", name, label) for label in labels.values())


def _of_descriptions() -> Iterator[tuple[str, str, str]]:
    """What programs that make screens are told of modules, records, actions and their fields."""
    found: list[tuple[str, str, str]] = []

    def note(text: str, context: str = "") -> str:
        found.append(("GET /v1/modules", context, text))
        return text

    modules_of(protocols().newest, note)
    yield from found


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


def missing(found: Catalog, used: dict[Key, str]) -> list[str]:
    """Texts without a translation, or with one of other values; each with its place."""
    return [
        f"{where}: {text!r}"
        for (context, text), where in used.items()
        if (message := found.get(text, context or None)) is None or not message.string
        or message.fuzzy or _values(text) != _values(str(message.string))
    ]  # fmt: skip


def _values(template: str) -> set[str]:
    return set(re.findall(r"\{[\w]+(?::[a-z _]+)?\}", template))


def left_over(found: Catalog, used: dict[Key, str]) -> list[str]:
    """Translations of what stands nowhere any more."""
    return [str(one.id) for one in found if one.id and (one.context or "", one.id) not in used]


def update(path: Path, used: dict[Key, str]) -> None:
    """Write a catalogue anew: sorted by the English, with what it had translated."""
    old = catalogues.read(path)
    new = Catalog(locale=old.locale)
    for context, text in sorted(used, key=lambda key: (key[1].lower(), *key)):
        message = old.get(text, context or None)
        new.add(
            text, message.string if message else "", auto_comments=[used[context, text]],
            context=context or None,
        )  # fmt: skip
    with path.open("wb") as file:
        file.write(HEADER.format(language=new.locale).encode())
        write_po(file, new, width=0, omit_header=True)


def main() -> int:
    """Bring the catalogues up to date and say what is left to do."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="Write nothing.")
    only_check = parser.parse_args().check
    used, left = texts(), 0
    for path in sorted(catalogues.LOCALE.glob("*/LC_MESSAGES/*.po")):
        if not only_check:
            update(path, used)
        found = catalogues.read(path)
        for one in [*missing(found, used), *left_over(found, used)]:
            left += 1
            print(f"{path.relative_to(ROOT)}: {one}")
    if not only_check:
        catalogues.compile_all()
    return int(only_check and left > 0)


if __name__ == "__main__":
    sys.exit(main())
