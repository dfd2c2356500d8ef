"""What a story plays on: a running node, a wallet, a folder, and somebody who tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tongbao.sdk.client import Client
from tongbao.sdk.wallet import Wallet


class Narrator(Protocol):
    """Tells the story in the listener's language."""

    language: str

    def say(self, template: str, style: str | None = None, /, **values: Any) -> None:
        """One sentence."""
        ...

    def text(self, template: str, /, **values: Any) -> str:
        """A sentence in that language."""
        ...


@dataclass(frozen=True)
class Stage:
    """A running demonstration."""

    client: Client
    wallet: Wallet
    folder: Path
    """Where files of the story go."""
    genesis: bytes
    """The genesis file that verifiers trust."""
    narrator: Narrator


class StoryFault(Exception):
    """The story did not go as it should."""


def insist(condition: object, what: str) -> None:
    """A story checks what it tells."""
    if not condition:
        raise StoryFault(what)


Story = dict[str, Any]
"""What a story answers with `--json`."""
