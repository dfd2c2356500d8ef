"""What a price is worth: effective rate, spread against a reference, total cost as a rate.

The reference is the network's own rate where one is set, else the European Central Bank's daily
history, which comes with a library and ends with its release. Decimal arithmetic; nothing here
goes back to the ledger.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tongbao.modules.corridors import Cost, PayAbroad
from tongbao.modules.exchange import Hop, ReserveQuote, Route
from tongbao.sdk.currencies import DECIMALS
from tongbao.sdk.documents_corridors import FxOption, FxOptions, StatedRate

if TYPE_CHECKING:
    from collections.abc import Mapping

PRECISION = 40
_DAY = 86_400_000


class Reference(NamedTuple):
    """Units of the receive asset for one of the send asset, with where that comes from."""

    rate: Decimal
    source: str
    day: date


class Worth(NamedTuple):
    """What an option is worth to its payer. Rates are units received for one unit sent."""

    rate: Decimal
    """Of the conversion alone."""
    all_in_rate: Decimal
    """Credited for debited: every charge counted."""
    reference: Reference | None
    spread: Decimal | None
    """What the conversion lies below the reference, as a share of it; None without one."""
    total_cost: Decimal | None
    """What the whole payment lies below the reference: the total cost as a rate a payment."""


def currency_of(asset: str) -> str:
    """The currency that an asset stands for: CNY, EURX and HKD.B are of CNY, EUR, HKD; or empty."""
    code, behind = asset[:3], asset[3:4]
    return code if code in DECIMALS and behind in ("", ".", "-", "X") else ""


def reference_of(options: FxOptions, *, ecb: bool = True) -> Reference | None:
    """The network's own reference rate of the pair, else the ECB's; None where neither has it."""
    if options.send_asset == options.receive_asset:
        day = datetime.fromtimestamp(options.time_ms / 1000, UTC).date()
        return Reference(Decimal(1), "par", day)
    if options.reference is not None:
        return _own(options.reference, options.send_asset)
    if not ecb:
        return None
    at = datetime.fromtimestamp(options.time_ms / 1000, UTC).date()
    return ecb_rate(options.send_asset, options.receive_asset, at)


def _own(stated: StatedRate, send_asset: str) -> Reference:
    with localcontext() as context:
        context.prec = PRECISION
        rate = Decimal(stated.value).scaleb(-stated.decimals)
        rate = rate if stated.base == send_asset else 1 / rate
    day = datetime.fromtimestamp(stated.observed_at_ms / 1000, UTC).date()
    return Reference(rate, stated.source, day)


@lru_cache(maxsize=1)
def _history() -> Any:
    from currency_converter import CurrencyConverter  # half a second to load: only when asked

    return CurrencyConverter(
        decimal=True, fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known",
        fallback_on_wrong_date=True,
    )  # fmt: skip


def ecb_rate(send_asset: str, receive_asset: str, day: date) -> Reference | None:
    """The ECB's euro reference rates of a day, or the last before it, crossed; None if unknown."""
    one, other = currency_of(send_asset), currency_of(receive_asset)
    history = _history()
    if not one or not other or not {one, other} <= set(history.currencies):
        return None
    ends = [history.bounds[c].last_date for c in (one, other) if c in history.bounds]
    known = min([day, *ends])
    with localcontext() as context:
        context.prec = PRECISION
        rate = Decimal(history.convert(Decimal(1), one, other, date=known))
    return Reference(rate, "ECB euro foreign exchange reference rates", known)


def units(minor: str | int, asset: str, decimals: Mapping[str, int]) -> Decimal:
    """Minor units as units of the asset."""
    return Decimal(int(minor)).scaleb(-decimals.get(asset, 0))


def worth(
    options: FxOptions,
    option: FxOption,
    decimals: Mapping[str, int],
    reference: Reference | None = None,
) -> Worth:
    """What an option is worth against a reference; `decimals` by asset."""
    with localcontext() as context:
        context.prec = PRECISION
        sent, received = options.send_asset, options.receive_asset
        rate = units(option.arrived_minor, received, decimals) / units(
            option.converted_minor, sent, decimals
        )
        all_in = units(option.credited_minor, received, decimals) / units(
            option.debited_minor, sent, decimals
        )
        if reference is None:
            return Worth(rate, all_in, None, None, None)
        below = 1 - rate / reference.rate
        return Worth(rate, all_in, reference, below, 1 - all_in / reference.rate)


def percent(share: Decimal | None) -> str:
    """A share as people write it: 0.0123 is 1.2300%; empty for none."""
    return "" if share is None else f"{share * 100:.4f}%"


def rate_option(rate: Decimal) -> tuple[str, bool]:
    """A rate with eight significant digits and no exponent, and whether that is rounded."""
    with localcontext() as context:
        context.prec = 8
        short = +rate
    return f"{short:f}", short != rate


def rate_text(rate: Decimal) -> str:
    """A rate for people: with eight significant digits, behind `≈` where it is rounded."""
    reported, rounded = rate_option(rate)
    return f"≈{reported}" if rounded else reported


# ---- acting on an option -------------------------------------------------------------------------


def pay_abroad(
    options: FxOptions, option: FxOption, payer: str, payee: str, uetr: str, **texts: Any
) -> PayAbroad:
    """The payment as it was shown: its limit and every cost are the option's.

    `texts`: other fields of the action, e.g. purpose, remittance, originator, travel_rule.
    """
    exact_send = options.exact == "send"
    amount = int(options.amount_minor)
    return PayAbroad(
        option.corridor, payer, payee, uetr,
        send_minor=amount if exact_send else 0, receive_minor=0 if exact_send else amount,
        limit_minor=int(option.arrived_minor if exact_send else option.converted_minor),
        bearer=option.bearer,
        costs=tuple(Cost(c.kind, c.receiver, c.asset, int(c.amount_minor)) for c in option.costs),
        route=() if option.quote else tuple((hop.get_asset, hop.venue) for hop in option.hops),
        quote=option.quote, **texts,
    )  # fmt: skip


def reserve(
    options: FxOptions, option: FxOption, account: str, until_ms: int, most_charge_minor: int = 0
) -> ReserveQuote:
    """What reserves the conversion of an option for an account's owner until a block time.

    Refused where the makers ask more for the reservation than `most_charge_minor`.
    """
    hops = tuple(Hop(hop.get_asset, hop.venue) for hop in option.hops)
    return ReserveQuote(
        account, Route(options.send_asset, hops), "send" if options.exact == "send" else "receive",
        int(option.converted_minor), int(option.arrived_minor), until_ms, most_charge_minor,
    )  # fmt: skip
