"""By which words parties, accounts and assets are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table

from tongbao.readmodel import schema
from tongbao.readmodel.words import words_of

PARTY, ACCOUNT, ASSET = "party", "account", "asset"
NAMED: dict[Table, tuple[str, Callable[[Mapping[str, Any]], tuple[str, ...]]]] = {
    schema.parties: (PARTY, lambda row: (row["party"], row["name"], row["name_local"])),
    schema.accounts: (ACCOUNT, lambda row: (row["account"], row["title"], row["title_local"])),
    schema.assets: (ASSET, lambda row: (row["asset"], row["name"], row["name_local"])),
}
"""Table -> what its rows are, and what they are called."""


def name_rows(table: Table, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table of words for a row of a named table."""
    kind, texts = NAMED[table]
    subject = row[next(iter(table.primary_key.columns)).name]
    return [{"word": word, "kind": kind, "subject": subject} for word in words_of(*texts(row))]
