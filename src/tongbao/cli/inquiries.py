"""Banks' requests after a payment: camt.056 cancels it, pacs.004 returns it, pacs.028 asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tongbao.cli.counter import Counter, message_id, tell

if TYPE_CHECKING:
    from tongbao.gateway.iso20022 import FxTreatment, Money
    from tongbao.sdk.documents_corridors import PaymentTrack


def cancellations(counter: Counter, content: bytes, dry_run: bool) -> None:
    """Ask for each payment; camt.029 says what was answered, or that the answer is awaited."""
    from tongbao.gateway import banking, iso20022
    from tongbao.modules.corridors import AskCancellation

    read = iso20022.read_camt056(content)
    answers = {}
    for group in read.groups:
        for request in group.requests:
            track = counter.track(request.original.uetr.lower())
            code = request.reasons[0].code if request.reasons else "CUST"
            asked = track is not None and any(
                one.step == "cancellation_asked" for one in track.steps
            )
            if track is not None and not asked and not dry_run and _can_be_cancelled(track):
                party = track.payer.partition("/")[0]
                action = AskCancellation(track.uetr, party, (code or "CUST")[:4])
                counter.submit(action, party, f"camt056/{counter.digest[:16]}/{track.uetr[:8]}")
                track = counter.ledger.corridors.payment(track.uetr)
            answers[request.path] = banking.cancellation_answer(track)
    now = datetime.now(UTC)
    resolution = iso20022.resolve(read, answers, assignment_id=message_id(now), created_at=now)
    counter.write("camt.029", iso20022.write_camt029(resolution))
    tell(counter, {path: status.value for path, (status, _) in answers.items()})


def _can_be_cancelled(track: PaymentTrack) -> bool:
    return track.state in ("held", "cleared", "settled", "credited") and not track.cancellation_by


def returns(counter: Counter, content: bytes, dry_run: bool) -> None:
    """Give each payment back as the message states it; its FX treatment is the message's."""
    from tongbao.gateway import iso20022
    from tongbao.modules.corridors import ReturnPayment
    from tongbao.sdk.answers import Problem
    from tongbao.sdk.returning import NoWayBack, give_back

    read = iso20022.read_pacs004(content)
    told: dict[str, str] = {}
    for one in read.returns:
        track = counter.track(one.original.uetr.lower())
        if track is None or one.returned is None or one.findings:
            told[one.path] = "NOOR"
            continue
        part, treatment = _part(track, one.returned, one.fx_treatment)
        code = one.reasons[0].code if one.reasons else "NARR"
        party = track.payee.partition("/")[0]
        reference = f"pacs004/{counter.digest[:16]}/{track.uetr[:8]}"
        try:
            back = give_back(counter.ledger, track, treatment, part)
            if not dry_run:
                counter.submit(ReturnPayment(track.uetr, back, code[:4]), party, reference)
            told[one.path] = back.return_uetr
        except (Problem, NoWayBack) as fault:
            told[one.path] = str(fault)
    tell(counter, told)


def _part(track: PaymentTrack, returned: Money, stated: FxTreatment | None) -> tuple[int, str]:
    """How much of what was credited comes back, and by which treatment."""
    from tongbao.gateway.iso20022 import FxTreatment
    from tongbao.sdk.fx import currency_of

    if returned.currency == currency_of(track.receive_asset):
        plain = stated is None or stated is FxTreatment.NONE
        known = FxTreatment.BENEFICIARY_CURRENCY if plain or stated is None else stated
        return returned.amount_minor, known.value
    # Stated in the payer's currency: the part of the original that this amount was given for.
    sent, arrived = int(track.converted_minor), int(track.arrived_minor)
    return -(-returned.amount_minor * arrived // sent), FxTreatment.ORIGINAL_RATE.value


def questions(counter: Counter, content: bytes, dry_run: bool) -> None:
    """Answer what became of payments: pacs.002."""
    from tongbao.gateway import banking, iso20022

    read = iso20022.read_pacs028(content)
    found = {one.path: counter.track(one.original.uetr.lower()) for one in read.requests}
    statuses = {path: banking.status(track, path) for path, track in found.items() if track}
    now = datetime.now(UTC)
    report = iso20022.answer_requests(read, statuses, message_id=message_id(now), created_at=now)
    counter.write("pacs.002", iso20022.write_pacs002(report))
    tell(counter, {path: one.status.value for path, one in statuses.items()})
