"""Starts a module as the house has it: every room, one working transaction, its tests.

    python tools/new_module.py NAME [--noun Noun]

The result passes `make check` and its own tests as it stands; rename and extend from there.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT

TEMPLATE = Path(__file__).resolve().parent / "module_template"
_NAME = re.compile(r"[a-z][a-z_]*[a-z]")
_NUMBER = re.compile(r"^    number=(0x[0-9a-fA-F]+|\d+)", re.MULTILINE)
_CODE = re.compile(r"^\s+(?:[A-Z_]+ = )?\(?(\d{4,}),", re.MULTILINE)


class ModuleExists(Exception):
    """There is a module of that name."""


def scaffold(modules: Path, name: str, noun: str, beside: Path | None = None) -> list[Path]:
    """Write the module below the `modules` folder; its number and codes are the next free ones.

    `beside` is the folder of the modules that have numbers already, where that is another one.
    """
    folder = modules / name
    if folder.exists():
        raise ModuleExists(f"{folder} is there already")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name}: a module is named in small letters, e.g. `receivables`")
    number = _next_number(beside or modules)
    codes = _next_codes(beside or modules)
    words = {
        "name": name,
        "Title": name.replace("_", " ").capitalize(),
        "Noun": noun,
        "record": re.sub(r"(?<!^)(?=[A-Z])", "_", noun).lower(),
        "number": f"{number:02x}",
        "codes": str(codes),
        "codes_next": str(codes + 1),
        "codes_end": str(codes + 999),
        "exports": ", ".join(f'"{e}"' for e in _exports(noun)),
    }
    written = []
    for template in sorted(TEMPLATE.rglob("*.txt")):
        target = folder / template.relative_to(TEMPLATE).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(r"@(\w+)@", lambda m: words[m.group(1)], template.read_text(encoding="utf-8"))
        target.write_text(text, encoding="utf-8")
        written.append(target)
    _format(folder)
    return written


def _exports(noun: str) -> list[str]:
    constants = ["ENTRIES", "GENERATORS", "MODULE"]
    return [
        *constants,
        *sorted((noun, f"{noun}Code", f"{noun}Registered", f"Register{noun}")),
        "entry_of",
    ]


def _next_number(modules: Path) -> int:
    """Numbers go in steps of eight, so that a module may be split beside itself."""
    taken = [
        int(n, 0) for path in modules.glob("*/__init__.py") for n in _NUMBER.findall(_text(path))
    ]
    return max((n // 8 * 8 + 8 for n in taken), default=0x20)


def _next_codes(modules: Path) -> int:
    """Refusal codes: a thousand a module."""
    taken = [int(n) for path in modules.glob("*/codes.py") for n in _CODE.findall(_text(path))]
    return max((n // 1_000 * 1_000 + 1_000 for n in taken), default=1_000)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _format(folder: Path) -> None:
    """Names differ in length: imports are sorted and lines broken as ruff would have them."""
    ruff = Path(sys.executable).with_name("ruff")
    config = f"--config={ROOT / 'pyproject.toml'}"
    subprocess.run(
        [ruff, "check", "--quiet", "--fix-only", "--select=I,RUF022", config, folder], check=True
    )
    subprocess.run([ruff, "format", "--quiet", config, folder], check=True)


def main() -> int:
    """Write the module and say what is left to do."""
    parser = argparse.ArgumentParser(description="Start a module.")
    parser.add_argument("name", help="small letters, a plural: receivables")
    parser.add_argument("--noun", default="Entry", help="what it registers: Receivable")
    arguments = parser.parse_args()
    modules = ROOT / "src" / "tongbao" / "modules"
    try:
        written = scaffold(modules, arguments.name, arguments.noun)
    except (ModuleExists, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 1
    for path in written:
        print(path.relative_to(ROOT))
    print("Next: add its name to NAMES in src/tongbao/modules/__init__.py.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
