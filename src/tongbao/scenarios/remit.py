"""A supplier in Shenzhen is paid by a buyer in Hamburg: every cost shown before, and charged so."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace

from tongbao.kernel.transaction import Transaction
from tongbao.modules.corridors import (
    Attest,
    ConfirmCredit,
    PayAbroad,
    PublishSealingKey,
    RefusePayment,
)
from tongbao.scenarios import abroad
from tongbao.scenarios.abroad import submit
from tongbao.scenarios.consortium import main_account
from tongbao.scenarios.markets import (
    BUYER,
    CENT,
    CORRIDOR,
    MAKER_CNY,
    MAKER_HKD,
    NETWORK_FEES,
    RECEIVING,
    SCREENER,
    SENDING,
    SUPPLIER,
)
from tongbao.scenarios.stage import Stage, Story, insist
from tongbao.sdk import travel_rule
from tongbao.sdk.answers import Problem
from tongbao.sdk.currencies import money
from tongbao.sdk.documents_corridors import FxOption, FxOptions, PaymentTrack
from tongbao.sdk.fx import ecb_rate, pay_abroad, percent, rate_text, reference_of, reserve, worth
from tongbao.sdk.verifier import explain, verify_file
from tongbao.words import Both

PAYER, PAYEE = main_account(BUYER), main_account(SUPPLIER)
AMOUNT = 100_000 * CENT
TOO_MUCH = 1_500_000 * CENT
LISTED = "Red Harbour Trading"
DECIMALS = {"EUR": 2, "HKD": 2, "CNY": 2}
NONCE = "00112233445566778899aabbccddeeff"
"""Fixed, so that the demonstration's digests are the same in every telling."""


def play(stage: Stage) -> Story:
    """Play the story; StoryFault where a step does not end as described."""
    _prepare(stage)
    options, option = _shown(stage)
    quote = _reserved(stage, options, option)
    paid, envelope = _paid(stage, options, option, quote)
    proof = _proof(stage, paid)
    track = _credited(stage, paid)
    held = _held(stage)
    deep = _too_deep(stage)
    return {
        "scenario": "remit", "uetr": track.uetr, "quote": quote,
        "shown": [[c.kind, c.receiver, c.asset, c.amount_minor] for c in option.costs],
        "charged": [[c.kind, c.receiver, c.asset, c.amount_minor] for c in track.charges],
        "debited_minor": track.debited_minor, "credited_minor": track.credited_minor,
        "envelope": envelope, "state": track.state, **proof, **held, **deep,
    }  # fmt: skip


def _eur(minor: int | str, asset: str = "EUR") -> str:
    return money(int(minor), asset, 2)


def _prepare(stage: Stage) -> None:
    """The network, its corridor and its market makers; who is on which list."""
    day = _today(stage)
    euro, hkd = ecb_rate("EUR", "CNY", day), ecb_rate("EUR", "HKD", day)
    yuan = ecb_rate("HKD", "CNY", day)
    insist(euro and hkd and yuan, "the reference rates cannot be read")
    assert euro is not None and hkd is not None and yuan is not None
    _publish_keys(stage)
    abroad.state_rate(stage, euro)
    abroad.quote_anew(stage, Decimal(hkd.rate), Decimal(yuan.rate))
    status = stage.client.status().time_ms
    for name, verdict in ((BUYER, "clear"), (SUPPLIER, "clear"), (LISTED, "hit")):
        result = Attest(
            _subject(name), SCREENER, verdict, "consolidated list 2026-11-24", status + 86_400_000
        )
        submit(stage, [result], SCREENER)
    stage.narrator.say(
        "1. A buyer in Hamburg ({buyer}, euro at {sending}) owes a supplier in Shenzhen"
        " ({supplier}, yuan at {receiving}). Corridor {corridor} is served by both banks"
        " and two market makers: {maker_hkd} sells HKD for EUR, {maker_cny} sells CNY for"
        " HKD.",
        buyer=BUYER,
        sending=SENDING,
        supplier=SUPPLIER,
        receiving=RECEIVING,
        corridor=CORRIDOR,
        maker_hkd=MAKER_HKD,
        maker_cny=MAKER_CNY,
    )


def _today(stage: Stage) -> date:
    return datetime.fromtimestamp(stage.client.status().time_ms / 1000, UTC).date()


def _subject(name: str) -> str:
    person = travel_rule.Person(name, PAYER if name == BUYER else PAYEE, "DE")
    return travel_rule.subject_digest(person, NONCE)


def _publish_keys(stage: Stage) -> None:
    """Both banks and the supervisor say where travel-rule data is sealed to, unless they did."""
    with contextlib.suppress(Problem):
        stage.client.corridors.sealing_key(SCREENER)
        return
    for party in (SENDING, RECEIVING, SCREENER):
        path = stage.folder / f"{party}.sealing.pem"
        path.unlink(missing_ok=True)
        public = stage.inputs.sealing_key(path, b"demonstration")
        submit(stage, [PublishSealingKey(party, "x25519", public)], party)


def _shown(stage: Stage) -> tuple[FxOptions, FxOption]:
    """Every line before anybody signs."""
    options = stage.client.corridors.options("EUR", "CNY", send=AMOUNT, payer=PAYER, payee=PAYEE)
    insist(options.options, "no way leads to the supplier")
    option = options.options[0]
    insist([hop.get_asset for hop in option.hops] == ["HKD", "CNY"], "the way is another one")
    found = worth(options, option, DECIMALS, reference_of(options))
    reference = found.reference
    assert reference is not None
    stage.narrator.say(
        "2. Before signing, {buyer} sees what sending {amount} costs:\n{lines}\n   debited"
        " {debited}, credited {credited}; rate {rate} against {reference} ({source}): spread"
        " {spread}, total cost {cost}.",
        buyer=BUYER, amount=_eur(AMOUNT), lines="\n".join(_charges(stage, option)),
        debited=_eur(option.debited_minor), credited=_eur(option.credited_minor, "CNY"),
        rate=rate_text(found.rate), reference=rate_text(reference.rate), source=reference.source,
        spread=percent(found.spread), cost=percent(found.total_cost),
    )  # fmt: skip
    return options, option


def _reserved(stage: Stage, options: FxOptions, option: FxOption) -> str:
    until = stage.client.status().time_ms + 300_000
    result = submit(stage, [reserve(options, option, PAYER, until)], BUYER)
    quote = next(str(e["quote"]) for e in result.events if e["event"] == "exchange.quote_given")
    stage.narrator.say(
        "3. It reserves that price for five minutes: quote {quote}. The makers' money is"
        " set aside.",
        quote=quote,
    )
    return quote


def _paid(
    stage: Stage, options: FxOptions, option: FxOption, quote: str
) -> tuple[tuple[str, str], str]:
    """Signed by two, with exactly those costs; charged equals shown."""
    name = stage.inputs.uetr()
    envelope, digest = _sealed(stage, name)
    again = stage.client.corridors.options(
        "EUR", "CNY", send=AMOUNT, payer=PAYER, payee=PAYEE, quote=quote
    ).options[0]
    insist(again.costs == option.costs, "a reserved price costs something else")
    action = pay_abroad(
        options, again, PAYER, PAYEE, name, payee_reference="PO-2026-1187", purpose="GDDS",
        remittance="Gear housings, invoice MD-1187", originator=_subject(BUYER),
        beneficiary=_subject(SUPPLIER), travel_rule=digest,
    )  # fmt: skip
    result = submit(stage, [action], BUYER)
    track = stage.client.corridors.track(name)
    insist(track.state == "settled", f"the payment is {track.state}")
    shown = [(c.kind, c.receiver, c.asset, c.amount_minor) for c in option.costs]
    charged = [(c.kind, c.receiver, c.asset, c.amount_minor) for c in track.charges]
    insist(shown == charged, "charged is not what was shown")
    insist(track.debited_minor == option.debited_minor, "debited is not what was shown")
    insist(track.credited_minor == option.credited_minor, "credited is not what was shown")
    stage.narrator.say(
        "4. Two people sign, and block {height} debits, converts twice, credits and"
        " charges at once: {eur} left Hamburg, {eur_2} is in Shenzhen. Charged equals"
        " shown, to the unit.",
        "green",
        height=result.height,
        eur=_eur(track.debited_minor),
        eur_2=_eur(track.credited_minor, "CNY"),
    )
    return (name, result.digest), envelope


def _sealed(stage: Stage, name: str) -> tuple[str, str]:
    """Who pays and who is paid, sealed to both banks and the supervisor."""
    ends = travel_rule.ivms(
        travel_rule.Person("Alster Maschinenbau GmbH", PAYER, "DE", town="Hamburg"),
        travel_rule.Person("Mingda Precision Co., Ltd.", PAYEE, "CN", town="Shenzhen"),
    )
    keys = {
        party: base64.b64decode(stage.client.corridors.sealing_key(party).public)
        for party in (SENDING, RECEIVING, SCREENER)
    }
    raw = stage.inputs.seal(ends, name, keys)
    path = stage.folder / f"remit.{name}.travel.json"
    path.write_bytes(raw)
    return str(path), travel_rule.envelope_digest(raw)


def _charges(stage: Stage, option: FxOption) -> list[str]:
    return [
        stage.narrator.text(
            "   - {kind}: {amount} to {receiver}",
            kind=c.kind, amount=_eur(c.amount_minor, c.asset), receiver=c.receiver,
        )
        for c in option.costs
    ]  # fmt: skip


def _proof(stage: Stage, paid: tuple[str, str]) -> Story:
    raw = stage.client.receipt(paid[1])
    path, genesis = stage.folder / "remit.receipt.json", stage.folder / "genesis.json"
    path.write_bytes(raw)
    genesis.write_bytes(stage.genesis)
    proven = verify_file(raw, stage.genesis)
    language = stage.narrator.language
    reported = [line for line in explain(proven, language).splitlines() if paid[0] in line][:2]
    stage.narrator.say(
        "5. The receipt {path} proves it offline, with the genesis alone:\n{lines}",
        "green",
        path=path.name,
        lines="\n".join("   " + line.strip() for line in reported),
    )
    return {"receipt": str(path), "verified": True}


def _credited(stage: Stage, paid: tuple[str, str]) -> PaymentTrack:
    submit(stage, [ConfirmCredit(paid[0], RECEIVING)], RECEIVING)
    track = stage.client.corridors.track(paid[0])
    insist(track.state == "credited", "the end customer was not credited")
    ms = track.steps[-1].at_ms - track.accepted_at_ms
    stage.narrator.say(
        "6. {receiving} confirms that the supplier itself has the money, {ms} ms after"
        " the buyer's order was accepted: tongbao pay track {uetr}",
        receiving=RECEIVING,
        ms=f"{ms:,}",
        uetr=track.uetr,
    )
    return track


def _order(
    stage: Stage, name: str, amount: int, beneficiary: str
) -> tuple[PayAbroad, list[Transaction]]:
    options = stage.client.corridors.options("EUR", "CNY", send=amount, payer=PAYER, payee=PAYEE)
    insist(options.options, "no way leads to the supplier")
    action = pay_abroad(
        options, options.options[0], PAYER, PAYEE, name, purpose="GDDS", remittance="spare parts",
        originator=_subject(BUYER), beneficiary=_subject(beneficiary),
        travel_rule=_sealed(stage, name)[1],
    )  # fmt: skip
    return action, [action]


def _held(stage: Stage) -> Story:
    """A payment for somebody who is listed: held, visible, refused with the reason."""
    name, before = stage.inputs.uetr(), _available(stage)
    submit(stage, _order(stage, name, 5_000 * CENT, LISTED)[1], BUYER)
    track = stage.client.corridors.track(name)
    insist(track.state == "held", f"a listed beneficiary's payment is {track.state}")
    waiting = [one.uetr for one in stage.client.corridors.cross_border_payments(state="held")]
    insist(name in waiting, "the held payment is not on the list")
    aside = before - _available(stage)
    insist(aside == int(track.aside_minor), "another amount is set aside")
    reason = " ".join(track.held_for)
    refusal = RefusePayment(name, SCREENER, f"{LISTED} is on the consolidated list")
    submit(stage, [refusal], SCREENER)
    insist(_available(stage) == before, "a refused payment kept money back")
    stage.narrator.say(
        "7. A second payment names {listed}, which is on a sanctions list: held"
        " ({reason}), {eur} set aside, nothing sent. {screener} refuses it with the"
        " reason; the money is the buyer's again.",
        "yellow",
        listed=LISTED,
        reason=reason,
        eur=_eur(aside),
        screener=SCREENER,
    )
    return {"held": name, "held_for": list(track.held_for)}


def _too_deep(stage: Stage) -> Story:
    """More than the market makers have: refused as a whole."""
    small, _ = _order(stage, stage.inputs.uetr(), 1_000 * CENT, SUPPLIER)
    before = _balances(stage)
    options = stage.client.corridors.options("EUR", "CNY", send=TOO_MUCH)
    insist(not options.options, "the market is deeper than it should be")
    deep = replace(small, send_minor=TOO_MUCH, limit_minor=1)
    try:
        submit(stage, [deep], BUYER)
    except Problem as problem:
        refused = problem
    else:
        insist(False, "a payment beyond the market's depth was applied")
    insist(_balances(stage) == before, "a refused payment moved money")
    words = stage.narrator.text(Both(refused.document.detail, refused.document.detail_zh))
    stage.narrator.say(
        "8. A third one, {eur}, is deeper than the market: no way is offered, and sent"
        " all the same it is refused ({name}: {words}). Nothing moved.",
        "yellow",
        eur=_eur(TOO_MUCH),
        name=refused.name,
        words=words,
    )
    return {"refused_for_depth": refused.name}


def _available(stage: Stage) -> int:
    held = {one.asset: one for one in stage.client.accounts.holdings(account=PAYER)}
    return int(held["EUR"].available_minor)


def _balances(stage: Stage) -> list[tuple[str, str, str]]:
    places = (PAYER, PAYEE, main_account(MAKER_HKD), main_account(MAKER_CNY), NETWORK_FEES)
    return [
        (place, one.asset, one.posted_minor)
        for place in places
        for one in stage.client.accounts.holdings(account=place)
    ]
