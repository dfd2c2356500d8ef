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
from tongbao.sdk.build import uetr
from tongbao.sdk.currencies import money
from tongbao.sdk.documents_corridors import FxOption, FxOptions, PaymentTrack
from tongbao.sdk.fx import ecb_rate, pay_abroad, percent, rate_text, reference_of, reserve, worth
from tongbao.sdk.verifier import explain, verify_file

PAYER, PAYEE = main_account(BUYER), main_account(SUPPLIER)
AMOUNT = 100_000 * CENT
TOO_MUCH = 1_500_000 * CENT
LISTED = "Red Harbour Trading"
DECIMALS = {"EUR": 2, "HKD": 2, "CNY": 2}
NONCE = "00112233445566778899aabbccddeeff"
"""Fixed, so that the demonstration's digests are the same in every telling."""


def play(stage: Stage) -> Story:
    """Play the story; StoryFault where a step does not end as told."""
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
        f"1. A buyer in Hamburg ({BUYER}, euro at {SENDING}) owes a supplier in Shenzhen"
        f" ({SUPPLIER}, yuan at {RECEIVING}). Corridor {CORRIDOR} is served by both banks"
        f" and two market makers: {MAKER_HKD} sells HKD for EUR, {MAKER_CNY} sells CNY for HKD.",
        f"1. 汉堡买方 {BUYER}（欧元账户在 {SENDING}）须向深圳供应商 {SUPPLIER}（人民币账户在"
        f" {RECEIVING}）付款。通道 {CORRIDOR} 由双方银行与两家做市商服务："
        f"{MAKER_HKD} 以欧元卖出港元，{MAKER_CNY} 以港元卖出人民币。",
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
        public = travel_rule.create_key(path, b"demonstration")
        submit(stage, [PublishSealingKey(party, "x25519", public)], party)


def _shown(stage: Stage) -> tuple[FxOptions, FxOption]:
    """Every line before anybody signs."""
    options = stage.client.corridors.options("EUR", "CNY", send=AMOUNT, payer=PAYER, payee=PAYEE)
    insist(options.options, "no way leads to the supplier")
    option = options.options[0]
    insist([hop.get_asset for hop in option.hops] == ["HKD", "CNY"], "the way is another one")
    found = worth(options, option, DECIMALS, reference_of(options))
    lines = [
        f"   - {c.kind}: {_eur(c.amount_minor, c.asset)} to {c.receiver}" for c in option.costs
    ]
    lines_zh = [f"   - {c.kind}：{_eur(c.amount_minor, c.asset)}，收取方 {c.receiver}"
                for c in option.costs]  # fmt: skip
    reference = found.reference
    assert reference is not None
    stage.narrator.say(
        f"2. Before signing, {BUYER} sees what sending {_eur(AMOUNT)} costs:\n"
        + "\n".join(lines)
        + f"\n   debited {_eur(option.debited_minor)}, credited"
        f" {_eur(option.credited_minor, 'CNY')}; rate {rate_text(found.rate)} against"
        f" {rate_text(reference.rate)} ({reference.source}): spread {percent(found.spread)},"
        f" total cost {percent(found.total_cost)}.",
        f"2. 签署之前，{BUYER} 看到发出 {_eur(AMOUNT)} 的全部费用：\n"
        + "\n".join(lines_zh)
        + f"\n   支出 {_eur(option.debited_minor)}，入账 {_eur(option.credited_minor, 'CNY')}；"
        f"汇率 {rate_text(found.rate)}，参考 {rate_text(reference.rate)}（{reference.source}）："
        f"点差 {percent(found.spread)}，总成本 {percent(found.total_cost)}。",
    )
    return options, option


def _reserved(stage: Stage, options: FxOptions, option: FxOption) -> str:
    until = stage.client.status().time_ms + 300_000
    result = submit(stage, [reserve(options, option, PAYER, until)], BUYER)
    quote = next(str(e["quote"]) for e in result.events if e["event"] == "exchange.quote_given")
    stage.narrator.say(
        f"3. It reserves that price for five minutes: quote {quote}. The makers' money is set"
        " aside.",
        f"3. 锁定该价格五分钟：报价 {quote}。做市商的资金已预留。",
    )
    return quote


def _paid(
    stage: Stage, options: FxOptions, option: FxOption, quote: str
) -> tuple[tuple[str, str], str]:
    """Signed by two, with exactly those costs; charged equals shown."""
    name = uetr()
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
    track = stage.client.corridors.payment(name)
    insist(track.state == "settled", f"the payment is {track.state}")
    shown = [(c.kind, c.receiver, c.asset, c.amount_minor) for c in option.costs]
    charged = [(c.kind, c.receiver, c.asset, c.amount_minor) for c in track.charges]
    insist(shown == charged, "charged is not what was shown")
    insist(track.debited_minor == option.debited_minor, "debited is not what was shown")
    insist(track.credited_minor == option.credited_minor, "credited is not what was shown")
    stage.narrator.say(
        f"4. Two people sign, and block {result.height} debits, converts twice, credits and charges"
        f" at once: {_eur(track.debited_minor)} left Hamburg,"
        f" {_eur(track.credited_minor, 'CNY')} is in Shenzhen. Charged equals shown, to the unit.",
        f"4. 双人签署，区块 {result.height} 一次完成借记、两次兑换、贷记与收费：汉堡支出"
        f" {_eur(track.debited_minor)}，深圳入账 {_eur(track.credited_minor, 'CNY')}。"
        "收费与所示分毫不差。",
        "green",
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
    raw = travel_rule.seal(ends, name, keys)
    path = stage.folder / f"remit.{name}.travel.json"
    path.write_bytes(raw)
    return str(path), travel_rule.envelope_digest(raw)


def _proof(stage: Stage, paid: tuple[str, str]) -> Story:
    raw = stage.client.receipt(paid[1])
    path, genesis = stage.folder / "remit.receipt.json", stage.folder / "genesis.json"
    path.write_bytes(raw)
    genesis.write_bytes(stage.genesis)
    proven = verify_file(raw, stage.genesis)
    language = stage.narrator.text("en", "zh")
    told = [line for line in explain(proven, language).splitlines() if paid[0] in line][:2]
    stage.narrator.say(
        f"5. The receipt {path.name} proves it offline, with the genesis alone:\n"
        + "\n".join("   " + line.strip() for line in told),
        f"5. 回执 {path.name} 仅凭创世文件即可离线证明：\n"
        + "\n".join("   " + line.strip() for line in told),
        "green",
    )
    return {"receipt": str(path), "verified": True}


def _credited(stage: Stage, paid: tuple[str, str]) -> PaymentTrack:
    submit(stage, [ConfirmCredit(paid[0], RECEIVING)], RECEIVING)
    track = stage.client.corridors.payment(paid[0])
    insist(track.state == "credited", "the end customer was not credited")
    ms = track.steps[-1].at_ms - track.accepted_at_ms
    stage.narrator.say(
        f"6. {RECEIVING} confirms that the supplier itself has the money, {ms:,} ms after the"
        f" buyer's order was accepted: tongbao pay track {track.uetr}",
        f"6. {RECEIVING} 确认供应商本身已入账，距受理 {ms:,} 毫秒：tongbao pay track {track.uetr}",
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
    name, before = uetr(), _available(stage)
    submit(stage, _order(stage, name, 5_000 * CENT, LISTED)[1], BUYER)
    track = stage.client.corridors.payment(name)
    insist(track.state == "held", f"a listed beneficiary's payment is {track.state}")
    waiting = [one.uetr for one in stage.client.corridors.payments(state="held")]
    insist(name in waiting, "the held payment is not on the list")
    aside = before - _available(stage)
    insist(aside == int(track.aside_minor), "another amount is set aside")
    reason = " ".join(track.held_for)
    refusal = RefusePayment(name, SCREENER, f"{LISTED} is on the consolidated list")
    submit(stage, [refusal], SCREENER)
    insist(_available(stage) == before, "a refused payment kept money back")
    stage.narrator.say(
        f"7. A second payment names {LISTED}, which is on a sanctions list: held ({reason}),"
        f" {_eur(aside)} set aside, nothing sent. {SCREENER} refuses it with the reason; the"
        " money is the buyer's again.",
        f"7. 第二笔付款的收款方 {LISTED} 在制裁名单上：被暂挂（{reason}），预留 {_eur(aside)}，"
        f"未发出。{SCREENER} 说明原因后拒绝，资金归还买方。",
        "yellow",
    )
    return {"held": name, "held_for": list(track.held_for)}


def _too_deep(stage: Stage) -> Story:
    """More than the market makers have: refused as a whole."""
    small, _ = _order(stage, uetr(), 1_000 * CENT, SUPPLIER)
    before = _balances(stage)
    options = stage.client.corridors.options("EUR", "CNY", send=TOO_MUCH)
    insist(not options.options, "the market is deeper than it should be")
    deep = replace(small, send_minor=TOO_MUCH, limit_minor=1)
    try:
        submit(stage, [deep], BUYER)
    except Problem as problem:
        refused = problem
    else:
        insist(False, "a payment beyond the market's depth was carried out")
    insist(_balances(stage) == before, "a refused payment moved money")
    words = stage.narrator.text(refused.document.detail, refused.document.detail_zh)
    stage.narrator.say(
        f"8. A third one, {_eur(TOO_MUCH)}, is deeper than the market: no way is offered, and sent"
        f" all the same it is refused ({refused.name}: {words}). Nothing moved.",
        f"8. 第三笔 {_eur(TOO_MUCH)} 超出市场深度：没有可执行路径；强行提交亦被拒绝"
        f"（{refused.name}：{words}）。资金未动。",
        "yellow",
    )
    return {"refused_for_depth": refused.name}


def _available(stage: Stage) -> int:
    held = {one.asset: one for one in stage.client.holdings(PAYER)}
    return int(held["EUR"].available_minor)


def _balances(stage: Stage) -> list[tuple[str, str, str]]:
    places = (PAYER, PAYEE, main_account(MAKER_HKD), main_account(MAKER_CNY), NETWORK_FEES)
    return [
        (place, one.asset, one.posted_minor)
        for place in places
        for one in stage.client.holdings(place)
    ]
