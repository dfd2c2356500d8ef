"""Draw the README's picture anew: type its commands on a demonstration, and draw what is printed.

`make pictures` writes docs/images/first-payment.svg. A test types the same and holds the picture to
what the commands print today.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from picture import draw

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "first-payment.svg"
TONGBAO = Path(sys.executable).with_name("tongbao")
COMMANDS = (
    "tongbao pay send hengtong/main mingda/main 1250.50 CNY --remittance INV-2026-17",
    "tongbao account entries mingda/main --limit 1",
    "tongbao balances hengtong",
    "tongbao receipt get {receipt} -o receipt.json",
    "tongbao verify receipt.json --trust .tongbao/genesis.json",
)
"""What is typed, in this order; `receipt` is what the payment printed."""
WIDTH, SECONDS = 98, 60


def lines(folder: Path) -> list[str]:
    """What a terminal shows in a folder whose `.tongbao` is a running demonstration's."""
    shown: list[str] = []
    receipt = ""
    environment = {**os.environ, "TONGBAO_LANG": "en", "NO_COLOR": "1", "COLUMNS": str(WIDTH)}
    for typed in COMMANDS:
        command = typed.format(receipt=receipt)
        words = command.split()
        done = subprocess.run(
            [str(TONGBAO), *words[1:]], cwd=folder, capture_output=True, text=True, check=True,
            timeout=SECONDS, env=environment,
        )  # fmt: skip
        found = re.search(r"receipt get (\S+)", done.stdout)
        receipt = receipt or (found[1] if found else "")
        shown += [f"$ {command}"]
        shown += [part for line in done.stdout.splitlines() for part in _wrapped(line)]
        shown += [""]
    return shown[:-1]


def _wrapped(line: str) -> list[str]:
    """A line as a terminal of this width shows it, broken between words."""
    line = re.sub(r"([0-9a-f]{12})[0-9a-f]{52}", r"\1...", line.rstrip())
    parts = []
    while len(line) > WIDTH:
        place = line.rfind(" ", 0, WIDTH + 1)
        place = place if place > 0 else WIDTH
        parts.append(line[:place])
        line = line[place:].lstrip()
    return [*parts, line]


def main() -> None:
    """Start a demonstration, draw, stop it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "dev.log"
        with log.open("w") as out:
            node = subprocess.Popen(
                [str(TONGBAO), "dev", "--port", "0"], cwd=folder, stdout=out, stderr=out,
                env={**os.environ, "TONGBAO_LANG": "en"},
            )  # fmt: skip
        try:
            ends = time.monotonic() + SECONDS
            while "Listening on" not in log.read_text():
                if node.poll() is not None or time.monotonic() > ends:
                    sys.exit(f"the demonstration did not start:\n{log.read_text()}")
                time.sleep(0.1)
            PICTURE.write_text(draw(lines(folder)), encoding="utf-8")
        finally:
            node.send_signal(signal.SIGINT)
            node.wait(SECONDS)
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
