"""Existing names that are similar to a mistyped one."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.sdk.client import Client, Problem

MOST = 500
"""How many names are looked at: this is a help, and has to be quick."""
_WAYS = {
    "SUBJECT_MISSING": (
        "\nTheir digests are made by: tongbao travel subject PERSON.json\n"
        "Give them to the payment: --originator DIGEST --beneficiary DIGEST\n"
        "A bank's message (pay bank) names both ends; it takes: --nonce NONCE",
        "\n生成双方摘要：tongbao travel subject PERSON.json\n"
        "付款时加上：--originator DIGEST --beneficiary DIGEST\n"
        "银行报文（pay bank）已含双方信息，只须加上：--nonce NONCE",
    ),
    "ENVELOPE_MISSING": (
        "\nMade by: tongbao travel seal PAYER.json PAYEE.json --uetr UETR --to PARTY -o FILE\n"
        "Attached by: tongbao corridor attach-envelope --uetr UETR --by PARTY --travel-rule SHA256",
        "\n生成信封：tongbao travel seal PAYER.json PAYEE.json --uetr UETR --to PARTY -o FILE\n"
        "附上信封：tongbao corridor attach-envelope --uetr UETR --by PARTY --travel-rule SHA256",
    ),
}
"""Refusals of the ledger -> what to type before trying again, in both languages."""
_MISSING = re.compile(r"there is no (account|asset|party) (\S+?)[.:;,]?$")


def way(name: str) -> tuple[str, str]:
    """What to type after a refusal of this name; empty where its sentence says all."""
    return _WAYS.get(name, ("", ""))


def neighbours(ledger: Client, problem: Problem) -> tuple[str, str] | None:
    """What to add to a refusal in both languages; None where nothing is near."""
    found = _MISSING.search(problem.document.detail or "")
    if found is None:
        return None
    kind, name = found.groups()
    try:
        near = get_close_matches(name, _names(ledger, kind, name), 3, 0.6)
    except Exception:  # the refusal itself is what has to be told
        return None
    if not near:
        return None
    return f"; did you mean {', '.join(near)}?", f"；是否为 {'、'.join(near)}？"


def _names(ledger: Client, kind: str, name: str) -> list[str]:
    if kind == "asset":
        return [one.asset for one in islice(ledger.assets(), MOST)]
    parties = [one.party for one in islice(ledger.parties(), MOST)]
    if kind == "party":
        return parties
    owner, _, rest = name.partition("/")
    owners = get_close_matches(owner, parties, 2, 0.6)
    accounts = [
        one.account for party in owners for one in islice(ledger.accounts(party=party), MOST)
    ]
    return accounts or [f"{party}/{rest}" for party in owners]
