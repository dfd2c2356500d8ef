from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.model import SCOPE, QuoteId
from tongbao.modules.exchange.quoting import release_quote
from tongbao.modules.exchange.state import require_quote


@transaction(code=5033, scope=SCOPE)
class DeclineQuote(Transaction, tag="exchange.decline_quote"):
    """Give a quote back before it expires: its taker has no use for it."""

    quote: QuoteId

    def signers(self, view: ReadView) -> Signers:
        """The taker."""
        return (Approval(require_quote(view, self.quote).taker, SCOPE),)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release what was set aside."""
        yield from release_quote(ledger, "exchange.decline_quote", self.quote, "declined")
