"""Banks' own messages about payments abroad, mapped to the ledger and back.

In: pacs.008 becomes payments, camt.056 requests to cancel, pacs.004 returns, pacs.028 questions.
Out: pacs.002, camt.054, camt.029, pacs.004, from what the ledger says of each payment.
"""

from tongbao.gateway.banking.answers import (
    NOT_PROVIDED,
    cancellation_answer,
    credit_notice,
    debit_notice,
    payment_return,
    refused_status,
    status,
)
from tongbao.gateway.banking.orders import Order, OrderRefused, order_of, people

__all__ = [
    "NOT_PROVIDED",
    "Order",
    "OrderRefused",
    "cancellation_answer",
    "credit_notice",
    "debit_notice",
    "order_of",
    "payment_return",
    "people",
    "refused_status",
    "status",
]
