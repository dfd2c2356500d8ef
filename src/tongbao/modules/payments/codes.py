"""Refusals of the module: 4000-4999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class PaymentsCode(Code):
    """Why a payment was refused."""

    PAYER_UNKNOWN = (
        4001,
        _AFTER,
        "account {account} does not hold {asset}: it cannot pay",
        422,
        "AC01",
    )
    PAYEE_UNKNOWN = (
        4002,
        _AFTER,
        "account {account} does not hold {asset}: it cannot be paid",
        422,
        "AC03",
    )
    PAYER_BLOCKED = (
        4003,
        _AFTER,
        "account {account} is frozen or closed: it cannot pay {asset}",
        422,
        "AC06",
    )
    PAYEE_BLOCKED = (
        4004,
        _AFTER,
        "account {account} is frozen or closed: it cannot be paid {asset}",
        422,
        "AC06",
    )
    INSUFFICIENT_FUNDS = (
        4005,
        _AFTER,
        "{account} has {available:money} available; {amount:money} was to be paid",
        422,
        "AM04",
    )
    PAYEE_NOT_AUTHORISED = (
        4007,
        _AFTER,
        "{account} is not on the allow-list of {asset}",
        422,
        "AG01",
    )
    SAME_ACCOUNT = (4008, _NEVER, "payer and payee are the same account {account}", 422, "AC03")
    PAYER_NOT_AUTHORISED = (
        4009,
        _AFTER,
        "{account} is not on the allow-list of {asset}: it cannot pay",
        422,
        "AG01",
    )
    REFERENCE_REQUIRED = (
        4010,
        _NEVER,
        "account {account} takes payments with a payee reference only",
        422,
        "AG01",
    )
    BAD_TEXT = (4011, _NEVER, "{field} takes {low} to {high} printable characters")
    BAD_UETR = (4012, _NEVER, "{uetr} is not a UETR (a UUID version 4)")
    BAD_DOCUMENT = (4013, _NEVER, "document takes the SHA-256 of the source in hex, or nothing")
    LINE_COUNT = (4014, _NEVER, "a bulk transfer has 1 to {limit} lines; this one has {count}")
    LINE_REFUSED = (4015, _AFTER, "line {line}, to {payee}: {fault}")
    NOTHING_PAID = (4016, _AFTER, "none of the {count} lines could be paid; the first: {fault}")
    NOTHING_AVAILABLE = (4017, _AFTER, "{account} has nothing of {asset} to balance with")
    HOLD_UNKNOWN = (4018, _AFTER, "there is no open hold {hold}")
    HOLD_DUE_PAST = (
        4019,
        _NEVER,
        "a hold falls due after the ledger's time {time_ms:moment}, not at {due_at_ms:moment}",
    )
    HOLD_TOO_MUCH = (
        4020,
        _AFTER,
        "{amount:money} was to be posted of hold {hold}; {remaining:money} remains",
    )
    BAD_HASHLOCK = (4021, _NEVER, "a hashlock is the SHA-256 of a preimage in hex, or nothing")
    WRONG_PREIMAGE = (4022, _NEVER, "the preimage does not open hold {hold}")
    SCHEDULE_UNKNOWN = (4023, _AFTER, "there is no scheduled transfer {schedule}")
    SCHEDULE_PAST = (
        4024,
        _NEVER,
        "a transfer is scheduled after the ledger's time {time_ms:moment}, not at"
        " {due_at_ms:moment}",
    )
    ISSUING_ACCOUNT = (
        4026,
        _NEVER,
        "{account} is where {asset} is issued from: supply comes by assets.issue, not by payments",
    )
    PREIMAGE_POSTS_ALL = (
        4027,
        _NEVER,
        "hold {hold} has a hashlock: whoever shows the preimage posts all of it",
    )
    ARBITER_UNKNOWN = (
        4028,
        _AFTER,
        "the arbiter {party} is no party: nobody could decide on the hold",
    )
    TOO_FAR_AHEAD = (4025, _NEVER, "at most {limit_ms:duration} ahead; {due_at_ms:moment} is later")
    UETR_TAKEN = (
        4029,
        _NEVER,
        "the UETR {uetr} names another payment or return already",
        422,
        "DUPL",
    )
    UETR_UNKNOWN = (4030, _AFTER, "no payment within the ledger bears the UETR {uetr}")
    NOT_RETURNABLE = (
        4031,
        _AFTER,
        "what {uetr} names is {state}: only a settled payment is returned",
    )
    RETURN_ABOVE_REST = (
        4032,
        _AFTER,
        "{amount:money} was to be returned of payment {uetr}; {remaining:money} remains",
    )
    RETURN_UETR_MISSING = (4033, _NEVER, "a return bears a UETR of its own")
    TOO_MANY_RETURNS = (
        4034,
        _AFTER,
        "payment {uetr} was returned in {limit} parts: the next return gives back all that remains",
    )
    RETURN_REQUESTED = (
        4035,
        _AFTER,
        "the return of payment {uetr} is requested already and awaits an answer",
    )
    NO_RETURN_REQUEST = (4036, _AFTER, "nobody asks for the return of payment {uetr}")
