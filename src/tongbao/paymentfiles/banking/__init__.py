"""Banks' own messages about payments abroad, mapped to the ledger and back.

In: pacs.008 becomes payments, camt.056 requests to cancel, pacs.004 returns, pacs.028 questions.
Out: pacs.002, camt.054, camt.029, pacs.004, from what the ledger says of each payment.
"""

from tongbao.paymentfiles.banking.accounts import account_of
from tongbao.paymentfiles.banking.answers import (
    NOT_PROVIDED,
    answer_returns,
    cancellation_answer,
    credit_notice,
    debit_notice,
    ledger_reason,
    payment_return,
    reason_of,
    reasons_in,
    refused_status,
    require_same,
    require_same_return,
    return_status,
    status,
    with_messages,
)
from tongbao.paymentfiles.banking.book import Book
from tongbao.paymentfiles.banking.days import require_day
from tongbao.paymentfiles.banking.domestic import track_of
from tongbao.paymentfiles.banking.finding import Finder, SeveralFound, within
from tongbao.paymentfiles.banking.naming import (
    payment_uetrs,
    return_uetr,
    servicer_reference,
    transaction_reference,
)
from tongbao.paymentfiles.banking.orders import Order, OrderRefused, names_of, order_of, people

__all__ = [
    "NOT_PROVIDED",
    "Book",
    "Finder",
    "Order",
    "OrderRefused",
    "SeveralFound",
    "account_of",
    "answer_returns",
    "cancellation_answer",
    "credit_notice",
    "debit_notice",
    "ledger_reason",
    "names_of",
    "order_of",
    "payment_return",
    "payment_uetrs",
    "people",
    "reason_of",
    "reasons_in",
    "refused_status",
    "require_day",
    "require_same",
    "require_same_return",
    "return_status",
    "return_uetr",
    "servicer_reference",
    "status",
    "track_of",
    "transaction_reference",
    "with_messages",
    "within",
]
