"""The second opinion on who may: freezes, pauses, lists, suspensions, numbers, approvals, times.

As with limits, it listens to events and signatures alone, and never looks into the state.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tongbao.simulator.report import ensure

Json = dict[str, Any]
Place = tuple[str, str]
"""(account, asset)"""
DAY_MS = 24 * 3600 * 1000
AHEAD_MS = 400 * DAY_MS
MOST_NUMBERS, MOST_KEYS = 32, 32
OF_KEYS = frozenset(
    f"parties.{one}" for one in ("add_key", "rotate_key", "revoke_key", "set_policy")
)
ISO_DECIMALS = {"JPY": 0, "KWD": 3, "HKD": 2, "CNY": 2, "EUR": 2, "USD": 2}
AS_EVENTS = {
    "accounts.open": "accounts.opened", "assets.define": "assets.defined",
    "parties.register": "parties.registered",
    "parties.set_policy": "parties.policy_set",
}  # fmt: skip
"""A genesis tells no events: its actions stand for them."""


class Switches:
    """Everything that says yes or no to somebody."""

    def __init__(self) -> None:
        """Nothing is forbidden."""
        self.frozen: dict[str, set[Place]] = defaultdict(set)
        """Account, or account and asset with a space between -> who froze it, and how."""
        self.paused: set[str] = set()
        self.listed: set[Place] = set()
        """(account, asset) that the issuer authorised."""
        self.asks_list: set[str] = set()
        self.asks_reference: set[str] = set()
        self.suspended: set[str] = set()
        self.numbers: dict[str, str] = {}
        self.policies: dict[str, dict[str, int]] = defaultdict(dict)
        """Party -> scope -> how many keys."""
        self.keys: dict[str, dict[str, Json]] = defaultdict(dict)
        """Party -> key -> its scopes, and when it expires."""
        self.holds: dict[str, Json] = {}
        self.paid: dict[str, Json] = {}
        """UETR -> the payment that bears it."""
        self.requested: set[str] = set()
        self.quotes: dict[str, Json] = {}
        self.batches: dict[str, tuple[set[str], set[str]]] = {}
        """Batch -> who delivers, and who approved."""
        self._locked: set[str] = set()
        """Parties whose keys or policies the envelope changed."""
        self._now = 0

    def genesis(self, actions: Iterable[Json], time_ms: int) -> None:
        """What the chain began with."""
        self.at(time_ms)
        for action in actions:
            if action["type"] in AS_EVENTS:
                reported = action | {"event": AS_EVENTS[action["type"]]}
                if action["type"] == "parties.set_policy":
                    reported |= {"scope": action["applies_to"], **action["policy"]}
                self.take(reported)
            if action["type"] == "parties.register":
                for key in action["keys"]:
                    public = b64decode(key["public"])
                    name = hashlib.sha256(key["suite"].encode() + b"\0" + public).hexdigest()[:20]
                    self.keys[action["party"]][name] = key

    def at(self, time_ms: int) -> None:
        """A block of this time."""
        self._now = time_ms

    # ---- envelopes -----------------------------------------------------------------------------

    def envelope(self, envelope: Json) -> None:
        """One that was done: who signed it."""
        body = envelope["body"]
        signed = Counter(one.get("party") or body["party"] for one in envelope["signatures"])
        idle = sorted(signed.keys() & self.suspended)
        ensure(body["party"] not in idle, f"{body['party']} is suspended, and acts")
        for action in body["actions"]:
            self._signed(action, signed)

    def _signed(self, action: Json, signed: Counter[str]) -> None:
        kind = action["type"]
        if kind in OF_KEYS:
            needed = max(self.policies[action["party"]].values(), default=1)
            reported = (
                f"{kind} of {action['party']} by {signed[action['party']]} keys, not {needed}"
            )
            ensure(signed[action["party"]] >= needed, reported)
        elif kind == "payments.transfer":
            owner = _owner(action["payer"])
            own = self.policies[owner]
            needed = own.get("payments", own.get("*", 1))
            ensure(signed[owner] >= needed, f"{owner} pays by {signed[owner]} keys, not {needed}")
        elif kind in ("payments.post_hold", "payments.void_hold"):
            self._hold_ends(action, signed)
        elif kind == "payments.return" and action["uetr"] in self.paid:
            payee = _owner(self.paid[action["uetr"]]["payee"])
            ensure(payee in signed, f"{action['uetr']} was returned by {sorted(signed)}")

    def _hold_ends(self, action: Json, signed: Counter[str]) -> None:
        hold = self.holds.get(action["hold"], {})
        lock = hold.get("hashlock", "")
        posts = action["type"] == "payments.post_hold"
        if posts and lock:
            shown = hashlib.sha256(b64decode(action.get("preimage", ""))).hexdigest()
            ensure(shown == lock, f"{action['hold']} was opened by another preimage")
        elif hold:
            by = hold.get("arbiter") or _owner(hold["payer" if posts else "payee"])
            ensure(by in signed, f"{action['hold']} was ended by {sorted(signed)}, not by {by}")

    # ---- events --------------------------------------------------------------------------------

    def take(self, event: Json) -> None:
        """Listen to one event."""
        handler = getattr(self, "_" + event["event"].replace(".", "_"), None)
        if handler is not None:
            handler(event)

    def _accounts_opened(self, event: Json) -> None:
        if event.get("reference_required"):
            self.asks_reference.add(event["account"])

    def _accounts_reference_required_set(self, event: Json) -> None:
        change = self.asks_reference.add if event.get("required") else self.asks_reference.discard
        change(event["account"])

    def _accounts_frozen(self, event: Json) -> None:
        self.frozen[event["account"]].add((event["by"], "account"))

    def _accounts_unfrozen(self, event: Json) -> None:
        self.frozen[event["account"]].discard((event["by"], "account"))

    def _accounts_identifier_linked(self, event: Json) -> None:
        number, account = event["identifier"], event["account"]
        ensure(number not in self.numbers, f"{number} leads to two accounts")
        self.numbers[number] = account
        few = sum(one == account for one in self.numbers.values()) <= MOST_NUMBERS
        ensure(few, f"{account} has more than {MOST_NUMBERS} numbers")

    def _accounts_identifier_unlinked(self, event: Json) -> None:
        del self.numbers[event["identifier"]]

    def _accounts_closed(self, event: Json) -> None:
        self.numbers = {n: one for n, one in self.numbers.items() if one != event["account"]}

    def _accounts_asset_dropped(self, event: Json) -> None:
        place = (event["account"], event["asset"])
        self.listed.discard(place)
        owed = {(one.get("maker"), one["send_asset"]) for one in self.quotes.values()}
        ensure(place not in owed, f"{place} was dropped, and a quote is still to be paid to it")

    def _assets_defined(self, event: Json) -> None:
        decimals = ISO_DECIMALS.get(event["asset"], event["decimals"])
        reported = f"{event['asset']} with {event['decimals']} decimals"
        ensure(event["decimals"] == decimals or event["kind"] not in ("cbdc", "currency"), reported)
        if event.get("policy", "open") != "open":
            self.asks_list.add(event["asset"])

    def _assets_paused(self, event: Json) -> None:
        self.paused.add(event["asset"])

    def _assets_resumed(self, event: Json) -> None:
        self.paused.discard(event["asset"])

    def _assets_holding_frozen(self, event: Json) -> None:
        self.frozen[f"{event['account']} {event['asset']}"].add((event["by"], "holding"))

    def _assets_holding_unfrozen(self, event: Json) -> None:
        self.frozen[f"{event['account']} {event['asset']}"].discard((event["by"], "holding"))

    def _assets_holder_authorised(self, event: Json) -> None:
        self.listed.add((event["account"], event["asset"]))

    def _assets_holder_revoked(self, event: Json) -> None:
        self.listed.discard((event["account"], event["asset"]))

    def _parties_registered(self, event: Json) -> None:
        for kind in ("lei", "uscc"):
            number = event.get(kind, "")
            if number:
                ensure(number not in self.numbers, f"{number} is two parties'")
                self.numbers[number] = event["party"]

    def _parties_suspended(self, event: Json) -> None:
        self.suspended.add(event["party"])

    def _parties_reinstated(self, event: Json) -> None:
        self.suspended.discard(event["party"])

    def _parties_policy_set(self, event: Json) -> None:
        self.policies[event["party"]][event["scope"]] = event.get("keys", 1)
        self._locked.add(event["party"])

    def _live(self, party: str) -> list[Json]:
        known = self.keys[party].values()
        return [k for k in known if not k.get("expires_at_ms") or k["expires_at_ms"] > self._now]

    def _parties_key_added(self, event: Json) -> None:
        self.keys[event["party"]][event["key"]] = event
        live = len(self._live(event["party"]))
        ensure(live <= MOST_KEYS, f"{event['party']} has {live} live keys")

    def _parties_key_revoked(self, event: Json) -> None:
        del self.keys[event["party"]][event["key"]]
        self._locked.add(event["party"])

    def done(self) -> None:
        """An envelope is through: no party that it changed may be locked out."""
        for party in sorted(self._locked):
            live = self._live(party)
            policies = self.policies[party]
            needed = policies | {"parties": max(policies.values(), default=1)}
            for scope, keys in needed.items():
                able = [k for k in live if {"*", scope} & set(k.get("scopes", ("*",)))]
                ensure(len(able) >= keys, f"{party} is locked out of {scope}")
        self._locked.clear()

    # ---- what moves ----------------------------------------------------------------------------

    def _moves(self, debit: str, credit: str, asset: str) -> None:
        for place in (debit, f"{debit} {asset}"):
            ensure(not self.frozen.get(place), f"{debit} is frozen, and pays {asset}")
        ensure(asset not in self.paused, f"{asset} is paused, and moves")
        for account in (debit, credit):
            kept = "/issue." in account or account.startswith("@")
            free = kept or asset not in self.asks_list or (account, asset) in self.listed
            ensure(free, f"{account} is not listed for {asset}")

    def _payments_transferred(self, event: Json) -> None:
        self._moves(event["payer"], event["payee"], event["asset"])
        asked = event["payee"] in self.asks_reference
        reported = f"{event['payee']} was paid without a reference"
        ensure(not asked or event.get("payee_reference"), reported)
        if event.get("schedule"):
            owner = _owner(event["payer"])
            ensure(owner not in self.suspended, f"{owner} is suspended, and pays by schedule")
        if event.get("uetr"):
            self.paid[event["uetr"]] = event
            self.requested.discard(event["uetr"])

    def _assets_redeemed(self, event: Json) -> None:
        self._moves(event["account"], event["issuing_account"], event["asset"])

    def _payments_posted(self, event: Json) -> None:
        if event.get("cause", "").startswith("assets."):
            return  # a lawful order moves past every switch
        for debit, credit, asset, _ in event.get("postings", ()):
            self._moves(debit, credit, asset)
        if event.get("cause", "").startswith("settlement."):
            for debit, *_ in event.get("postings", ()):
                ensure(_owner(debit) not in self.suspended, f"{debit} settles while suspended")

    def _payments_hold_opened(self, event: Json) -> None:
        self.holds[event["hold"]] = event
        self._ahead(event["due_at_ms"])

    def _payments_transfer_scheduled(self, event: Json) -> None:
        self._ahead(event["due_at_ms"])

    def _ahead(self, due_at_ms: int) -> None:
        ensure(due_at_ms <= self._now + AHEAD_MS, f"{due_at_ms} lies more than 400 days ahead")

    def _payments_return_requested(self, event: Json) -> None:
        ensure(event["uetr"] not in self.requested, f"{event['uetr']} is asked for twice")
        self.requested.add(event["uetr"])

    def _payments_return_answered(self, event: Json) -> None:
        self.requested.discard(event["uetr"])

    # ---- settlement ----------------------------------------------------------------------------

    def _settlement_batch_proposed(self, event: Json) -> None:
        self.batches[event["batch"]] = ({step["sender"] for step in event["steps"]}, set())

    def _settlement_batch_amended(self, event: Json) -> None:
        approved = self.batches[event["batch"]][1] if event.get("kept") else set()
        self.batches[event["batch"]] = ({step["sender"] for step in event["steps"]}, approved)

    def _settlement_approved(self, event: Json) -> None:
        self.batches[event["batch"]][1].add(event["party"])

    def _settlement_revoked(self, event: Json) -> None:
        self.batches[event["batch"]][1].discard(event["party"])

    def _settlement_batch_settled(self, event: Json) -> None:
        senders, approved = self.batches.pop(event["batch"])
        ensure(senders <= approved, f"{event['batch']} settled without {senders - approved}")

    # ---- the market ------------------------------------------------------------------

    def _exchange_quote_given(self, event: Json) -> None:
        self.quotes[event["quote"]] = event

    def _exchange_quote_ended(self, event: Json) -> None:
        if event["reason"] != "used":  # what used it is shown next
            del self.quotes[event["quote"]]

    def _exchange_converted(self, event: Json) -> None:
        quote = self.quotes.pop(event.get("quote", ""), None)
        if quote is not None:
            ensure(self._now < quote["expires_at_ms"], f"{event['quote']} was paid when expired")
            taker = _owner(event["payer"])
            ensure(taker == quote["taker"], f"{event['quote']} was paid by {taker}")
            promised = quote["send_minor"], quote["receive_minor"]
            paid = event["sent_minor"], event["received_minor"]
            ensure(paid == promised, f"{event['quote']} paid {paid}, not {promised}")


def beyond(action: Json, event: Json) -> str:
    """What a payment across the market did beyond what its taker signed; empty for nothing."""
    sent, received = event["sent_minor"], event["received_minor"]
    most, least = action["send_minor"], action["receive_minor"]
    exact = sent == most if action["exact"] == "send" else received == least
    if exact and sent <= most and received >= least:
        return ""
    return f"sent {sent}, received {received}, where {most} and {least} were signed"


def _owner(account: str) -> str:
    return account.partition("/")[0]
