"""What a founding means, for people and programs: members, power, terms, what is there first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tongbao.cli.shell.output import output
from tongbao.sdk.sentences import Sentences, moment
from tongbao.words import Both, text_of

if TYPE_CHECKING:
    from tongbao.node.comet.ceremony.deriving import Derived
    from tongbao.node.comet.ceremony.documents import Document, Member, Terms

FIRST = 30
"""Opening actions that are shown in words unless all are asked for."""
_OF_MEMBERS = ("parties.registered", "parties.key_added", "parties.policy_set")


def member_facts(member: Member) -> dict[str, str]:
    """A member in words."""
    return {
        "party": member.party, "name": member.name, "name_local": member.name_local,
        "roles": ", ".join(member.roles), "jurisdiction": member.jurisdiction,
        "lei": member.lei, "uscc": member.uscc, "address": member.address,
        "power": str(member.power), "keys": ", ".join(key.label for key in member.keys),
        "four_eyes": ", ".join(s for s, p in member.policies.items() if p.keys > 1),
        "chain": member.chain, "fingerprint": member.fingerprint(),
    }  # fmt: skip


def show_document(file: Path, document: Document) -> None:
    """A request, terms or an approval, which hold for themselves."""
    from tongbao.node.comet.ceremony.documents import Approval, Request, Terms

    facts: dict[str, str] = {}
    if isinstance(document, Request):
        facts = member_facts(document.member)
    elif isinstance(document, Terms):
        facts = _term_facts(document)
    elif isinstance(document, Approval):
        facts = {
            "party": document.party, "chain": document.chain, "genesis": document.genesis,
            "founding": document.founding, "signatures": str(len(document.signatures)),
        }  # fmt: skip
    value = {"file": str(file), "format": document.format, **facts}

    def show() -> None:
        output.facts(f"{file}: {document.format}", {k: v for k, v in facts.items() if v})
        if isinstance(document, Approval):
            output.say(
                "Whether its signatures hold is shown beside the founding file: check"
                " FOUNDING APPROVAL...",
                "yellow",
            )

    output.result(value, show)


def _term_facts(terms: Terms) -> dict[str, str]:
    rules = terms.governance
    total = sum(terms.members.values())
    opening = msgspec.json.decode(terms.actions, type=list[msgspec.Raw])
    return {
        "chain": terms.chain, "agreement": terms.agreement,
        "members": ", ".join(f"{name} {power}" for name, power in terms.members.items()),
        "votes_carry": f"> {rules.numerator}/{rules.denominator} of {total}",
        "window": f"{rules.window_ms // 60_000} min",
        "notice": f"{rules.notice_blocks} blocks", "suites": ", ".join(terms.suites),
        "names_remembered": f"{terms.name_memory_ms // 86_400_000} days",
        "opening_actions": str(len(opening)),
    }  # fmt: skip


# ---- a whole founding ----------------------------------------------------------------------------


def show_derived(
    derived: Derived, file: Path, approved: Sequence[str], *, all_events: bool
) -> None:
    """Digest, members with power, terms, opening state, concerns, and who has approved."""
    from tongbao.node.comet.ceremony.approving import concerns

    powers = derived.founding.terms.members
    total = sum(powers.values())
    opening = [msgspec.to_builtins(one) for one in derived.events]
    reported = concerns(derived)
    value: dict[str, Any] = {
        "file": str(file), "chain": derived.genesis.chain, "genesis": derived.genesis.digest(),
        "founding": derived.founding.digest(), "time_ms": derived.genesis.time_ms,
        "members": [
            member_facts(one) | {"power": powers[name], "wished_power": one.power}
            for name, one in derived.members.items()
        ],
        "total_power": total, "may_be_away": total - (2 * total // 3 + 1),
        "terms": _term_facts(derived.founding.terms), "opening": opening,
        "concerns": [{"en": str(one), "zh": text_of(one, "zh")} for one in reported],
        "approved_by": list(approved),
        "missing": sorted(set(derived.members) - set(approved)),
    }  # fmt: skip
    output.result(value, lambda: _show(value, opening, all_events=all_events))


def _show(value: dict[str, Any], opening: list[dict[str, Any]], *, all_events: bool) -> None:
    total = value["total_power"]
    columns = [
        output.text("party"), output.text("name"),
        output.text("where"), output.text("address"),
        output.text("power"), output.text("share %"),
    ]  # fmt: skip
    rows = [
        [
            one["party"], _name(one), one["jurisdiction"], one["address"], str(one["power"]),
            f"{100 * one['power'] / total:.1f}",
        ]
        for one in value["members"]
    ]  # fmt: skip
    output.table(output.text("Founding {chain}", chain=value["chain"]), columns, rows)
    for one in value["members"]:
        numbers = " ".join(n for n in (one["lei"], one["uscc"]) if n)
        eyes = one["four_eyes"] or "-"
        reported = " ".join(part for part in (one["party"], one["roles"], numbers) if part)
        output.say(
            "{approvals}, four eyes: {eyes}\n  fingerprint {fingerprint}",
            approvals=reported,
            eyes=eyes,
            fingerprint=one["fingerprint"],
        )
    output.facts("", {"time": moment(value["time_ms"]), **_without_blanks(value["terms"])})
    output.say(
        "Of {total} power, {may_be_away} may be away or dishonest.",
        total=total,
        may_be_away=value["may_be_away"],
    )
    _show_opening(value, opening, all_events=all_events)
    for one in value["concerns"]:
        output.say("Consider: {what}.", "yellow", what=Both(one["en"], one["zh"]))
    _show_approvals(value)
    output.say("Genesis {genesis}", "green", genesis=value["genesis"])


def _name(one: dict[str, str]) -> str:
    local = output.language == "zh" and one["name_local"]
    return one["name_local"] if local else one["name"]


def _without_blanks(facts: dict[str, str]) -> dict[str, str]:
    return {name: fact for name, fact in facts.items() if fact}


def _show_opening(
    value: dict[str, Any], opening: list[dict[str, Any]], *, all_events: bool
) -> None:
    members = {one["party"] for one in value["members"]}
    lines = list(_lines(opening, members))
    output.say("Before the first block:")
    shown = lines if all_events else lines[:FIRST]
    for line in shown or [output.text("nothing but the members")]:
        output.say("  {line}", line=line)
    if len(shown) < len(lines):
        left = Counter(one["event"] for one in opening)
        kinds = ", ".join(f"{kind} {count}" for kind, count in left.most_common())
        output.say(
            "  ... and {count} more (--all). All events by kind: {kinds}",
            count=len(lines) - len(shown),
            kinds=kinds,
        )


def _lines(opening: list[dict[str, Any]], members: set[str]) -> Iterator[str]:
    """Each opening event as a sentence; the members' own registrations stand in the table."""
    from tongbao.kernel.registry import Registry
    from tongbao.modules import installed

    assets = [one for one in opening if one["event"] == "assets.defined"]
    reported = Sentences(output.language, {one["asset"]: one["decimals"] for one in assets})
    kinds = Registry(installed()).events
    for event in opening:
        kind = str(event["event"])
        own = kind in _OF_MEMBERS and event.get("party") in members
        if not own and not kind.startswith("governance."):
            yield from reported.tell(kinds.get(kind), event)


def _show_approvals(value: dict[str, Any]) -> None:
    approved, missing = ", ".join(value["approved_by"]), ", ".join(value["missing"])
    if not missing:
        output.say("Approved by every member.", "green")
    else:
        given = approved or output.text("nobody")
        output.say(
            "Approved by {given}; still to approve: {missing}.", given=given, missing=missing
        )
