"""What the desk refuses, beside ledger and gateway: 940-969."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class DeskCode(Code):
    """Why an act at the desk was not applied."""

    NO_DESK = (940, _NEVER, "this node keeps no desk", 501)
    BAD_STATEMENT = (941, _NEVER, "the statement cannot be read: {reason:word}", 400)
    STATEMENT_TIME = (
        942,
        _AFTER,
        "the statement is of another time: its clock is {seconds} s away from this desk's",
        403,
    )
    BAD_STATEMENT_SIGNATURE = (
        943,
        _NEVER,
        "the signature of key {key} is not over this statement",
        403,
    )
    KEY_WITHOUT_SCOPE = (944, _AFTER, "key {key} may not approve payments", 403)
    FILE_REFUSED = (945, _NEVER, "the file is refused: {rule}, line {line}, {path}: {reason}")
    NOT_YOUR_FILE = (946, _NEVER, "file {file} is of {party}, the statement of {other}", 403)
    CHANGED_SINCE = (
        947,
        _AFTER,
        "file {file} is at version {version}, the statement speaks of {given}",
        409,
    )
    WRONG_STATE = (948, _AFTER, "file {file} is {state}: {action} is not possible", 409)
    BAD_REPAIR = (949, _NEVER, "{path} cannot be set: {reason:word}")
    BATCH_UNKNOWN = (950, _NEVER, "batch {batch} is not waiting for signatures")
    BAD_BATCH_SIGNATURE = (951, _NEVER, "the signature of key {key} is not over batch {batch}", 403)
    OVER_LIMIT = (
        952,
        _AFTER,
        "key {key} may approve {limit:money}, the file has {total:money}",
        403,
    )
    NOT_APPROVED = (953, _AFTER, "not ready for release: {missing}", 409)
    OUTSIDE_WINDOW = (
        954,
        _AFTER,
        "the signatures count from {since:moment} until {until:moment}; {at:moment} is outside:"
        " check the file with that time and sign again",
        409,
    )
    LIMIT_NEEDS_TWO = (955, _NEVER, "a limit is set by two keys of the party", 403)
    OTHER_DESK = (
        956,
        _NEVER,
        "the desk's file is of chain {found}, this node's chain is {wanted}: keep it and start with"
        " another",
    )
    NEWER_DESK = (
        964,
        _NEVER,
        "the desk's file has schema {found}, and this program knows none after {newest}: start it"
        " with the program that wrote it, or a newer one",
    )
    MESSAGE_ID_USED = (
        957,
        _NEVER,
        "message id {message_id} came before, in file {file} with other bytes",
        409,
    )
    BAD_ZONE = (
        959,
        _NEVER,
        "{zone} is no time zone: write UTC, an offset as +08:00, or a name as Asia/Shanghai",
    )
    ANSWERED_BEFORE = (
        960,
        _NEVER,
        "message id {message_id} was paid before under transaction {reference} of {party}:"
        " the file is a duplicate",
    )
    MAKER_APPROVES = (
        962,
        _NEVER,
        "key {key} ({label}) made or changed this file and has signed it: another person approves",
    )
    ORDER_REPLAYED = (
        961,
        _NEVER,
        "an order of this key with this or a later number was applied before: look again"
        " and sign anew",
    )
    IDS_USED = (
        963,
        _AFTER,
        "since the file was checked, other payments have used {ids}: check the file again",
        409,
    )
    NOTHING_TO_PAY = (958, _AFTER, "no payment of the file can be sent")
