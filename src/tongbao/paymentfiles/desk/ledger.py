"""What the desk needs of a ledger; the gateway gives it from its node."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Protocol

from tongbao.kernel.registry import Registry
from tongbao.kernel.views import ReadView
from tongbao.paymentfiles.earlier import Ids, Used
from tongbao.paymentfiles.judging import Directory
from tongbao.sdk.answers import Result


class DeskLedger(Protocol):
    """A ledger as the desk sees it."""

    @property
    def chain(self) -> str:
        """Its name."""
        ...

    @property
    def registry(self) -> Registry:
        """Its rules."""
        ...

    def view(self) -> ReadView:
        """Its state now."""
        ...

    def directory(self, numbers: Sequence[str]) -> Directory:
        """Which accounts stand behind numbers."""
        ...

    def submit(self, envelope: bytes) -> Result:
        """Send, and wait until it is final. Refusal where it was not taken: the same bytes may
        be sent again."""
        ...

    def time_ms(self, height: int) -> int:
        """Time of a block; 0 where it is not there."""
        ...

    def now_ms(self) -> int:
        """The clock."""
        ...

    @property
    def zone(self) -> tzinfo:
        """Where the payers' accounts are kept: a plain requested date is a day there."""
        ...

    def is_used(self, party: str, reference: str) -> bool:
        """Whether a transaction of that name stands on the ledger, however long ago."""
        ...

    def used_before(self, party: str, ids: Ids, document: str) -> Used:
        """Ids that settled payments of other files than `document` (SHA-256, hex) have."""
        ...
