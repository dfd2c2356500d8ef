"""Statements of accounts: what an account held and what moved in it between two moments.

As camt.053 and camt.052 for systems, as CSV and XLSX for people. Balances are those of the period's
ends, from entries, whenever the statement is asked for.
"""

from tongbao.paymentfiles.statements.account import (
    BadPeriod,
    Period,
    Statement,
    of_account,
    statements_of,
)
from tongbao.paymentfiles.statements.forms import FORMS, MEDIA, written

__all__ = [
    "FORMS",
    "MEDIA",
    "BadPeriod",
    "Period",
    "Statement",
    "of_account",
    "statements_of",
    "written",
]
