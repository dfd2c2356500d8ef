"""Payments beside their lists: `client.payments`."""

from __future__ import annotations

from tongbao.sdk.asynchronous.lists import AsyncPaymentsLists
from tongbao.sdk.calls import one, segment
from tongbao.sdk.documents_payments import LedgerPayment


class AsyncPayments(AsyncPaymentsLists):
    """Its lists, and one method a question."""

    async def payment(self, uetr: str) -> LedgerPayment:
        """One payment within the ledger, by its UETR or that of a return of it."""
        return await self._client.call(one(f"/v1/payments/{segment(uetr)}", LedgerPayment))
