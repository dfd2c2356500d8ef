"""Refusals of the module: 6000-6999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class SettlementCode(Code):
    """Why a batch, a queue or a payment in it was refused."""

    BAD_TEXT = (6001, _NEVER, "{field} takes {low} to {high} printable characters")
    STEP_COUNT = (6002, _NEVER, "a settlement batch has 1 to {limit} steps; this one has {count}")
    BAD_STEP = (
        6003,
        _NEVER,
        "step {number}: {party} is no party, an account is not its own, or it would pay itself",
    )
    PARTY_UNKNOWN = (6004, _AFTER, "party {party} is not registered")
    DEADLINE_PAST = (
        6005,
        _NEVER,
        "a batch ends after now ({time_ms:moment}) and after it settles, not at"
        " {deadline_at_ms:moment}",
    )
    TOO_FAR_AHEAD = (
        6006,
        _NEVER,
        "at most {limit_ms:duration} ahead; {deadline_at_ms:moment} is later",
    )
    BATCH_UNKNOWN = (6007, _AFTER, "there is no open batch {batch}")
    BAD_NUMBERS = (6008, _NEVER, "instructions are named by their numbers, each once")
    INSTRUCTION_UNKNOWN = (6009, _NEVER, "batch {batch} has no instruction {number}")
    BAD_SIDE = (6010, _NEVER, "{side} is not a side: deliver or receive")
    NOT_ITS_SIDE = (6011, _NEVER, "instruction {number} is not {party}'s to {side}")
    APPROVED_ALREADY = (
        6012,
        _AFTER,
        "{party} has approved instruction {number} already; revoke first",
    )
    NOT_ALLOCATED = (6013, _AFTER, "instruction {number} has no account to {side} yet")
    NOTHING_TO_APPROVE = (6014, _AFTER, "{party} has nothing to approve in batch {batch}")
    NOTHING_TO_REVOKE = (6015, _AFTER, "{party} has approved nothing in batch {batch}")
    NOT_CONCERNED = (6016, _NEVER, "{party} takes no part in batch {batch}")
    NOT_COMPLETE = (
        6017,
        _AFTER,
        "batch {batch} still lacks {missing} allocation(s) or approval(s)",
    )
    NOT_DUE = (6018, _AFTER, "batch {batch} settles at {settle_at_ms:moment}, not before")
    BAD_QUEUE = (6019, _NEVER, "{field} of a queue is not as the rules of a queue allow")
    NOT_OPERATOR = (
        6020,
        _NEVER,
        "{party} does not operate queue {queue}: a central bank or operator does, the same always",
    )
    ASSET_STAYS = (6021, _AFTER, "payments in {asset} wait in queue {queue}: it cannot leave")
    QUEUE_UNKNOWN = (6022, _AFTER, "there is no queue {queue}")
    NOT_IN_QUEUE = (6023, _AFTER, "queue {queue} does not settle {asset}")
    AMOUNT_TOO_LARGE = (6024, _NEVER, "{amount:money} is more than a queue takes in one payment")
    BAD_PRIORITY = (6025, _NEVER, "a priority is 0 (most urgent) to 9, not {priority}")
    PAIR_MISMATCH = (
        6026,
        _NEVER,
        "the payment that waits under {pair} is not the other side of this one",
    )
    PAIR_TAKEN = (6027, _AFTER, "the pair {pair} has both its sides")
    PAYMENT_UNKNOWN = (6028, _AFTER, "no payment {payment} waits in a queue")
    NOTHING_CHANGES = (6029, _NEVER, "nothing would change")
    BAD_LIMIT = (6030, _NEVER, "a limit is zero or more; a counterparty is another account, once")
    OVER_LIMIT = (
        6031,
        _AFTER,
        "{account} would have paid {position:money} more than it received today; "
        "its limit is {limit:money}",
    )
    URGENT_RESERVE = (6032, _AFTER, "{account} keeps {reserve:money} for urgent payments")
    RUN_UNDER_WAY = (6033, _AFTER, "run {run} of queue {queue} is under way")
    NOT_PARTICIPANT = (
        6034,
        _AFTER,
        "{party} neither operates queue {queue} nor has a payment in it",
    )
    AMENDED_SINCE = (
        6035,
        _AFTER,
        "batch {batch} was amended: revision {revision} stands, and {approved} was approved",
    )
    SETTLES_NEVER = (
        6038,
        _NEVER,
        "a batch settles at a time, or 0 for as soon as it is complete, not at"
        " {settle_at_ms:moment}",
    )
    PAIR_TERMS = (
        6036,
        _NEVER,
        "a payment under a pair label says what the other side brings: an asset and an amount; "
        "one without a label says neither",
    )
    ASKED_ALREADY = (
        6037,
        _AFTER,
        "the netting of queue {queue} was asked for in this block already",
    )
