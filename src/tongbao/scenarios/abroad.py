"""Acts of the remittance story: signing for the demonstration's parties, and the day's prices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tongbao.kernel.transaction import Transaction
from tongbao.modules.corridors import SetReferenceRate
from tongbao.modules.exchange import CancelOffers
from tongbao.scenarios.consortium import CHECKER, MAKER, main_account
from tongbao.scenarios.markets import MAKER_CNY, MAKER_HKD, OPERATOR, offers_of
from tongbao.scenarios.stage import Stage
from tongbao.sdk.answers import Result
from tongbao.sdk.build import build, seal
from tongbao.sdk.fx import Reference


def submit(stage: Stage, actions: Sequence[Transaction], *parties: str) -> Result:
    """One transaction of the first party, signed by as many desks of each as its policy asks."""
    status = stage.client.status()
    expires = status.time_ms + 3_600_000
    body = build(status.chain, parties[0], stage.inputs.reference("R"), tuple(actions), expires)
    keys = [f"{party}--{label}" for party in parties for label in (MAKER, CHECKER)]
    return stage.client.submit_and_wait(seal(body, stage.wallet.sign(body, keys, namer=parties[0])))


def state_rate(stage: Stage, euro_in_yuan: Reference) -> None:
    """The day's reference rate, as the corridor's operator states it."""
    at = stage.client.status().time_ms
    value = int(euro_in_yuan.rate.scaleb(4).to_integral_value())
    source = f"{euro_in_yuan.source}, {euro_in_yuan.day}"
    submit(stage, [SetReferenceRate("EUR", "CNY", value, 4, at, source, OPERATOR)], OPERATOR)


def quote_anew(stage: Stage, euro_in_hkd: Decimal, hkd_in_yuan: Decimal) -> None:
    """Both market makers take back what they offer and quote around the day's rates."""
    for party, rate, below in ((MAKER_HKD, euro_in_hkd, 6), (MAKER_CNY, hkd_in_yuan, 9)):
        offers = offers_of(party, int(rate.scaleb(6).to_integral_value()), below)
        account = main_account(party)
        placed = next(stage.client.exchange.offers(account=account, state="open"), None)
        submit(stage, [*([CancelOffers(account)] if placed else []), *offers], party)
