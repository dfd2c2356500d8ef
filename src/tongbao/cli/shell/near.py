"""Existing names that are similar to a mistyped one."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from tongbao.kernel.wording import Text, message

if TYPE_CHECKING:
    from tongbao.sdk import Client, Problem

MOST = 500
"""How many names are looked at: this is a help, and has to be quick."""
_HINTS = {
    "SUBJECT_MISSING": message(
        "\nTheir digests are made by: tongbao travel subject PERSON.json\n"
        "Give them to the payment: --originator DIGEST --beneficiary DIGEST\n"
        "A bank's message (pay bank) names both ends; it takes: --nonce NONCE"
    ),
    "ENVELOPE_MISSING": message(
        "\nMade by: tongbao travel seal PAYER.json PAYEE.json --uetr UETR --to PARTY -o FILE\n"
        "Attached by: tongbao corridor attach-envelope --uetr UETR --by PARTY --travel-rule SHA256"
    ),
}
"""Refusals of the ledger -> what to type before trying again."""
_KINDS = ("account", "asset", "party")


def way(name: str) -> Text:
    """What to type after a refusal of this name; empty where its sentence says all."""
    return Text(_HINTS.get(name, ""))


def neighbours(ledger: Client, problem: Problem) -> Text | None:
    """What to add to a refusal; None where nothing is near."""
    kind, name = _missing(problem)
    if not name:
        return None
    try:
        near = get_close_matches(name, _names(ledger, kind, name), 3, 0.6)
    except Exception:  # the refusal itself is what has to be shown
        return None
    near = [one for one in near if one != name]  # it may be there, for others
    return Text("; did you mean {names}?", names=", ".join(near)) if near else None


def _missing(problem: Problem) -> tuple[str, str]:
    """Kind and name of what a refusal says is not there."""
    values = problem.document.values
    if problem.name == "NOT_FOUND" and values.get("kind") in _KINDS:
        return str(values["kind"]), str(values.get("id", ""))
    if problem.name.endswith("_UNKNOWN"):
        return next(((kind, str(values[kind])) for kind in _KINDS if kind in values), ("", ""))
    return "", ""


def _names(ledger: Client, kind: str, name: str) -> list[str]:
    if kind == "asset":
        return [one.asset for one in islice(ledger.assets.list(), MOST)]
    parties = [one.party for one in islice(ledger.parties.list(), MOST)]
    if kind == "party":
        return parties
    owner, _, rest = name.partition("/")
    owners = get_close_matches(owner, parties, 2, 0.6)
    accounts = [
        one.account for party in owners for one in islice(ledger.accounts.list(party=party), MOST)
    ]
    if accounts:
        return accounts
    # Those of others are not listed; which account a name is, everybody may ask.
    guesses = [f"{party}/{one}" for party in owners for one in (rest, "main")]
    return list(ledger.accounts.resolve(guesses)) or [f"{party}/{rest}" for party in owners]
