"""Refusals of the module: 1000-1999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE
WORDS = {"what": (
    "accounts", "firm quotes", "holds", "keys", "proposals", "queued payments",
    "requests for a return", "scheduled transfers", "screening results", "settlement batches",
    "waiting corridor payments",
)}  # fmt: skip
"""What is counted for a party: `{what:word}` in the sentences below."""


class PartiesCode(Code):
    """Why something about a party was refused."""

    BAD_PARTY_ID = (1001, _NEVER, "{party} is not a party id: 2 to 32 of a-z, 0-9 and hyphen")
    BAD_TEXT = (1002, _NEVER, "{field} takes {low} to {high} printable characters")
    BAD_ROLE = (1003, _NEVER, "{role} is not a role, or stands twice: {known}")
    BAD_JURISDICTION = (1004, _NEVER, "{value} is not an ISO 3166-1 alpha-2 country code")
    BAD_LEI = (1005, _NEVER, "{lei} is not a LEI: its check digits are wrong (ISO 17442)")
    BAD_USCC = (1006, _NEVER, "{uscc} is not a unified social credit code (GB 32100)")
    PARTY_EXISTS = (1007, _NEVER, "party {party} is registered already")
    IDENTIFIER_TAKEN = (1008, _NEVER, "{kind} {value} belongs to party {party}")
    PARTY_UNKNOWN = (1009, _AFTER, "there is no party {party}")
    NOT_OPERATOR = (1010, _AFTER, "{party} is not an operator")
    NOT_PERMITTED = (1011, _AFTER, "{party} is neither operator nor supervisor")
    KEY_COUNT = (1012, _NEVER, "a party has 1 to {limit} keys, not {count}")
    BAD_KEY = (1013, _NEVER, "key {key}: {reason:word}")
    KEY_EXISTS = (1014, _AFTER, "{party} has key {key} already")
    KEY_UNKNOWN = (1015, _AFTER, "{party} has no live key {key}")
    LOCK_OUT = (
        1016,
        _AFTER,
        "the live keys of {party} could no longer meet its policy for {scope}",
    )
    BAD_POLICY = (1017, _NEVER, "a policy needs 1 to 16 keys and a weight of 1 to 1000")
    ALREADY_SUSPENDED = (1018, _AFTER, "{party} is suspended already")
    NOT_SUSPENDED = (1019, _AFTER, "{party} is not suspended")
    PROPOSAL_UNKNOWN = (1020, _AFTER, "there is no open proposal {proposal}")
    PROPOSAL_UNREADABLE = (1021, _NEVER, "the proposed actions cannot be read: {reason:word}")
    PROPOSAL_NESTED = (1022, _NEVER, "a proposal may not carry {action}")
    PROPOSAL_EXPIRY = (
        1023,
        _NEVER,
        "a proposal expires after {time_ms:moment} and at most {limit_ms:duration}"
        " later, not at {expires_at_ms:moment}",
    )
    APPROVED_ALREADY = (1024, _NEVER, "every signing key has approved proposal {proposal} already")
    NOT_CONCERNED = (1025, _NEVER, "{party} is not one whose approval proposal {proposal} needs")
    NOT_PROPOSER = (1026, _NEVER, "{party} did not propose {proposal}")
    TOO_MANY_POLICIES = (1028, _NEVER, "{party} has {limit} policies, the most there may be")
    TOO_MANY_OPEN = (
        1029,
        _AFTER,
        "{party} has {limit} {what:word} open, the most there may be; end one first",
    )
    TOO_MANY_EVER = (
        1031,
        _NEVER,
        "{party} has made {limit} {what:word}, the most it ever may: they are counted for good",
    )
    PROPOSED_TOO_LARGE = (
        1030,
        _AFTER,
        "the open proposals of {party} take {size} bytes with this one; at most {limit} together",
    )
    NOT_SIGNED = (1027, _NEVER, "no key of {party} signed this")
