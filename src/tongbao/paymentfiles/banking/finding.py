"""Which payment another message speaks of: by whatever id it gives, and never by a guess."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tongbao.iso20022.interbank.model import Original
from tongbao.kernel.wording import WordedFault
from tongbao.paymentfiles.banking.book import Book
from tongbao.paymentfiles.banking.naming import NOT_PROVIDED, referred

if TYPE_CHECKING:
    from tongbao.sdk.documents_corridors import PaymentTrack


class SeveralFound(WordedFault):
    """More than one payment carries the names given; none of them is chosen."""

    def __init__(self, uetrs: Iterable[str]) -> None:
        """With their UETRs."""
        self.uetrs = tuple(uetrs)
        super().__init__(
            "{count} payments carry these ids; name one by its UETR: {uetrs}",
            count=len(self.uetrs),
            uetrs=", ".join(self.uetrs[:3]),
        )


@dataclass(frozen=True)
class Finder:
    """Looks payments up on the ledger and in the bank's book of names."""

    track: Callable[[str], PaymentTrack | None]
    """A payment by its UETR or that of a return of it."""
    by_reference: Callable[[str], Iterable[str]]
    """UETRs of the ledger's payments with a payee's reference (EndToEndId)."""
    book: Book

    def find(self, original: Original, return_id: str = "") -> PaymentTrack | None:
        """The payment, or None where it is not known. SeveralFound where the names are not enough.

        A UETR decides alone: where it is given and not known, nothing else is tried.
        """
        if original.uetr:
            return self.track(original.uetr.lower())
        for reference in (
            original.clearing_reference, original.transaction_id, original.instruction_id, return_id
        ):  # fmt: skip
            named = referred(reference)
            own = self.track(named) if named else None
            if own is not None:
                return own
        found = self._by_names(original)
        if len(found) > 1:
            raise SeveralFound(sorted(found))
        return next(iter(found.values()), None)

    def of_message(self, original: Original) -> list[PaymentTrack]:
        """Every known payment of a message."""
        if not original.message_id:
            return []
        named = self.book.find(Original(original.message_id))
        return [track for uetr in named if (track := self.track(uetr)) is not None]

    def _by_names(self, original: Original) -> dict[str, PaymentTrack]:
        uetrs = set(self.book.find(original))
        reference = original.end_to_end_id
        if reference and reference != NOT_PROVIDED:
            uetrs |= {
                one for one in self.by_reference(reference)
                if not self.book.contradicts(one, original)
            }  # fmt: skip
        tracks = (self.track(one) for one in sorted(uetrs))
        return {one.uetr: one for one in tracks if one is not None}


def within(original: Original, group: Original) -> Original:
    """How a payment is named, with the message that its group names for all."""
    return original if original.message_id else replace(original, message_id=group.message_id)
