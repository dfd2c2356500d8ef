"""The second opinion: balances in plain dictionaries, computed from what blocks say was done.

It reads the JSON of transactions and outcomes, shares no code with the modules and never looks
into the state. Of a transaction's events it trusts only what the actions cannot tell: whether
a proposal was applied, and which lines of a bulk transfer failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import Genesis
from tongbao.modules.accounts import AccountsCode
from tongbao.modules.assets import AssetsCode
from tongbao.simulator.abroad import Abroad
from tongbao.simulator.days import AccountDays, CorridorDays
from tongbao.simulator.membership import Membership
from tongbao.simulator.report import SimulationFault, ensure
from tongbao.simulator.switches import Switches, beyond

JOURNALED: frozenset[str] = frozenset(("exchange", "corridors", "settlement"))
"""Modules each of whose actions announces what it moved, once, as `payments.posted`."""
LIMITS_OF_ACCOUNTS = frozenset((AccountsCode.LIMIT_PER_PAYMENT, AccountsCode.LIMIT_PER_DAY))
MOST_PROPOSALS = 64
UETR_KEPT_MS = 400 * 24 * 3600 * 1000
Json = dict[str, Any]
Place = tuple[str, str]
"""(account, asset)"""


class Model:
    """What everybody should hold."""

    def __init__(self, genesis: Genesis) -> None:
        """Carry out the genesis."""
        self.posted: dict[Place, int] = {}
        self.reserved: dict[Place, int] = {}
        self.issuing: dict[str, str] = {}
        """Asset -> its issuing account."""
        self.holds: dict[str, Json] = {}
        self.scheduled: dict[str, Json] = {}
        self.named: dict[str, list[Any]] = {}
        """UETR -> payer, payee, asset, what may still be returned, and when it was named."""
        self.proposals: dict[str, list[Json]] = {}
        self.proposers: dict[str, str] = {}
        self.accounts = AccountDays()
        self.corridors = CorridorDays()
        self.switches = Switches()
        self.abroad = Abroad()
        self.names: dict[tuple[str, str], int] = {}
        """(party, reference) -> block time at which it was used."""
        self.membership = Membership(genesis)
        self.touched: set[Place] = set()
        self._name = ("genesis", "genesis")
        self._sequence = 0
        self.time_ms = genesis.time_ms
        """Of the newest block that it took in."""
        self.corridors.at(genesis.time_ms)
        actions = msgspec.json.decode(genesis.actions)
        self.switches.genesis(actions, genesis.time_ms)
        self.abroad.genesis(actions, genesis.time_ms)
        for action in actions:
            if action["type"] == "corridors.define":
                seen = action | {"event": "corridors.terms_set", "effective_at_ms": self.time_ms}
                self.corridors.take(seen)
                self.abroad.take(seen)
            # A genesis tells no events: what keeps a journal may stand in it, and move nothing.
            if action["type"].partition(".")[0] not in JOURNALED:
                self._do(action, deque())

    def block(self, record: BlockRecord) -> None:
        """Take a block in."""
        self.time_ms = record.time_ms
        self.accounts.at(record.time_ms)
        self.corridors.at(record.time_ms)
        self.switches.at(record.time_ms)
        self.abroad.at(record.time_ms)
        if record.events:
            brought = msgspec.json.decode(record.events)["events"]
            self._time(brought)
            self._count(brought)
        for raw, outcome in zip(record.transactions, record.outcomes, strict=True):
            envelope, seen = msgspec.json.decode(raw), msgspec.json.decode(outcome)
            body = envelope["body"]
            self._name = (body["party"], body["reference"])
            self.names[self._name] = record.time_ms
            self._sequence = 0
            if seen.get("code") == AssetsCode.CLAWBACK_TOO_MUCH:
                self._out_of_reach(body["actions"])
            elif not seen.get("code"):
                self.switches.envelope(envelope)
                self._count(seen.get("events", ()))
                events = deque(seen.get("events", ()))
                for action in body["actions"]:
                    self._do(action, events)
                self.switches.done()
            elif seen["code"] in LIMITS_OF_ACCOUNTS:
                self._limited(body["actions"], seen["values"])

    def _limited(self, actions: list[Json], why: Json) -> None:
        """Taking an offer from a book is never refused because of its maker's limits."""
        if all(action["type"] in ("exchange.pay", "exchange.place_offer") for action in actions):
            own = {action.get("payer", action.get("account")) for action in actions}
            ensure(why["account"] in own, f"{own} met an offer that {why['account']} may not give")

    def _count(self, events: Iterable[Json]) -> None:
        for event in events:
            self.accounts.take(event)
            self.switches.take(event)
            self.abroad.take(event)
            if event["event"].startswith("corridors."):
                self.corridors.take(event)

    def _out_of_reach(self, actions: list[Json]) -> None:
        """A lawful order was refused because there is less: then there has to be."""
        order = actions[0]
        if len(actions) == 1 and order["type"] == "assets.clawback":
            there = self.posted.get((order["account"], order["asset"]), 0)
            ensure(order["amount_minor"] > there, f"{there} is there, and out of reach: {order}")

    # ---- money ---------------------------------------------------------------------------------

    def _move(self, debit: str, credit: str, asset: str, amount: int) -> None:
        payer, payee = (debit, asset), (credit, asset)
        ensure(payer in self.posted and payee in self.posted, f"{debit} to {credit}: no {asset}")
        ensure(amount > 0, f"{debit} to {credit}: {amount} {asset} moved")
        self.posted[payer] -= amount
        self.posted[payee] += amount
        self.touched |= {payer, payee}
        if self.issuing[asset] != debit:
            ensure(self._free(payer) >= 0, f"{debit} is overdrawn in {asset}")

    def _free(self, place: Place) -> int:
        return self.posted[place] - self.reserved.get(place, 0)

    def _reserve(self, hold: Json, change: int) -> None:
        place = (hold["payer"], hold["asset"])
        self.reserved[place] = self.reserved.get(place, 0) + change
        self.touched.add(place)
        ensure(self._free(place) >= 0, f"{place}: more is set aside than there is")
        ensure(self.reserved[place] >= 0, f"{place}: less than nothing is set aside")

    def _next_id(self) -> str:
        self._sequence += 1
        day = datetime.fromtimestamp(self.time_ms // 1000, UTC).date()
        return f"{self._name[0]}:{self._name[1]}:{day}.{self._sequence}"

    # ---- actions -------------------------------------------------------------------------------

    def _do(self, action: Json, events: deque[Json]) -> None:
        """One action that was done; most kinds move nothing."""
        handler = getattr(self, "_" + action["type"].replace(".", "_"), None)
        if handler is not None:
            handler(action, events)
        elif action["type"].partition(".")[0] in JOURNALED:
            self._journal(events)

    def _open(self, account: str, asset: str) -> None:
        ensure((account, asset) not in self.posted, f"{account} holds {asset} twice")
        self.posted[account, asset] = 0
        self.touched.add((account, asset))

    def _assets_define(self, action: Json, events: deque[Json]) -> None:
        account = f"{action['issuer']}/issue.{action['asset'].lower()}"
        self.issuing[action["asset"]] = account
        self._open(account, action["asset"])

    def _accounts_open(self, action: Json, events: deque[Json]) -> None:
        for asset in action.get("assets", ()):
            self._open(action["account"], asset)

    def _accounts_hold_asset(self, action: Json, events: deque[Json]) -> None:
        self._open(action["account"], action["asset"])

    def _accounts_drop_asset(self, action: Json, events: deque[Json]) -> None:
        place = (action["account"], action["asset"])
        ensure(self.posted.pop(place) == 0, f"{place} was dropped with money in it")
        ensure(self.reserved.pop(place, 0) == 0, f"{place} was dropped with a hold on it")
        self.touched.add(place)

    def _assets_issue(self, action: Json, events: deque[Json]) -> None:
        asset = action["asset"]
        self._move(self.issuing[asset], action["account"], asset, action["amount_minor"])

    def _assets_redeem(self, action: Json, events: deque[Json]) -> None:
        asset = action["asset"]
        self._move(action["account"], self.issuing[asset], asset, action["amount_minor"])

    def _assets_clawback(self, action: Json, events: deque[Json]) -> None:
        """What gave way comes first, then what was taken."""
        while events and events[0]["event"] != "assets.clawed_back":
            seen = events.popleft()
            if seen["event"] == "payments.hold_released" and seen["hold"] in self.holds:
                ensure(seen["amount_minor"] == self.holds[seen["hold"]]["remaining"], "a rest")
                self._release(seen["hold"])
            elif seen["event"] == "payments.posted":
                self._post(seen)
            elif (
                seen["event"] == "accounts.asset_held"
                and (seen["account"], seen["asset"]) not in self.posted
            ):
                self._open(seen["account"], seen["asset"])
        self._assets_redeem(action, events)

    def _payments_transfer(self, action: Json, events: deque[Json]) -> None:
        payer, asset, amount = action["payer"], action["asset"], action["amount_minor"]
        if action.get("up_to"):
            amount = min(amount, self._free((payer, asset)))
        self._move(payer, action["payee"], asset, amount)
        self._named(action.get("uetr", ""), payer, action["payee"], asset, amount)

    def _payments_bulk_transfer(self, action: Json, events: deque[Json]) -> None:
        seen = _next(events, "payments.bulk_transferred")
        failed = {line for line, _ in seen.get("failed", ())}
        ensure(not failed or not action.get("all_or_none", True), "a part of a linked bulk")
        paid = [line for place, line in enumerate(action["lines"]) if place not in failed]
        for payee, amount, _, *rest in paid:
            self._move(action["payer"], payee, action["asset"], amount)
            self._named(rest[0] if rest else "", action["payer"], payee, action["asset"], amount)
        ensure(seen["count"] == len(paid), "a bulk transfer tells another count")
        ensure(seen["total_minor"] == sum(line[1] for line in paid), "a bulk tells another sum")

    def _named(self, uetr: str, payer: str, payee: str, asset: str, amount: int) -> None:
        """What a UETR names may be given back, once each unit; for 400 days nothing else has it."""
        if uetr:
            known = self.named.get(uetr)
            free = known is None or known[4] + UETR_KEPT_MS < self.time_ms
            ensure(free, f"{uetr} names two payments")
            self.named[uetr] = [payer, payee, asset, amount, self.time_ms]

    def _payments_return(self, action: Json, events: deque[Json]) -> None:
        original = self.named[action["uetr"]]
        payer, payee, asset, rest, _ = original
        amount = action.get("amount_minor", 0) or rest
        ensure(0 < amount <= rest, f"more was returned of {action['uetr']} than was paid")
        original[3] = rest - amount
        self._named(action["return_uetr"], payee, payer, asset, 0)
        self._move(payee, payer, asset, amount)

    def _payments_hold(self, action: Json, events: deque[Json]) -> None:
        hold = action | {"id": self._next_id(), "remaining": action["amount_minor"]}
        self.holds[hold["id"]] = hold
        self._reserve(hold, hold["remaining"])

    def _payments_post_hold(self, action: Json, events: deque[Json]) -> None:
        hold = self.holds[action["hold"]]
        amount = action.get("amount_minor", 0) or hold["remaining"]
        ensure(amount <= hold["remaining"], f"more was posted than hold {hold['id']} holds")
        self._reserve(hold, -amount)
        self._move(hold["payer"], hold["payee"], hold["asset"], amount)
        hold["remaining"] -= amount
        if not hold["remaining"] or action.get("final", True):
            self._release(hold["id"])

    def _payments_void_hold(self, action: Json, events: deque[Json]) -> None:
        self._release(action["hold"])

    def _release(self, name: str) -> None:
        hold = self.holds.pop(name)
        self._reserve(hold, -hold["remaining"])

    def _payments_schedule_transfer(self, action: Json, events: deque[Json]) -> None:
        self.scheduled[self._next_id()] = action

    def _payments_cancel_scheduled(self, action: Json, events: deque[Json]) -> None:
        del self.scheduled[action["schedule"]]

    def _parties_propose(self, action: Json, events: deque[Json]) -> None:
        name = self._next_id()
        seen = _next(events, "parties.proposed")
        ensure(seen["proposal"] == name, "a proposal has another id")
        self.proposals[name], self.proposers[name] = action["actions"], action["proposer"]
        count = sum(self.proposers[one] == action["proposer"] for one in self.proposals)
        ensure(count <= MOST_PROPOSALS, f"{action['proposer']} has {count} proposals open")
        if self._applied_at_once(events):
            self._apply_proposal(name, events)

    def _applied_at_once(self, events: deque[Json]) -> bool:
        """A proposal that had approvals enough says so right after it was made."""
        return bool(events) and events[0]["event"] == "parties.proposal_approved"

    def _parties_approve(self, action: Json, events: deque[Json]) -> None:
        if _next(events, "parties.proposal_approved")["applied"]:
            self._apply_proposal(action["proposal"], events)

    def _apply_proposal(self, name: str, events: deque[Json]) -> None:
        for action in self.proposals.pop(name):
            self._do(action, events)

    def _parties_reject(self, action: Json, events: deque[Json]) -> None:
        del self.proposals[action["proposal"]]

    _parties_withdraw = _parties_reject

    # ---- who signs ------------------------------------------------------------------------------

    def _governance_found(self, action: Json, events: deque[Json]) -> None:
        self.membership.found(action)

    def _governance_open(self, action: Json, events: deque[Json]) -> None:
        self.membership.open(self._next_id(), action)

    def _governance_cast(self, action: Json, events: deque[Json]) -> None:
        in_favour = action["in_favour"]
        self.membership.cast(action["vote"], action["party"], in_favour=in_favour)

    def _governance_withdraw(self, action: Json, events: deque[Json]) -> None:
        del self.membership.votes[action["vote"]]

    def _governance_rotate_key(self, action: Json, events: deque[Json]) -> None:
        self._next_id()
        self.membership.rotate(action)

    def _exchange_create_pool(self, action: Json, events: deque[Json]) -> None:
        assets = action["asset_a"], action["asset_b"]
        for asset in assets:
            self._open(f"@exchange/{':'.join(assets)}:{action['fee_bps']}", asset)
        self._journal(events)

    def _exchange_pay(self, action: Json, events: deque[Json]) -> None:
        more = beyond(action, _next(events, "exchange.converted"))
        ensure(not more, f"{self._name} was paid across the market: {more}")
        self._journal(events)

    # ---- modules that keep a journal ------------------------------------------------------------

    def _journal(self, events: deque[Json]) -> None:
        """What an action of another module says it moved: nothing else may differ afterwards."""
        self._post(_next(events, "payments.posted"))

    def _post(self, seen: Json) -> None:
        """In what order legs and reservations came, a journal does not tell: its end has to fit."""
        places: set[Place] = set()
        for account, asset, change in seen.get("reserved", ()):
            self.reserved[account, asset] = self.reserved.get((account, asset), 0) + change
            places.add((account, asset))
        for debit, credit, asset, amount in seen.get("postings", ()):
            ensure(amount > 0, f"{debit} to {credit}: {amount} {asset} moved")
            self.posted[debit, asset] -= amount
            self.posted[credit, asset] += amount
            places |= {(debit, asset), (credit, asset)}
        self.touched |= places
        for account, asset in places:
            place = (account, asset)
            ensure(self.reserved.get(place, 0) >= 0, f"{place}: less than nothing is set aside")
            if self.issuing[asset] != account:
                ensure(self._free(place) >= 0, f"{place}: overdrawn by a journal")

    # ---- time ----------------------------------------------------------------------------------

    def _time(self, events: Iterable[Json]) -> None:
        """What timers brought: each has to be due, and something has to be waiting."""
        for event in events:
            kind = event["event"]
            if kind == "payments.hold_released":
                hold = self.holds[event["hold"]]
                self._due(hold["due_at_ms"])
                ensure(event["amount_minor"] == hold["remaining"], "another rest was released")
                self._release(event["hold"])
            elif kind == "payments.transferred":
                order = self.scheduled.pop(event["schedule"])
                self._due(order["due_at_ms"])
                amount = order["amount_minor"]
                self._move(order["payer"], order["payee"], order["asset"], amount)
                paid = order["payer"], order["payee"], order["asset"], amount
                self._named(order.get("uetr", ""), *paid)
            elif kind == "payments.schedule_ended":
                self._due(self.scheduled.pop(event["schedule"])["due_at_ms"])
            elif kind == "payments.posted":
                self._post(event)
            elif kind.partition(".")[0] in JOURNALED or kind == "payments.return_answered":
                continue
            elif kind == "parties.proposal_ended":
                del self.proposals[event["proposal"]]
            elif kind == "governance.vote_ended":
                self.membership.expired(event["vote"], self.time_ms)
            elif kind == "governance.misbehavior_recorded":
                continue
            else:
                ensure(False, f"time brought {kind}")

    def _due(self, due_at_ms: int) -> None:
        ensure(due_at_ms <= self.time_ms, "a timer came before its time")


def _next(events: deque[Json], kind: str) -> Json:
    """The next event of a kind; what the actions tell themselves is passed over."""
    while events:
        event = events.popleft()
        if event["event"] == kind:
            return event
    raise SimulationFault(f"there is no event {kind}")
