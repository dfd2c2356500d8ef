"""Refusals of the module: 8000-8999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class GovernanceCode(Code):
    """Why something about the validators or the protocol was refused."""

    MEMBERSHIP_FIXED = (
        8001,
        _AFTER,
        "the validators of this chain are fixed: its genesis founds no membership; continue it as"
        " a network with `tongbao network init --from-snapshot`",
    )
    BAD_TERMS = (8002, _NEVER, "the terms of voting: {reason:word}")
    ONLY_AT_FOUNDING = (8003, _NEVER, "the terms of voting are set once, by the genesis")
    NOT_A_MEMBER = (8004, _AFTER, "{party} holds no seat among the validators")
    VOTE_UNKNOWN = (8005, _AFTER, "there is no open vote {vote}")
    VOTE_EXPIRY = (
        8006,
        _NEVER,
        "a vote expires after {time_ms:moment} and at most {limit_ms:duration} later,"
        " not at {expires_at_ms:moment}",
    )
    TOO_MANY_VOTES = (8007, _AFTER, "{party} has {limit} votes open already; end one first")
    VOTED_ALREADY = (8008, _NEVER, "{party} has answered vote {vote} in this way already")
    NOT_OPENER = (8009, _NEVER, "{party} did not open vote {vote}")
    BAD_NOTE = (8010, _NEVER, "a note has at most {limit} printable characters")
    BAD_POWER = (8011, _NEVER, "a seat has a power of 1 to {limit}, not {power}")
    BAD_CONSENSUS_KEY = (
        8012,
        _NEVER,
        "a consensus key is an Ed25519 public key of 32 bytes with a signature of 64 bytes",
    )
    PROOF_WRONG = (
        8013,
        _NEVER,
        "the {which} consensus key of {party} did not sign the statement for this seat",
    )
    KEY_USED = (
        8014,
        _NEVER,
        "this consensus key is or was that of {party}; a seat takes a fresh one",
    )
    SEAT_TAKEN = (8015, _AFTER, "{party} holds a seat already")
    CANDIDATE_SUSPENDED = (8016, _AFTER, "{party} is suspended and takes no seat")
    TOO_MANY_SEATS = (8017, _AFTER, "there are {limit} seats, as many as can be")
    LAST_SEAT = (8018, _AFTER, "{party} holds the only seat; without it nobody signs blocks")
    NOTHING_CHANGES = (8019, _NEVER, "the seat of {party} has a power of {power} already")
    MOVES_A_THIRD = (
        8020,
        _NEVER,
        "this would move {moved} of {total} power at once; it has to be less than a third",
    )
    WINDOW_FULL = (
        8021,
        _AFTER,
        "with this, {moved} of {total} power would have moved within"
        " {window_ms:duration}; it has to be"
        " less than a third: again after {free_at_ms:moment}",
    )
    EVIDENCE_UNKNOWN = (
        8022,
        _AFTER,
        "there is no evidence {evidence} against {party} that still waits",
    )
    UPGRADE_VERSION = (
        8023,
        _NEVER,
        "an upgrade goes to a version above {version}, not to {wanted}",
    )
    UPGRADE_HEIGHT = (
        8024,
        _NEVER,
        "an upgrade takes place at block {earliest} or later, not at {height}",
    )
    UPGRADE_AGREED = (
        8025,
        _AFTER,
        "the upgrade to version {version} at block {height} is agreed on; cancel it first",
    )
    NO_UPGRADE = (8026, _AFTER, "no upgrade to version {version} is agreed on")
    ROTATED_LATELY = (
        8027,
        _AFTER,
        "the key of {party}'s seat was rotated lately: again from {again_at_ms:moment}, or by vote",
    )
