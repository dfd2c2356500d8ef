"""Which messages are known, and where their metadata lives.

Source: the ISO 20022 message catalogue, through the dataclasses of pyiso20022. A message's module
takes about 0.1 s to import, so it is imported when the first such message arrives.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
"""Prefix of every message's namespace; the message definition identifier follows."""

_VERSIONS = {
    "camt.029.001": "08 09 10 11 12",
    "camt.052.001": "02 06 07 08 09 10",
    "camt.053.001": "02 06 07 08 09 10",
    "camt.054.001": "02 06 07 08 09 10",
    "camt.056.001": "07 08 09 10",
    "pacs.002.001": "03 09 10 11 12",
    "pacs.004.001": "07 09 10 11",
    "pacs.008.001": "02 06 07 08 09 10",
    "pacs.009.001": "02 06 07 08 09 10",
    "pacs.028.001": "01 02 03 04 05",
    "pain.001.001": "03 07 08 09 10 11",
    "pain.002.001": "03 09 10 11 12",
}
KNOWN_MESSAGES: tuple[str, ...] = tuple(
    f"{message}.{version}"
    for message, versions in _VERSIONS.items()
    for version in versions.split()
)
"""Business messages that can be read and validated."""

KNOWN_HEADERS: tuple[str, ...] = ("head.001.001.01", "head.001.001.02", "head.001.001.03")
"""Business application headers that are validated; another header is carried unread."""


def metadata_module(message: str) -> ModuleType:
    """Import the metadata of one known message. KeyError for a message that is not known."""
    if message not in KNOWN_MESSAGES and message not in KNOWN_HEADERS:
        raise KeyError(message)
    name = message.replace(".", "_")
    return import_module(f"pyiso20022.{message[:4]}.{name}.{name}")
