"""What a story plays on: a running node, a wallet, a folder, and a narrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tongbao.node.clock import utc_ms
from tongbao.sdk import Client, build, travel_rule
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
class Inputs:
    """Everything in a story that would differ from run to run. With inputs that repeat, the same
    story gives the same receipts to the byte."""

    now_ms: Callable[[], int] = utc_ms
    reference: Callable[[str], str] = build.new_reference
    """A reference never used before, behind a prefix."""
    uetr: Callable[[], str] = build.uetr
    sealing_key: Callable[[Path, bytes], bytes] = travel_rule.create_key
    """Makes a sealing key in a file, encrypted with a passphrase; its public half."""
    seal: Callable[[Mapping[str, Any], str, Mapping[str, bytes]], bytes] = travel_rule.seal


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
    inputs: Inputs = Inputs()


class StoryFault(Exception):
    """The story did not go as it should."""


def insist(condition: object, what: str) -> None:
    """A story checks what it tells."""
    if not condition:
        raise StoryFault(what)


Story = dict[str, Any]
"""What a story answers with `--json`."""
