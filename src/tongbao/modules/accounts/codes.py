"""Refusals of the module: 2000-2999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class AccountsCode(Code):
    """Why something about an account was refused."""

    BAD_ACCOUNT_ID = (
        2001,
        _NEVER,
        "{account} is not an account id: party/name, name of A-Z a-z 0-9 . _ -",
    )
    BAD_TEXT = (2002, _NEVER, "{field} takes {low} to {high} printable characters")
    BAD_IDENTIFIER = (
        2003,
        _NEVER,
        "{identifier} is neither an IBAN nor an account number of 4 to 34 characters",
    )
    ACCOUNT_EXISTS = (2004, _NEVER, "account {account} exists already")
    ACCOUNT_UNKNOWN = (2005, _AFTER, "there is no account {account}")
    ACCOUNT_CLOSED = (2006, _AFTER, "account {account} is closed")
    SERVICER_ROLE = (2007, _AFTER, "{party} is no bank: it cannot keep accounts")
    HOLDS_ALREADY = (2008, _AFTER, "account {account} holds {asset} already")
    HOLDS_NOT = (2009, _AFTER, "account {account} does not hold {asset}")
    HOLDING_NOT_EMPTY = (
        2010,
        _AFTER,
        "account {account} still has {posted:money}, of which {reserved:money} is reserved",
    )
    IDENTIFIER_TAKEN = (2011, _NEVER, "{identifier} belongs to account {account}")
    IDENTIFIER_UNKNOWN = (2012, _AFTER, "{identifier} is not linked to account {account}")
    NOT_PERMITTED = (2013, _NEVER, "{party} neither keeps account {account} nor supervises")
    ALREADY_FROZEN = (2014, _AFTER, "account {account} is frozen by {by} already")
    NOT_FROZEN = (2015, _AFTER, "account {account} is not frozen by {by}")
    NOTHING_CHANGES = (2016, _NEVER, "nothing would change for {account}")
    LIMIT_PER_PAYMENT = (
        2017,
        _AFTER,
        "account {account} pays at most {limit:money} at once, not {amount:money}",
        422,
        "AM02",
    )
    LIMIT_PER_DAY = (
        2018,
        _AFTER,
        "account {account} has used {spent:money} of its limit of {limit:money} for today;"
        " {amount:money} more would pass it",
        422,
        "AM02",
    )
    TOO_MANY_ASSETS = (2019, _NEVER, "an account is opened with at most {limit} assets")
    NUMBER_NOT_OF_BANK = (
        2021,
        _AFTER,
        "{party}, which keeps account {account}, is no bank: it gives no account numbers",
    )
    TOO_MANY_NUMBERS = (
        2022,
        _AFTER,
        "account {account} has {limit} numbers, the most there may be",
    )
    NAME_KEPT = (
        2020,
        _NEVER,
        "{account}: names that begin with {prefix} are kept for the accounts of issuers",
    )
    STILL_EXPECTED = (
        2023,
        _AFTER,
        "account {account} will still be paid {asset} by a firm quote or by a pool of which it has"
        " shares",
    )
