"""A journal: what one action moves and sets aside, carried out and written down in one.

For modules whose actions move money in several legs (trades, netting, corridors): freezes,
allow-lists and limits hold for every leg as they do for a single transfer.
"""

from __future__ import annotations

from tongbao.kernel.codes import Refusal, Value
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import set_aside
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import Posted
from tongbao.modules.payments.model import Posting, Reserving
from tongbao.modules.payments.posting import pay


class Journal:
    """Opened at the start of an action's `apply`; `posted` is the last event it yields."""

    def __init__(self, ledger: WriteView, cause: str, **texts: str) -> None:
        """`texts`: the other fields of `Posted`, e.g. `subject`, `payee_reference`, `uetr`."""
        self._ledger = ledger
        self._cause = cause
        self._texts = texts
        self._postings: list[Posting] = []
        self._reserved: list[Reserving] = []

    def pay(
        self,
        payer: str,
        payee: str,
        asset: str,
        amount: int,
        payee_reference: str = "",
        *,
        counted: bool = False,
    ) -> None:
        """Move an amount, within the payer's limits unless `counted`; a Refusal says why not."""
        pay(self._ledger, payer, payee, asset, amount, payee_reference, counted=counted)
        self._postings.append(Posting(payer, payee, asset, amount))

    def reserve(self, account: str, asset: str, purpose: str, amount: int) -> None:
        """Set an amount aside; refused where the account is blocked or has not that much."""
        holding = self._ledger.holding(account, asset)
        there: dict[str, Value] = {"account": account, "asset": asset}
        if holding is None:
            raise Refusal(PaymentsCode.PAYER_UNKNOWN, there)
        if holding.flags & (HoldingFlag.FROZEN | HoldingFlag.CLOSED):
            raise Refusal(PaymentsCode.PAYER_BLOCKED, there)
        if holding.available < amount and HoldingFlag.ISSUING not in holding.flags:
            there |= {"available": str(holding.available), "amount": str(amount)}
            raise Refusal(PaymentsCode.INSUFFICIENT_FUNDS, there)
        self._set_aside(account, asset, purpose, amount)

    def release(self, account: str, asset: str, purpose: str, amount: int) -> None:
        """Give an amount that was set aside free again; paying from a reservation starts so."""
        self._set_aside(account, asset, purpose, -amount)

    def _set_aside(self, account: str, asset: str, purpose: str, change: int) -> None:
        if change:
            set_aside(self._ledger, account, asset, purpose, change)
            self._reserved.append(Reserving(account, asset, change))

    def posted(self) -> Posted:
        """Everything so far, as the event that tells it."""
        return Posted(self._cause, tuple(self._postings), tuple(self._reserved), **self._texts)
