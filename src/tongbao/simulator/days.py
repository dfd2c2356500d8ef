"""The second opinion on limits and days: what left each account, and each corridor, on a UTC day.

It listens to events alone, shares no code with the modules and never looks into the state. What it
knows it holds against the limits at once, and against the ledger's own counts after each block.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tongbao.simulator.report import ensure

Json = dict[str, Any]
Place = tuple[str, str]
"""(account, asset), or (corridor, party that pays)"""
DAY_MS = 24 * 3600 * 1000
ASKED = frozenset(f"exchange.{one}" for one in ("place_offer", "pay", "create_pool", "deposit"))
"""Actions that move nothing unasked: every amount that leaves by them is within the limits."""
ENDED = frozenset(("refused", "ended", "cancelled"))


def _owner(account: str) -> str:
    return account.partition("/")[0]


class AccountDays:
    """What left accounts, beside the limits that were set for them."""

    def __init__(self) -> None:
        """Nobody has limits."""
        self.limits: dict[Place, tuple[int, int]] = {}
        """Place -> most of one payment and of a day; 0 is none."""
        self.asked: dict[Place, int] = defaultdict(int)
        """What left today, or was promised today, and had to be within the limit of the day."""
        self.left: dict[Place, int] = defaultdict(int)
        """All that left today, for whatever reason."""
        self.counting: dict[Place, int] = defaultdict(int)
        """What left today since the limits were set, and has to stand in the ledger's count."""
        self.holds: dict[str, Json] = {}
        self.changed: set[Place] = set()
        self.netted: set[str] = set()
        """Batches whose legs count, and of which the net alone leaves."""
        self._loose = False
        """Whether one of them settled today: then more may count than left."""
        self._day = 0

    def at(self, time_ms: int) -> None:
        """A block of this time: on a new day nothing has left yet."""
        if time_ms // DAY_MS != self._day:
            self._loose = False
            self._day = time_ms // DAY_MS
            for counts in (self.asked, self.left, self.counting):
                counts.clear()

    def take(self, event: Json) -> None:
        """Listen to one event."""
        handler = getattr(self, "_" + event["event"].replace(".", "_"), None)
        if handler is not None:
            handler(event)

    def _accounts_limits_set(self, event: Json) -> None:
        place = (event["account"], event["asset"])
        self.limits[place] = (event.get("per_payment", 0), event.get("per_day", 0))
        self.counting.pop(place, None)

    def _accounts_asset_dropped(self, event: Json) -> None:
        place = (event["account"], event["asset"])
        self.limits.pop(place, None)
        for counts in (self.asked, self.left, self.counting):
            counts.pop(place, None)

    def _accounts_closed(self, event: Json) -> None:
        for account, asset in [one for one in self.limits if one[0] == event["account"]]:
            self._accounts_asset_dropped({"account": account, "asset": asset})

    def _ask(self, place: Place, amount: int, *, once: bool = True) -> int:
        """Hold an amount against the limits; what counts for the day."""
        most, day = self.limits.get(place, (0, 0))
        ensure(not (once and most) or amount <= most, f"{place}: {amount} at once, above {most}")
        if not day:
            return 0
        self.asked[place] += amount
        reported = f"{place}: {self.asked[place]} on a day, above {day}"
        ensure(self.asked[place] <= day, reported)
        return amount

    def _leaves(self, place: Place, amount: int, *, counts: bool) -> None:
        self.left[place] += amount
        self.changed.add(place)
        if counts and self.limits.get(place, (0, 0))[1]:
            self.counting[place] += amount

    def _pays(self, event: Json, amount: int, payer: str = "payer") -> None:
        place = (event[payer], event["asset"])
        self._ask(place, amount)
        self._leaves(place, amount, counts=True)

    def _payments_transferred(self, event: Json) -> None:
        hold = self.holds.get(event.get("hold", ""))
        if hold is None:
            self._pays(event, event["amount_minor"])
            return
        place, amount = (event["payer"], event["asset"]), event["amount_minor"]
        if hold["own"] and not (hold["counted"] and hold["day"] == self._day):
            self._ask(place, amount)
        hold["counted"] = max(0, hold["counted"] - amount)
        self._leaves(place, amount, counts=True)

    def _payments_bulk_transferred(self, event: Json) -> None:
        if event["total_minor"]:
            self._pays(event, event["total_minor"])

    def _assets_redeemed(self, event: Json) -> None:
        self._pays(event, event["amount_minor"], "account")

    def _payments_hold_opened(self, event: Json) -> None:
        place = (event["payer"], event["asset"])
        counted = self._ask(place, event["amount_minor"])
        # What nobody else decides on is no promise, but a payment of the day on which it is posted.
        own = not event.get("hashlock") and event.get("arbiter", "") in ("", _owner(place[0]))
        hold = {"place": place, "counted": counted, "day": self._day, "own": own}
        self.holds[event["hold"]] = hold
        self.changed.add(place)

    def _payments_hold_released(self, event: Json) -> None:
        hold = self.holds.pop(event["hold"])
        self.changed.add(hold["place"])
        if hold["day"] == self._day:
            self.asked[hold["place"]] -= hold["counted"]

    def _settlement_batch_proposed(self, event: Json) -> None:
        if event.get("netted"):
            self.netted.add(event["batch"])

    def _settlement_batch_settled(self, event: Json) -> None:
        self._loose = self._loose or event["batch"] in self.netted

    def _payments_posted(self, event: Json) -> None:
        cause = event.get("cause", "")
        legs = cause.startswith("settlement.")
        for account, asset, _ in event.get("reserved", ()):
            self.changed.add((account, asset))
        for debit, _, asset, amount in event.get("postings", ()):
            if cause in ASKED or legs:
                self._ask((debit, asset), amount, once=False)
            counts = cause in ASKED or cause == "exchange.pay_quote" or legs
            self._leaves((debit, asset), amount, counts=counts)

    def compare(self, place: Place, spent: int, reserved: int) -> None:
        """Hold the ledger's count for today against what left, and what is promised still."""
        left = self.left.get(place, 0)
        reported = f"{place}: the day counts {spent}; {left} left, {reserved} is set aside"
        ensure(self._loose or spent <= left + reserved, reported)
        day = self.limits.get(place, (0, 0))[1]
        least = min(day, self.counting.get(place, 0))
        ensure(spent >= least, f"{place}: the day counts {spent}, {least} of it left")


class CorridorDays:
    """What moved through corridors, beside the rules in force."""

    def __init__(self) -> None:
        """No corridor."""
        self.terms: dict[str, dict[int, Json]] = defaultdict(dict)
        """Corridor -> from when -> its terms."""
        self.payments: dict[str, Json] = {}
        self.moved: dict[Place, int] = defaultdict(int)
        """What moved today."""
        self.waiting: dict[str, tuple[Place, int]] = {}
        """Payments that were accepted today and wait: the most that each may move."""
        self.changed: set[Place] = set()
        self._now = 0

    def at(self, time_ms: int) -> None:
        """A block of this time: on a new day nothing has moved, and what waits does not count."""
        if time_ms // DAY_MS != self._now // DAY_MS:
            self.moved.clear()
            self.waiting.clear()
        self._now = time_ms

    def take(self, event: Json) -> None:
        """Listen to one event."""
        kind = event["event"].removeprefix("corridors.")
        if kind == "terms_set":
            self.terms[event["corridor"]][event["effective_at_ms"]] = event["terms"]
        elif kind == "terms_withdrawn":
            del self.terms[event["corridor"]][event["effective_at_ms"]]
        elif kind == "accepted":
            accepted = self._in_force(event["corridor"])
            self.payments[event["uetr"]] = event | {"terms": accepted}
        elif kind == "held":
            one = self.payments[event["uetr"]]
            most = one["instructed_minor" if one["exact"] == "send" else "limit_minor"]
            self.waiting[event["uetr"]] = (self._place(event["uetr"]), most)
        elif kind == "stepped":
            self._steps(event)
        elif kind == "settled":
            self._settles(event)

    def _place(self, uetr: str) -> Place:
        one = self.payments[uetr]
        # All accounts of a party have one limit together.
        place = (one["corridor"], _owner(one["payer"]))
        self.changed.add(place)
        return place

    def _in_force(self, corridor: str) -> Json:
        known = self.terms[corridor]
        newest = max((one for one in known if one <= self._now), default=None)
        return {} if newest is None else known[newest]

    def _rule(self, terms: Json, name: str) -> Json:
        rules = [r for r in terms.get(name, ()) if r.get("effective_from_ms", 0) <= self._now]
        return max(rules, key=lambda rule: int(rule.get("effective_from_ms", 0)), default={})

    def _steps(self, event: Json) -> None:
        if event["step"] == "envelope":
            self.payments[event["uetr"]]["travel_rule"] = event["note"]
        if event["state"] in ENDED and event["uetr"] in self.waiting:
            del self.waiting[event["uetr"]]
            self._place(event["uetr"])

    def _settles(self, event: Json) -> None:
        one = self.payments[event["uetr"]]
        place = self._place(event["uetr"])
        self.waiting.pop(event["uetr"], None)
        sends = one["exact"] == "send"
        amount = one["instructed_minor"] if sends else event["converted_minor"]
        self.moved[place] += amount
        for terms in (one["terms"], self._in_force(one["corridor"])):
            limit = self._rule(terms, "limits")
            most, day = limit.get("per_payment_minor", 0), limit.get("per_day_minor", 0)
            ensure(not most or amount <= most, f"{place}: {amount} moved at once, above {most}")
            reported = f"{place}: {self.moved[place]} moved on a day, above {day}"
            ensure(not day or self.moved[place] <= day, reported)
            threshold = self._rule(terms, "travel_rule")
            needed = bool(threshold) and amount >= threshold.get("from_minor", 0)
            ensure(not needed or one.get("travel_rule"), f"{place}: {amount} without envelope")
            purposes = self._rule(terms, "purposes").get("codes", ())
            fits = not purposes or one.get("purpose", "") in purposes
            ensure(fits, f"{place}: a purpose that is not carried")

    def expected(self, place: Place) -> int:
        """What the ledger should count for a party in a corridor today."""
        waiting = sum(most for where, most in self.waiting.values() if where == place)
        return self.moved.get(place, 0) + waiting
