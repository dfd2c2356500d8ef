"""The newest block, as members of rows that are computed when somebody asks want to know it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import select

from tongbao.readmodel import schema
from tongbao.readmodel.asking import Asking


class Newest(Asking):
    """What `kernel.records.Latest` says, asked once an answer."""

    @cached_property
    def time_ms(self) -> int:
        """Block time."""
        row = self._one(schema.blocks, schema.blocks.c.height == self._model.height)
        return 0 if row is None else int(row["time_ms"])

    def posted(self, account: str, asset: str) -> int:
        """What an account holds of an asset, in minor units."""
        held = schema.holdings.c
        row = self._one(schema.holdings, held.account == account, held.asset == asset)
        return 0 if row is None else int(row["posted_minor"])

    def paid_out(self, account: str, asset: str, since_ms: int) -> int:
        """What payments took from an account from a moment on; supply aside."""
        table = schema.entries
        query = select(table.c.amount_minor).where(
            table.c.account == account, table.c.asset == asset, table.c.time_ms >= since_ms,
            table.c.event.not_like("assets.%"),
        )  # fmt: skip
        amounts = [int(row["amount_minor"]) for row in self._all(query)]
        return -sum(amount for amount in amounts if amount < 0)
