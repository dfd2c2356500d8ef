"""What follows from a new module: run in a process of its own, because modules are loaded once.

    python tests/tidy/derived.py FOLDER HOME

FOLDER holds the module `warrants`, HOME becomes a demonstration node's folder. Prints one JSON
object: what each door says.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from tongbao import modules

NAME = "warrants"


def typed(*words: object) -> Any:
    """What a command prints with --json, typed in this process."""
    from tongbao.cli.main import run

    reply = io.StringIO()
    with redirect_stdout(reply):
        status = run([*map(str, words), "--json"])
    assert status == 0, (words, status, reply.getvalue())
    return json.loads(reply.getvalue())


def main() -> None:
    """Add the module by one line, start a node with it, and knock at every door."""
    folder, home = map(Path, sys.argv[1:])
    modules.__path__.append(str(folder))
    modules.NAMES = (*modules.NAMES, NAME)  # the one line outside of the module's folder

    import httpx

    import reference
    from tongbao.daemon.solo import running
    from tongbao.scenarios import founding
    from tongbao.sdk.tokens import NODE_FILE
    from tongbao.simulator.modules import GENERATORS

    founding.set_up(home)
    found: dict[str, Any] = {}
    with running(home, founding.passphrase_of(home)) as up:
        at = ("--home", home)
        entry = ("--owner", "hengtong", "--entry", "w1", "--text", "a fact")
        found["registered"] = typed(NAME, "register", *entry, *at)
        found["listed"] = typed(NAME, "list", "--party", "hengtong", *at)["items"]
        found["others"] = typed(NAME, "list", "--party", "mingda", *at)["items"]
        found["shown"] = typed(NAME, "show", "w1", *at)
        token = (home / NODE_FILE).read_text("ascii").strip()
        headers = {"Authorization": f"Bearer {token}"}
        found["http"] = httpx.get(f"{up.url}/v1/{NAME}", headers=headers).json()["items"]
        found["nobody"] = httpx.get(f"{up.url}/v1/{NAME}").json()["items"]
        described = httpx.get(f"{up.url}/openapi.json").json()
    found["paths"] = sorted(path for path in described["paths"] if NAME in path)
    found["schemas"] = sorted(
        name for name in described["components"]["schemas"] if "arrant" in name
    )
    found["page"] = reference.pages()[f"{NAME}.md"]
    found["drawn"] = sorted(tag for tag in GENERATORS if tag.startswith(NAME))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
