"""The second opinion on payments abroad: who serves, hours, results of screeners, quotes, charges.

Limits and purposes are in `days`. It listens to events alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tongbao.simulator.report import ensure

Json = dict[str, Any]
MINUTE_MS, MINUTES_A_DAY, THURSDAY = 60_000, 1_440, 3


class Abroad:
    """What a payment through a corridor needs besides money."""

    def __init__(self) -> None:
        """Nobody serves, nobody was screened."""
        self.terms: dict[str, dict[int, Json]] = defaultdict(dict)
        self.served: set[tuple[str, str]] = set()
        """(corridor, party)"""
        self.banks: dict[str, str] = {}
        """Account -> who keeps it, where that is not its owner."""
        self.accepted: dict[str, Json] = {}
        self.released: dict[str, int] = {}
        """UETR -> when a screener let it go."""
        self.results: dict[tuple[str, str], Json] = {}
        """(subject, screener) -> the newest result, with the time it was stated at."""
        self._now = 0

    def genesis(self, actions: list[Json], time_ms: int) -> None:
        """What the chain began with: a genesis tells no events."""
        self.at(time_ms)
        kinds = {"accounts.open": "accounts.opened", "corridors.serve": "corridors.serving_began"}
        for action in actions:
            if action["type"] in kinds:
                self.take(action | {"event": kinds[action["type"]]})

    def at(self, time_ms: int) -> None:
        """A block of this time."""
        self._now = time_ms

    def take(self, event: Json) -> None:
        """Listen to one event."""
        handler = getattr(self, "_" + event["event"].replace(".", "_"), None)
        if handler is not None:
            handler(event)

    def _accounts_opened(self, event: Json) -> None:
        self.banks[event["account"]] = event.get("servicer", "")

    def _corridors_terms_set(self, event: Json) -> None:
        self.terms[event["corridor"]][event["effective_at_ms"]] = event["terms"]

    def _corridors_terms_withdrawn(self, event: Json) -> None:
        del self.terms[event["corridor"]][event["effective_at_ms"]]

    def _corridors_serving_began(self, event: Json) -> None:
        self.served.add((event["corridor"], event["party"]))

    def _corridors_serving_ended(self, event: Json) -> None:
        self.served.discard((event["corridor"], event["party"]))

    def _corridors_attested(self, event: Json) -> None:
        self.results[event["subject"], event["by"]] = event | {"at": self._now}

    def _corridors_accepted(self, event: Json) -> None:
        known = self.terms[event["corridor"]]
        newest = max(one for one in known if one <= self._now)
        self.accepted[event["uetr"]] = event | {"terms": known[newest]}
        for account in (event["payer"], event["payee"]):
            bank = self.banks.get(account) or account.partition("/")[0]
            reported = f"{event['uetr']}: {bank} does not serve {event['corridor']}"
            ensure((event["corridor"], bank) in self.served, reported)

    def _corridors_stepped(self, event: Json) -> None:
        if event["step"] == "released":
            self.released[event["uetr"]] = self._now

    def _corridors_settled(self, event: Json) -> None:
        one = self.accepted[event["uetr"]]
        late = self._now > one["deadline_ms"]
        ensure(not late, f"{event['uetr']} settled after its deadline")
        sends = one["exact"] == "send"
        arrived, limit = event["arrived_minor"], event.get("limit_minor", 0)
        fits = arrived >= limit if sends else event["converted_minor"] <= limit
        exact = sends or arrived == one["instructed_minor"]
        converts = one["send_asset"] != one["receive_asset"]
        reported = f"{event['uetr']}: {event}, where {one} was signed"
        ensure((fits and exact) or not converts, reported)
        amount = one["instructed_minor"] if sends else event["converted_minor"]
        known = self.terms[one["corridor"]]
        newest = max((at for at in known if at <= self._now), default=None)
        now = one["terms"] if newest is None else known[newest]
        for terms in (one["terms"], now):
            self._open(terms, event["uetr"])
            self._screened(terms, one, amount)

    def _rules(self, terms: Json, name: str) -> list[Json]:
        return [r for r in terms.get(name, ()) if r.get("effective_from_ms", 0) <= self._now]

    def _open(self, terms: Json, uetr: str) -> None:
        newest: dict[str, Json] = {}
        for hours in sorted(
            self._rules(terms, "hours"), key=lambda one: int(one.get("effective_from_ms", 0))
        ):
            newest[hours["calendar"]] = hours
        for calendar, hours in newest.items():
            local = self._now // MINUTE_MS + hours.get("utc_offset_minutes", 0)
            day, minute = divmod(local, MINUTES_A_DAY)
            fits = hours["opens_minute"] <= minute < hours["closes_minute"]
            works = (day + THURSDAY) % 7 in hours["weekdays"]
            ensure(fits and works, f"{uetr} settled while {calendar} is closed")

    def _screened(self, terms: Json, one: Json, amount: int) -> None:
        rules = self._rules(terms, "screening")
        rule = max(rules, key=lambda r: int(r.get("effective_from_ms", 0)), default=None)
        released = self.released.get(one["uetr"])
        verdicts = []
        for subject in (one.get("originator", ""), one.get("beneficiary", "")):
            found = [self.results.get((subject, by)) for by in terms.get("screeners", ())]
            live = [r for r in found if r is not None and r["expires_at_ms"] > self._now]
            since = [r for r in live if r["verdict"] == "hit" and r["at"] > (released or 0)]
            if released is not None and subject:
                ensure(not since, f"{one['uetr']} settled although {subject} was hit since")
            verdicts.append({r["verdict"] for r in live})
        if released is None and rule is not None and amount >= rule.get("from_minor", 0):
            clear = all(v == {"clear"} for v in verdicts)
            ensure(clear, f"{one['uetr']} settled without a clear result")
