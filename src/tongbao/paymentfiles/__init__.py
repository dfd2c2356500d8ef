"""Payment files: a bank's file becomes signed batches, and answers in the bank's own words.

`plan` turns a read pain.001 into batches for the ledger and refusals for the rest; somebody else
signs and submits them; `answer` writes pain.002 and camt.054 from what the ledger stated.
"""

from tongbao.paymentfiles.answer import Settled, notification, status_report
from tongbao.paymentfiles.judging import Directory, Terms, read_file
from tongbao.paymentfiles.plan import Batch, Plan, Refused, plan
from tongbao.paymentfiles.send import HttpDirectory, Sealed, sign

__all__ = [
    "Batch",
    "Directory",
    "HttpDirectory",
    "Plan",
    "Refused",
    "Sealed",
    "Settled",
    "Terms",
    "notification",
    "plan",
    "read_file",
    "sign",
    "status_report",
]
