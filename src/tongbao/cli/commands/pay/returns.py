"""Banks' returns (pacs.004) at the counter: each TxInf by itself, answered by pacs.002."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tongbao.cli.commands.pay.teller import Teller, message_id, tell
from tongbao.cli.shell.output import output
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.iso20022 import FxTreatment, Money, PaymentReturn, ReturnMessage
    from tongbao.iso20022.model import PaymentStatus
    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk.documents_corridors import PaymentTrack


def returns(teller: Teller, read: ReturnMessage) -> None:
    """Give each payment back as the message states it; its FX treatment is the message's."""
    from tongbao import iso20022
    from tongbao.iso20022.model import Status
    from tongbao.paymentfiles.banking import answer_returns

    reported: dict[str, str] = {}
    statuses: list[PaymentStatus] = []
    for place, one in enumerate(read.returns):
        status, word = _returned(teller, read, one, place)
        statuses.append(status)
        reported[one.path] = word
    now = datetime.now(UTC)
    name = message_id(now)
    report = answer_returns(read, statuses, message_id=name, created_at=now)
    teller.write("pacs.002", iso20022.write_pacs002(report), name, now)
    if not read.returns:
        reported[read.message_id] = (
            "NOOR: a return of a whole message names each payment in a TxInf"
        )
    refused = not read.returns or any(one.status is Status.REJECTED for one in statuses)
    tell(teller, reported, refused)


def _returned(
    teller: Teller, read: ReturnMessage, one: PaymentReturn, place: int
) -> tuple[PaymentStatus, str]:
    """The status of one return, and what is shown of it: its UETR, or why it was refused."""
    from tongbao.iso20022.model import Status
    from tongbao.iso20022.reasons import status_of
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem
    from tongbao.sdk.returning import CannotReturn

    findings = tuple(f for f in one.findings if f.rule != "rule.original_missing")
    if findings:
        status = status_of(one.path, findings, {}, Status.REJECTED)
        return status, f"{status.reason} {findings[0]}"
    try:
        track = teller.finder.find(banking.within(one.original, read.original))
        if track is None or one.returned is None:
            raise banking.OrderRefused("NOOR", "the payment is not known here")
        name = banking.return_uetr(track.uetr, one, teller.digest, place)
        known = next((back for back in track.returns if back.return_uetr == name), None)
        if known is not None:
            code = banking.ledger_reason(one.reasons, "NARR")
            banking.require_same_return(one.returned, code, known, track)
        else:
            banking.require_day(one.settlement_date, datetime.now(UTC), teller.zone)
            _return_terms(teller, track, one, name)
    except (banking.SeveralFound, CannotReturn) as fault:
        refused = banking.OrderRefused("NARR", "{fault}", fault=fault)
        return banking.refused_status(one.path, refused), _reply(fault)
    except banking.OrderRefused as fault:
        return banking.refused_status(one.path, fault), f"{fault.reason} {_reply(fault)}"
    except Problem as fault:
        words = output.text(Both(str(fault), fault.document.detail_zh or str(fault)))
        return banking.refused_status(one.path, fault), words
    return banking.return_status(one.path, name, Status.SETTLED), name


def _reply(fault: Exception) -> str:
    return output.text("{fault}", fault=fault)


def _return_terms(teller: Teller, track: PaymentTrack, one: PaymentReturn, name: str) -> None:
    from tongbao.modules.corridors import ReturnPayment
    from tongbao.modules.payments import ReturnTransfer
    from tongbao.paymentfiles.banking import OrderRefused, ledger_reason, reason_of
    from tongbao.sdk.returning import return_terms

    assert one.returned is not None
    part, treatment = _part(track, one.returned, one.fx_treatment)
    code = ledger_reason(one.reasons, "NARR")
    party = track.payee.partition("/")[0]
    action: Transaction
    if track.corridor:
        back = return_terms(teller.ledger, track, treatment, part, name)
        action = ReturnPayment(track.uetr, back, code)
    else:
        action = ReturnTransfer(track.uetr, name, code, part)
    if not teller.dry_run:
        teller.submit(action, party, "pacs004", name)
        return
    tried = teller.try_out(action, party, "pacs004/dry-run")
    if not tried.done and tried.name != "NOT_SIGNED":
        raise OrderRefused(
            reason_of(tried.name), "{text} ({name})", text=tried.text, name=tried.name
        )


def _part(track: PaymentTrack, returned: Money, stated: FxTreatment | None) -> tuple[int, str]:
    """How much of what was credited comes back, and by which treatment."""
    from tongbao.iso20022 import FxTreatment, Money
    from tongbao.paymentfiles.banking import OrderRefused
    from tongbao.sdk.fx import currency_of

    if returned.currency == currency_of(track.receive_asset):
        plain = stated is None or stated is FxTreatment.NONE
        known = FxTreatment.BENEFICIARY_CURRENCY if plain or stated is None else stated
        return returned.amount_minor, known.value
    if returned.currency != currency_of(track.send_asset):
        raise OrderRefused(
            "AM11",
            "{currency} is neither what was sent nor what arrived",
            currency=returned.currency,
        )
    # Stated in the payer's currency: the part of the original that this amount was given for.
    sent, arrived = int(track.converted_minor), int(track.arrived_minor)
    if not sent:
        raise OrderRefused(
            "NARR", "the payment is {state}: there is nothing to return", state=track.state
        )
    if stated in (FxTreatment.CURRENT_RATE, FxTreatment.BENEFICIARY_CURRENCY):
        raise OrderRefused(
            "NARR",
            "/FX/{value} is stated in {receive_asset}",
            value=stated.value,
            receive_asset=track.receive_asset,
        )
    part = -(-returned.amount_minor * arrived // sent)
    back = part * sent // arrived
    if back != returned.amount_minor:
        # Parts are whole units of what arrived, which may be worth more than one of what was sent.
        less = Money(returned.currency, (part - 1) * sent // arrived).text
        more = Money(returned.currency, back).text
        raise OrderRefused(
            "AM09", "{text} {currency} is no whole part of what arrived: {less} or {more} can be"
" returned", text=returned.text, currency=returned.currency, less=less, more=more,
        )  # fmt: skip
    return part, FxTreatment.ORIGINAL_RATE.value
