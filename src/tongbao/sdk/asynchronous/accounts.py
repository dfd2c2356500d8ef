"""Accounts beside their lists: `client.accounts`."""

from __future__ import annotations

from collections.abc import Iterable

from tongbao.sdk import calls
from tongbao.sdk.asynchronous.lists import AsyncAccountsLists


class AsyncAccounts(AsyncAccountsLists):
    """Its lists, and one method a question."""

    async def resolve(self, numbers: Iterable[str]) -> dict[str, str]:
        """The accounts behind IBANs, linked numbers and account ids; unknown ones are left out."""
        known: dict[str, str] = {}
        for part in calls.resolve(numbers):
            found = await self._client.call(part)
            known |= found
        return known
