"""Refusals of the module: 7000-7999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class CorridorsCode(Code):
    """Why something about a corridor or a payment through one was refused."""

    BAD_CORRIDOR_ID = (
        7001,
        _NEVER,
        "{corridor} is not a corridor id: 3 to 48 of A-Z 0-9 . -, a letter first",
    )
    BAD_TEXT = (7002, _NEVER, "{field} takes {low} to {high} printable characters")
    BAD_DIGEST = (7003, _NEVER, "{field} takes a SHA-256 in hex, or nothing")
    BAD_TERMS = (7004, _NEVER, "{field}: {reason:word}")
    NOT_PERMITTED = (7005, _AFTER, "{party} may not do this here: {who} may")
    CORRIDOR_EXISTS = (7006, _NEVER, "corridor {corridor} exists already")
    CORRIDOR_UNKNOWN = (7007, _AFTER, "there is no corridor {corridor}")
    RECEIVER_UNKNOWN = (7008, _AFTER, "{account} does not hold {asset}: it cannot receive a fee")
    CHANGE_PAST = (
        7009,
        _NEVER,
        "terms take effect after the ledger's time {time_ms:moment}, not at"
        " {effective_from_ms:moment}",
    )
    CHANGE_EXISTS = (
        7010,
        _NEVER,
        "corridor {corridor} changes at {effective_from_ms:moment} already",
    )
    CHANGE_UNKNOWN = (
        7011,
        _AFTER,
        "corridor {corridor} has no change to come at {effective_from_ms:moment}",
    )
    NOT_SEATED = (7012, _AFTER, "{party} is not among those who may serve {corridor}")
    SERVES_ALREADY = (7013, _AFTER, "{party} serves {corridor} already")
    SERVES_NOT = (7014, _AFTER, "{party} does not serve {corridor}")
    NOT_SERVED = (7015, _AFTER, "{party} does not serve {corridor} as {role}")
    NOT_IN_FORCE = (
        7016,
        _AFTER,
        "corridor {corridor} has no terms in force, or is closed for good",
    )
    CORRIDOR_CLOSED = (
        7017,
        _AFTER,
        "corridor {corridor} is closed in {calendar} ({why}); it opens again at"
        " {opens_at_ms:moment}",
    )
    BAD_BEARER = (7018, _NEVER, "{bearer} is no charge bearer: DEBT, CRED, SHAR or SLEV")
    ONE_AMOUNT = (7019, _NEVER, "state what is sent or what is received: one of them, above zero")
    CREDITOR_BEARS = (
        7020,
        _NEVER,
        "where the creditor bears all charges, state what is sent: what arrives follows from it",
    )
    QUOTE_OR_ROUTE = (
        7021,
        _NEVER,
        "a payment in two currencies takes a route or a quote, one in one currency neither",
    )
    COSTS_DIFFER = (
        7022,
        _AFTER,
        "the costs shown and signed are {shown}; they would be {charged}: nothing was charged",
    )
    BELOW_COSTS = (7023, _NEVER, "charges of {costs:money} leave nothing of {amount:money}")
    OVER_LIMIT = (
        7024,
        _AFTER,
        "{corridor} carries at most {limit:money} a payment, not {amount:money} ({source})",
    )
    OVER_DAY_LIMIT = (
        7025,
        _AFTER,
        "{party} sent {spent:money} through {corridor} today; {amount:money} more would pass"
        " {limit:money} ({source})",
    )
    PURPOSE_NOT_ALLOWED = (
        7026,
        _NEVER,
        "{corridor} carries purposes {allowed}, not {purpose} ({source})",
    )
    SUBJECT_MISSING = (
        7027,
        _NEVER,
        "{corridor} screens who pays and who is paid: give both digests ({source})",
    )
    UETR_USED = (7028, _NEVER, "UETR {uetr} names another payment")
    UETR_MISSING = (7029, _NEVER, "a cross-border payment has a UETR")
    PAYMENT_UNKNOWN = (7030, _AFTER, "there is no cross-border payment {uetr}")
    WRONG_STATE = (7031, _AFTER, "payment {uetr} is {state}: this takes one that is {wanted}")
    DEADLINE_PAST = (
        7032,
        _NEVER,
        "a hold ends between now and {latest_ms:moment}, not at {deadline_ms:moment}",
    )
    ENVELOPE_MISSING = (
        7033,
        _AFTER,
        "payment {uetr} lacks its travel-rule envelope: attach it first",
    )
    ENVELOPE_ATTACHED = (7034, _NEVER, "payment {uetr} carries a travel-rule envelope already")
    BAD_VERDICT = (7035, _NEVER, "{verdict} is no verdict: clear or hit")
    EXPIRY_PAST = (
        7036,
        _NEVER,
        "a result holds until a time after {time_ms:moment}, not {expires_at_ms:moment}",
    )
    CANCELLATION_OPEN = (
        7037,
        _AFTER,
        "cancelling payment {uetr} was asked for already: the answer is awaited",
    )
    CANCELLATION_UNKNOWN = (7038, _AFTER, "nobody asks to cancel payment {uetr}")
    RETURN_NEEDED = (
        7039,
        _NEVER,
        "payment {uetr} has settled: accepting its cancellation says how it is returned, in whole",
    )
    RETURN_TOO_MUCH = (
        7040,
        _NEVER,
        "{amount:money} was to be returned of payment {uetr}; {remaining:money} remains",
    )
    RETURN_TOO_SMALL = (7041, _NEVER, "{amount:money} comes to nothing at the original rate")
    BAD_TREATMENT = (7042, _NEVER, "{treatment} is no FX treatment of a return: {known}")
    CREDITED_TOO_MUCH = (
        7043,
        _NEVER,
        "payment {uetr} credited {credited:money}: the customer cannot have got {amount:money}",
    )
    BAD_MOMENT = (7044, _NEVER, "{field} is {value}: it lies between {low} and {high}")
    BAD_RATE = (7045, _NEVER, "a rate is above zero with 0 to 18 decimals, between two assets")
    BAD_SEALING_KEY = (7046, _NEVER, "a sealing key is of suite x25519, 32 bytes")
    QUOTE_DIFFERS = (
        7047,
        _AFTER,
        "quote {quote} turns {sent:money} into {received:money}; the payment says"
        " {wanted:money} into {into:money}",
    )
    SAME_ACCOUNT = (7048, _NEVER, "payer and payee are the same account {account}")
    HIT_SINCE = (
        7050,
        _AFTER,
        "{party} stated a screening hit after payment {uetr} was released: it cannot be executed",
    )
    SCREENING_NEEDED = (
        7051,
        _AFTER,
        "payment {uetr} sends {amount:money}, for which both ends are screened ({reason}):"
        " a screener states a clear result first",
    )
    TOO_MANY_STEPS = (
        7049,
        _NEVER,
        "payment {uetr} has {limit} steps: what remains is returned in whole or not at all",
    )
