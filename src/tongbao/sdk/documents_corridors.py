"""What the HTTP API answers beside records: the track of a cross-border payment, and prices with
their costs."""

from __future__ import annotations

from tongbao.sdk.documents import Amount, Document, Whole


class StatedRate(Document, frozen=True):
    """The network's own rate: `value / 10**decimals` units of `quote` for one of `base`."""

    base: str
    quote: str
    observed_at_ms: int
    value: Whole
    decimals: int
    source: str = ""
    by: str = ""


class CostLine(Document, frozen=True):
    """One line of what a payment costs, with its receiver."""

    kind: str
    receiver: str
    asset: str
    amount_minor: Amount


class TrackStep(Document, frozen=True):
    """Something that happened to a payment."""

    step: str
    at_ms: int
    by: str = ""
    reason: str = ""
    note: str = ""
    height: int = 0
    digest: str = ""
    """Of the transaction that did it; empty where time did, or where it stands in the chain that
    this one continues (then `height` is 0)."""


class PaymentReturn(Document, frozen=True):
    """What was given back, under its own UETR."""

    return_uetr: str
    uetr: str
    treatment: str
    returned_minor: Amount
    """Of what was credited, in the receive asset."""
    spent_minor: Amount
    asset: str
    received_minor: Amount
    """What the payer got, of `asset`."""
    reason: str = ""
    note: str = ""
    at_ms: int = 0
    digest: str = ""


class PaymentTrack(Document, frozen=True):
    """A payment through a corridor, with each of its steps, charges and returns."""

    uetr: str
    corridor: str
    state: str
    """`held`, `cleared`, `settled`, `credited`, `refused`, `ended`, `cancelled` or `returned`."""
    payer: str
    payee: str
    send_asset: str
    receive_asset: str
    exact: str
    instructed_minor: Amount
    limit_minor: Amount
    bearer: str
    route: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    payee_reference: str = ""
    purpose: str = ""
    remittance: str = ""
    document: str = ""
    originator: str = ""
    beneficiary: str = ""
    travel_rule: str = ""
    held_for: tuple[str, ...] = ()
    aside_minor: Amount = "0"
    debited_minor: Amount = "0"
    converted_minor: Amount = "0"
    arrived_minor: Amount = "0"
    credited_minor: Amount = "0"
    confirmed_minor: Amount = "0"
    returned_minor: Amount = "0"
    cancellation_by: str = ""
    """Who asks to cancel and waits for the answer."""
    accepted_at_ms: int = 0
    steps: tuple[TrackStep, ...] = ()
    """The digest of the step `settled` names the receipt that proves the charges."""
    charges: tuple[CostLine, ...] = ()
    returns: tuple[PaymentReturn, ...] = ()


class FxHop(Document, frozen=True):
    """One conversion on the way."""

    venue: str
    """`book`, or the id of a pool."""
    pay_asset: str
    paid_minor: Amount
    get_asset: str
    got_minor: Amount
    fee_minor: Amount = "0"
    """The pool's fee, contained in what is paid."""


class FxOption(Document, frozen=True):
    """One way to pay, executable at the height it was found at, with every cost."""

    corridor: str
    """Empty: no corridor leads there; a conversion without one."""
    bearer: str
    debited_minor: Amount
    """Of the asset sent: what leaves the payer's account, charges included."""
    converted_minor: Amount
    """Of the asset sent: what the conversion takes."""
    arrived_minor: Amount
    """Of the asset received: what the conversion gives."""
    credited_minor: Amount
    """Of the asset received: what the payee gets, charges deducted."""
    send_asset: str
    receive_asset: str
    costs: tuple[CostLine, ...] = ()
    hops: tuple[FxHop, ...] = ()
    quote: str = ""
    """The quote that fixes it; empty: the market as it stands."""
    closed: str = ""
    """Why the corridor takes no payment now; empty: it does."""
    opens_at_ms: int = 0


class FxOptions(Document, frozen=True):
    """The best ways for an amount, best first."""

    send_asset: str
    receive_asset: str
    exact: str
    amount_minor: Amount
    height: int
    time_ms: int
    options: tuple[FxOption, ...] = ()
    reference: StatedRate | None = None
    """The network's own newest rate of the pair, either way round; null where none was set."""
