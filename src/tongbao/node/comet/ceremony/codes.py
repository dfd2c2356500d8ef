"""Refusals of the founding ceremony: 161-179. Each names the file, the field and the rule.

Where another rule stands behind one (a number's check digit, an opening action), its own refusal
is the cause.
"""

from __future__ import annotations

from tongbao.kernel.codes import Code, Refusal, Retry
from tongbao.words import sentence

_NEVER = Retry.NEVER


class FoundingCode(Code):
    """Why a file of the ceremony is not taken."""

    UNREADABLE = (161, _NEVER, "{file} is not a {format} file: {reason:word}")
    TOO_LARGE = (
        162,
        _NEVER,
        "{file} has more than {limit} bytes, the most that a {format} file may have",
    )
    UNKNOWN_VERSION = (
        163,
        _NEVER,
        "{file} has the format {found}; this version of tongbao reads {format}",
    )
    BAD_FIELD = (164, _NEVER, "{file}, {field} ({value})")
    OUT_OF_RANGE = (165, _NEVER, "{file}, {field} is {value}: it has to be {rule}")
    NOT_SIGNED = (
        166,
        _NEVER,
        "{file}: the {which} key {key} of {party} did not sign what the file says",
    )
    STRANGE_SIGNATURE = (167, _NEVER, "{file} is signed with {key}, which is no key of {party}")
    OTHER_CHAIN = (168, _NEVER, "{file} is for the chain {found}, the terms are for {chain}")
    GIVEN_TWICE = (169, _NEVER, "{file}, {field} {value}: {other} has the same")
    REQUEST_MISSING = (170, _NEVER, "{file}, members: there is no request of {parties}")
    NOT_A_MEMBER = (171, _NEVER, "{file}: {party} is not among the members that the terms name")
    NOT_IN_ORDER = (172, _NEVER, "{file}: the requests do not stand in the order of their parties")
    GOVERNANCE_TWICE = (
        173,
        _NEVER,
        "{file}, actions: governance is founded by the field `governance`, not by an action",
    )
    OPENING_REFUSED = (
        174,
        _NEVER,
        "{file}: the ledger refuses what is to be there before the first block",
    )
    MEMBER_TOUCHED = (
        175,
        _NEVER,
        "{file}, actions: they change {what} of {party}; only its own request says that",
    )
    OTHER_GENESIS = (176, _NEVER, "{file}: the {what} is {found}, not {wanted}")
    APPROVAL_MISSING = (177, _NEVER, "not approved by {parties} yet: every member has to approve")
    TOO_FEW_KEYS = (
        178,
        _NEVER,
        "{file}: {party} approves with {keys} keys of total weight {weight}; given: {given_keys}"
        " of weight {given_weight}",
    )
    OTHER_KEYS = (
        179,
        _NEVER,
        "{folder}: the {which} key there is not the one of {party} in the founding file",
    )


def reported(refusal: Refusal, language: str) -> str:
    """A refusal for a person, with the rules that stand behind it."""
    parts: list[str] = []
    one: BaseException | None = refusal
    while isinstance(one, Refusal):
        parts.append(sentence(one.code.template, one.values, language))
        one = one.__cause__
    return ("：" if language.startswith("zh") else ": ").join(parts)
