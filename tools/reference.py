"""The reference pages under docs/reference, written from the code: nobody edits them by hand.

    python tools/reference.py [--check]

A page a module: its actions with their fields, its events with their sentences, its refusal codes,
its tables and laws. `--check` writes nothing and fails where a page is not what the code says.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from sources import ROOT
from tongbao.kernel.codes import Code, KernelCode
from tongbao.kernel.registry import Module
from tongbao.modules import installed
from tongbao.sdk.describe import describe, meanings_in
from tongbao.words import sentence, translated

FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Written by tools/reference.py from the code: `make reference`. -->"


def pages() -> dict[str, str]:
    """File name -> text of every page."""
    modules = installed()
    found = {f"{module.name}.md": "\n".join(_module(module)) + "\n" for module in modules}
    kernel = ["# Kernel", "", NOTE, "", "## Refusal codes", "", *_codes(KernelCode)]
    found["kernel.md"] = "\n".join(kernel) + "\n"
    listed = [f"- [{module.name}]({module.name}.md): {_summary(module)}" for module in modules]
    index = [
        "# Reference",
        "",
        NOTE,
        "",
        "- [kernel](kernel.md): codes of every transaction",
        *listed,
    ]
    found["README.md"] = "\n".join(index) + "\n"
    return found


def _summary(module: Module) -> str:
    home = sys.modules[f"tongbao.modules.{module.name}"]
    return (inspect.getdoc(home) or "").split("\n")[0]


def _module(module: Module) -> Iterator[str]:
    yield from (f"# {module.name.capitalize()}", "", NOTE, "", _summary(module), "")
    yield from ("## Actions", "")
    for kind in module.transactions:
        yield from _action(kind)
    yield from ("## Events", "", "| event | says | 说 |", "|---|---|---|")
    for event in module.events:
        says = getattr(event, "says", "")
        reported = f"{_cell(says)} | {_cell(translated(says, 'zh'))}"
        yield f"| `{event.__struct_config__.tag}` | {reported} |"
    yield ""
    if module.codes is not None:
        yield from ("## Refusal codes", "", *_codes(module.codes), "")
    if module.records:
        yield from _records(module)
    yield from ("## Tables", "", "| table | prefix | meaning |", "|---|---|---|")
    for table in module.tables:
        yield f"| {table.name} | `{table.prefix.hex()}` | {_cell(table.meaning)} |"
    laws = [f"- {law.table.name}: {law.law}" for law in module.invariants]
    laws += [f"- {tally.law}" for tally in module.tallies]
    if laws:
        yield from ("", "## Laws", "", *laws)


def _records(module: Module) -> Iterator[str]:
    """What people list: where, by what, and what each row says."""
    yield from ("## Records", "")
    for record in module.records:
        asked = ", ".join(f"`{one}`" for one in record.filters)
        yield from (f"### `{record.name}`", "", f"{record.meaning} `GET {record.path}`", "")
        yield from (f"Filters: {asked}.", "") if asked else ()
        if record.states:
            yield from (f"States: {', '.join(f'`{one}`' for one in record.states)}.", "")
        yield from ("| member | kind | meaning |", "|---|---|---|")
        meanings = meanings_in(record)
        for column in record.members:
            yield f"| `{column.name}` | {column.kind} | {_cell(meanings[column.name])} |"
        yield ""


def _action(kind: Any) -> Iterator[str]:
    reported = describe(kind)
    yield from (
        f"### `{reported.tag}` ({reported.code})",
        "",
        f"{reported.summary} Scope `{reported.scope}`.",
        "",
    )
    if reported.fields:
        yield from ("| field | type | default | meaning |", "|---|---|---|---|")
    for field in reported.fields:
        default = "required" if field.required else f"`{_plain(field.default)}`"
        yield f"| `{field.name}` | {field.shape} | {default} | {_cell(field.meaning)} |"
    yield ""


def _codes(codes: type[Code]) -> Iterator[str]:
    yield from ("| number | name | try again | says | 说 |", "|---|---|---|---|---|")
    for code in codes:
        zh = sentence(code.template, {}, "zh")
        row = (str(int(code)), f"`{code.name}`", code.retry.value, _cell(code.english), _cell(zh))
        yield f"| {' | '.join(row)} |"


def _plain(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    return msgspec.json.encode(value).decode()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="Write nothing; fail on a difference.")
    only_check = parser.parse_args().check
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if only_check:
        differing = sorted(n for n in wanted.keys() | there if wanted.get(n) != there.get(n))
        for name in differing:
            print(f"docs/reference/{name} is not what the code says: run `make reference`")
        return int(bool(differing))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages in docs/reference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
