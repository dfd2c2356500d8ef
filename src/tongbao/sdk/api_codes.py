"""What the gateway itself refuses, before or beside the ledger: 901-999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER, _SAME = Retry.NEVER, Retry.AFTER_CHANGE, Retry.SAME_BYTES


WORDS = {"kind": (
    "account", "asset", "batch", "block", "booking of", "code", "corridor", "desk file", "hold",
    "offer", "party", "payment", "pool", "queue", "quote", "scheduled transfer", "sealing key",
    "signed block", "table", "transaction", "vote",
)}  # fmt: skip
"""What is not there: `{kind:word}` in the sentences below."""


class GatewayCode(Code):
    """Why a request was not applied."""

    BAD_BODY = (901, _NEVER, "the body cannot be read: {reason:word}", 400)
    BODY_TOO_LARGE = (902, _NEVER, "the body may have at most {limit} bytes", 413)
    BODY_TOO_SLOW = (
        903,
        _SAME,
        "the body comes too slowly: after {seconds} s it has to come at {rate} bytes a second",
        408,
    )
    UNSUPPORTED_MEDIA_TYPE = (904, _NEVER, "{given} is not accepted here; send {accepted}", 415)
    NO_SUCH_PATH = (905, _NEVER, "there is nothing at {path}", 404)
    METHOD_NOT_ALLOWED = (906, _NEVER, "{method} is not possible at {path}", 405)
    BAD_PARAMETER = (907, _NEVER, "parameter {field}: {reason:word}")
    BAD_CURSOR = (908, _NEVER, "the cursor was not given by this list")
    NOT_FOUND = (909, _AFTER, "there is no {kind:word} {id}", 404)
    IDEMPOTENCY_KEY_REUSED = (910, _NEVER, "this Idempotency-Key came with other bytes before")
    BAD_IDEMPOTENCY_KEY = (
        911,
        _NEVER,
        "an Idempotency-Key has 1 to {limit} printable ASCII characters",
        400,
    )
    TOO_MANY_IN_BATCH = (
        912,
        _NEVER,
        "a batch has at most {limit} envelopes; this one has {count}",
        413,
    )
    UNAUTHORISED = (
        913,
        _NEVER,
        "nobody is known by this token, or it has ended (Authorization: Bearer ...)",
        401,
    )
    OTHER_HOST = (914, _NEVER, "this node is not called {host}", 421)
    BUSY = (
        915,
        _SAME,
        "the gateway serves {limit} requests of this kind ({kind:word}) at once, its limit; try"
        " again shortly",
        503,
    )
    NO_READ_MODEL = (
        916,
        _NEVER,
        "this node keeps no read model: it has no lists and no event stream",
        501,
    )
    READ_MODEL_BEHIND = (
        917,
        _SAME,
        "the read model stands at block {height}; block {wanted} was asked for",
        503,
    )
    NOT_FINAL_YET = (
        918,
        _SAME,
        "not final within {seconds} s: ask again, or send the same bytes again",
        504,
    )
    NOT_PROVEN_YET = (
        919,
        _SAME,
        "block {height} is proven by the next block; try again shortly",
        503,
    )
    TOO_MANY_STREAMS = (920, _SAME, "{limit} event streams are open, the limit", 503)
    NODE_FAULT = (921, _SAME, "the node met a fault of its own and raised an alarm", 500)
    NOT_READY = (922, _SAME, "the node is not ready: {reason:word}", 503)
    PRUNED = (
        923,
        _NEVER,
        "block {height} was pruned from this node, whose oldest is {oldest}: ask an archive node",
        410,
    )
    REFUSED_BY_HTTP = (924, _NEVER, "{reason:word}")
    STATE_TOO_OLD = (
        925,
        _NEVER,
        "the state after block {height} is too old to be proved here: ask for a newer one",
        410,
    )
    NO_OTHER_VALIDATORS = (
        926,
        _NEVER,
        "this node orders its blocks alone: there are no other validators to accuse",
        501,
    )
    TOO_MANY_AT_ONCE = (
        927,
        _SAME,
        "you have {limit} requests of this kind ({kind:word}) under way, the limit for one client;"
        " wait for their answers",
        429,
    )
    HEADERS_TOO_LARGE = (
        928,
        _NEVER,
        "the request line or its headers are too large: at most {limit} header lines and {target}"
        " bytes of path and query",
        431,
    )
    UPLOADS_FULL = (
        929,
        _SAME,
        "bodies that are being received take {limit} bytes, the limit; try again shortly",
        503,
    )
    ABSENCE_RESERVED = (
        930,
        _NEVER,
        "there is no such row that you may read; the proof that there is none shows rows of others"
        " and is for the node's operator alone",
        403,
    )
    UNKNOWN_WORD = (931, _NEVER, "{field} is never {given}; it is one of: {known}")
    BAD_ID = (932, _NEVER, "{given} is no {field}: one is written {form}")
    FOR_NODES = (933, _NEVER, "this is for the nodes of the network alone", 403)
    OTHER_PARTY = (934, _NEVER, "a dry run is for the party that you act for", 403)
    BAD_LOGIN = (
        935,
        _NEVER,
        "the challenge is unknown or over, or no live key of that party signed it",
        401,
    )
