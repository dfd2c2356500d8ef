"""A journal: what one action moves and sets aside, applied and written down in one.

For modules whose actions move money in several legs (trades, netting, corridors): freezes,
allow-lists and limits hold for every leg as they do for a single transfer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from tongbao.kernel.codes import Value, refuse, require
from tongbao.kernel.money import MAX_AMOUNT, HoldingFlag
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import set_aside
from tongbao.modules.assets import require_moving
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import Posted
from tongbao.modules.payments.model import Posting, Reserving
from tongbao.modules.payments.posting import charge, pay, refuse_fault, require_no_issue


class Leg(NamedTuple):
    """One payment of several that happen at once."""

    payer: str
    payee: str
    asset: str
    amount: int
    payee_reference: str = ""
    uetr: str = ""


class Journal:
    """Opened at the start of an action's `apply`; `posted` is the last event it yields."""

    def __init__(self, ledger: WriteView, cause: str, **texts: str) -> None:
        """`texts`: the other fields of `Posted`, e.g. `subject`, `payee_reference`, `uetr`."""
        self._ledger = ledger
        self._cause = cause
        self._texts = texts
        self._postings: list[Posting] = []
        self._references: list[tuple[str, str]] = []
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
        self._note(Leg(payer, payee, asset, amount, payee_reference))

    def pay_together(
        self, legs: Sequence[Leg], *, counted: bool = False, covered: bool = False
    ) -> None:
        """Move all amounts at once: whoever pays has to have enough after all of them, not before.

        Freezes, allow-lists and limits hold for every leg. A Refusal may leave a part written: it
        has to end the transaction, or an `attempt` around this. `covered` asks for the other rules
        alone, to be undone again.
        """
        for asset in dict.fromkeys(leg.asset for leg in legs):
            require_moving(self._ledger, asset)
        for payer, asset in dict.fromkeys((leg.payer, leg.asset) for leg in legs):
            require_no_issue(self._ledger, payer, asset)
        for leg in legs:
            payer, payee, asset, amount = leg[:4]
            referenced = bool(leg.payee_reference)
            fault = self._ledger.move(
                payer, payee, asset, amount, floor=-MAX_AMOUNT, referenced=referenced
            )
            if fault:
                refuse_fault(self._ledger, fault, payer, payee, asset, amount)
            if not counted:
                charge(self._ledger, payer, asset, amount)
            self._note(leg)
        payers = () if covered else dict.fromkeys((leg.payer, leg.asset) for leg in legs)
        for payer, asset in payers:
            self._require_covered(payer, asset, legs)

    def take(self, payer: str, payee: str, asset: str, amount: int) -> None:
        """Move an amount for a lawful order: past pauses, freezes, allow-lists and limits.

        Every switch of both holdings stands as it stood. Only for what gives way to an order.
        """
        before = {one: self._ledger.holding(one, asset) for one in (payer, payee)}
        for account, held in before.items():
            assert held is not None
            self._ledger.put_holding(account, asset, held._replace(flags=HoldingFlag(0)))
        fault = self._ledger.move(payer, payee, asset, amount)
        if fault:
            refuse_fault(self._ledger, fault, payer, payee, asset, amount)
        for account, held in before.items():
            after = self._ledger.holding(account, asset)
            assert held is not None and after is not None
            self._ledger.put_holding(account, asset, after._replace(flags=held.flags))
        self._note(Leg(payer, payee, asset, amount))

    def count(self, leg: Leg) -> None:
        """Count a leg against its payer's limits, where something else than the leg is paid."""
        charge(self._ledger, leg.payer, leg.asset, leg.amount)

    def _require_covered(self, account: str, asset: str, legs: Sequence[Leg]) -> None:
        holding = self._ledger.holding(account, asset)
        assert holding is not None  # it has just paid
        if holding.available < 0:
            paid = sum(leg.amount for leg in legs if (leg.payer, leg.asset) == (account, asset))
            available = str(holding.available + paid)
            there: dict[str, Value] = {"account": account, "asset": asset}
            there |= {"available": available, "amount": str(paid)}
            refuse(PaymentsCode.INSUFFICIENT_FUNDS, **there)

    def _note(self, leg: Leg) -> None:
        self._postings.append(Posting(leg.payer, leg.payee, leg.asset, leg.amount))
        self._references.append((leg.payee_reference, leg.uetr))

    def reserve(self, account: str, asset: str, purpose: str, amount: int) -> None:
        """Set an amount aside; refused where the account is blocked or has not that much."""
        holding = self._ledger.holding(account, asset)
        there: dict[str, Value] = {"account": account, "asset": asset}
        require(holding is not None, PaymentsCode.PAYER_UNKNOWN, **there)
        assert holding is not None
        blocked = holding.flags & (HoldingFlag.FROZEN | HoldingFlag.CLOSED)
        require(not blocked, PaymentsCode.PAYER_BLOCKED, **there)
        require_no_issue(self._ledger, account, asset)
        if holding.available < amount:
            there |= {"available": str(holding.available), "amount": str(amount)}
            refuse(PaymentsCode.INSUFFICIENT_FUNDS, **there)
        self._set_aside(account, asset, purpose, amount)

    def release(self, account: str, asset: str, purpose: str, amount: int) -> None:
        """Give an amount that was set aside free again; paying from a reservation starts so."""
        self._set_aside(account, asset, purpose, -amount)

    def _set_aside(self, account: str, asset: str, purpose: str, change: int) -> None:
        if change:
            set_aside(self._ledger, account, asset, purpose, change)
            self._reserved.append(Reserving(account, asset, change))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo and forget what is moved inside where it ends with an exception."""
        before = len(self._postings), len(self._reserved)
        try:
            with self._ledger.attempt():
                yield
        except BaseException:
            del self._postings[before[0] :], self._references[before[0] :]
            del self._reserved[before[1] :]
            raise

    def posted(self) -> Posted:
        """Everything so far, as the event that tells it."""
        plain = ("", "")
        shared = (self._texts.get("payee_reference", ""), self._texts.get("uetr", ""))
        alike = all(one in (plain, shared) for one in self._references)
        own = tuple(shared if one == plain else one for one in self._references)
        return Posted(
            self._cause, tuple(self._postings), tuple(self._reserved), **self._texts,
            references=() if alike else own,
        )  # fmt: skip
