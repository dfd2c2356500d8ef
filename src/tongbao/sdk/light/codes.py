"""Why a light client does not trust a node: 141-159."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER, _SAME = Retry.NEVER, Retry.AFTER_CHANGE, Retry.SAME_BYTES


class LightCode(Code):
    """What a light client refuses."""

    NO_ANSWER = (141, _SAME, "{node} gives no answer: {reason:word}")
    UNREADABLE = (
        142,
        _NEVER,
        "{node} answered with something else than was asked for: {reason:word}",
    )
    WRONG_HEIGHT = (
        143,
        _NEVER,
        "{node} answered with block {given} where block {wanted} was asked for",
    )
    INVALID = (144, _NEVER, "block {height} of {node} cannot be trusted: {reason:word}")
    EXPIRED = (
        145,
        _AFTER,
        "what is trusted, block {height}, is older than the trusting period of {days} days: take a"
        " newer HEIGHT:HASH from somebody you trust",
    )
    WRONG_HASH = (
        146,
        _NEVER,
        "block {height} of {node} has hash {given}; the one you trust has {wanted}",
    )
    BELOW_TRUST = (
        147,
        _NEVER,
        "block {height} is older than block {base}, where this trust begins",
    )
    TOO_MANY_STEPS = (148, _AFTER, "more than {limit} light blocks would be needed")
    STORE_UNREADABLE = (149, _NEVER, "{file} is not a sound trust file: {reason:word}")
    NOT_CONFIRMED = (150, _SAME, "no witness confirms block {height} of {node}: {reasons}")
    ATTACK = (
        151,
        _NEVER,
        "ATTACK: {first} and {second} show two different blocks {height}, both signed by enough"
        " validators. Trust neither. Evidence: {file}; {taken} of {asked} node(s) took it",
    )
    FALSE_PROOF = (152, _NEVER, "{node} proves nothing about what was asked: {reason:word}")
    TOO_FEW_NODES = (153, _SAME, "{agreed} node(s) proved an answer, {need} are needed: {reasons}")
    OTHER_CHAIN = (154, _NEVER, "{node} belongs to chain {given}; the trusted one is {chain}")
    BAD_TRUST = (
        155,
        _NEVER,
        "{given} is no trust to start from: give a genesis file, a trust file or HEIGHT:HASH",
    )
    NOT_TAKEN = (156, _NEVER, "{node} does not take the evidence: {reason:word}")
    TOO_SLOW = (
        158,
        _SAME,
        "{node} did not lead to an answer within {seconds} s: ask another node, or give more time",
    )
    NOT_TAKEN_YET = (
        157,
        _SAME,
        "{node} can judge block {height} only after the next block: try again shortly",
        503,
    )
