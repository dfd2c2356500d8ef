"""After a payment within the ledger: the same commands as after one abroad, by its UETR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tongbao.cli.client.looking import moment
from tongbao.cli.shell.options import money
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents import Found
    from tongbao.sdk.documents_corridors import PaymentTrack
    from tongbao.sdk.documents_payments import LedgerPayment

STATES = {
    "waiting": ("waits for its time", "待到期执行"),
    "settled": ("settled, for good", "已结算，为最终结果"),
    "returned": ("returned", "已退回"), "cancelled": ("cancelled", "已撤销"),
    "refused": ("refused when its time came", "到期时被拒绝"),
}  # fmt: skip
REQUESTS = {
    "open": ("return requested, awaits the payee's answer", "已请求退回，待收款方答复"),
    "returned": ("accepted: returned", "已同意并退回"),
    "declined": ("declined", "已拒绝退回"),
    "lapsed": ("lapsed without an answer", "逾期未答复，已失效"),
}


def abroad_or_within(ledger: Client, uetr: str) -> PaymentTrack | LedgerPayment:
    """The payment abroad or within the ledger that a UETR, or that of a return of it, names."""
    from tongbao.sdk.answers import Problem

    try:
        return ledger.corridors.payment(uetr)
    except Problem as problem:
        if problem.status != 404:
            raise
        return ledger.payment(uetr)


def is_within(found: PaymentTrack | LedgerPayment) -> TypeIs[LedgerPayment]:
    """Whether it is one within the ledger."""
    return not hasattr(found, "corridor")


def settled_under(ledger: Client, uetr: str) -> list[Found]:
    """Settled payments with a UETR of which the lists alone still know; each is final."""
    return [one for one in ledger.search(uetr, kind="payment") if one.uetr == uetr]


def show_settled(uetr: str, settled: list[Found], decimals: dict[str, int]) -> None:
    """Transfers within the ledger, as one value or as a table."""
    rows = [
        [moment(one.time_ms), one.payer, one.payee,
         money(one.amount_minor or "0", one.asset, decimals), one.payee_reference, one.remittance,
         str(one.height)]
        for one in settled
    ]  # fmt: skip
    columns = ["time (UTC)", "payer", "payee", "amount", "reference", "remittance", "block"]
    title = output.text(f"{uetr}: settled, for good", f"{uetr}：已结算，为最终结果")
    value = {
        "uetr": uetr, "state": "settled",
        "payments": [msgspec.to_builtins(one) for one in settled],
    }  # fmt: skip
    output.result(value, lambda: output.table(title, columns, rows))


def show(ledger: Client, found: LedgerPayment, decimals: dict[str, int]) -> None:
    """A payment for people: what it was, its returns, the request for one."""
    told = settled_under(ledger, found.uetr)
    value = {
        **msgspec.to_builtins(found), "payments": [msgspec.to_builtins(one) for one in told],
    }  # fmt: skip
    output.result(value, lambda: _tell(found, told, decimals))


def _tell(found: LedgerPayment, told: list[Found], decimals: dict[str, int]) -> None:
    returned = money(found.returned_minor, found.asset, decimals)
    facts = {
        output.text("payment", "付款"): found.uetr,
        output.text("state", "状态"): output.text(*STATES.get(found.state, (found.state,) * 2)),
        output.text("since (UTC)", "起始时间（UTC）"): moment(found.at_ms),
        output.text("from", "付款账户"): found.payer, output.text("to", "收款账户"): found.payee,
        output.text("amount", "金额"): money(found.amount_minor, found.asset, decimals),
        output.text("returned", "已退回"): returned if found.returns else "",
        output.text("reference", "参考号"): found.payee_reference,
        output.text("for", "用途"): " ".join(one.remittance for one in told),
        output.text("block", "区块"): " ".join(str(one.height) for one in told),
    }  # fmt: skip
    if found.request is not None:
        one = found.request
        words = output.text(*REQUESTS.get(one.state, (one.state,) * 2))
        facts[output.text("request", "退回请求")] = " ".join(
            filter(None, (words, one.reason, one.note))
        )
    output.facts("", {name: value for name, value in facts.items() if value})
    if found.returns:
        lines = [
            [moment(r.at_ms), r.return_uetr, money(r.amount_minor, found.asset, decimals),
             r.reason, r.note]
            for r in found.returns
        ]  # fmt: skip
        columns = ["time (UTC)", "UETR", "came back", "reason", "note"]
        output.table(output.text("Returns", "退回"), columns, lines)


def returning(
    found: LedgerPayment, minor: int, reason: str, note: str, name: str = ""
) -> Transaction:
    """Its return, of an amount or (0) of all that remains, under a new UETR."""
    from tongbao.modules.payments import ReturnTransfer
    from tongbao.sdk.build import uetr

    return ReturnTransfer(found.uetr, name or uetr(), reason, minor, note)


def cancelling(found: LedgerPayment, reason: str, note: str) -> Transaction:
    """What its payer can do: cancel what waits; ask for the return of what is settled."""
    from tongbao.modules.payments import CancelScheduled, RequestReturn

    if found.state == "waiting":
        return CancelScheduled(found.schedule, f"{reason} {note}".strip()[:140])
    return RequestReturn(found.uetr, reason, note)


def answering(found: LedgerPayment, reason: str, note: str, *, accept: bool) -> Transaction:
    """The payee's answer to a request: a return of all that remains, or a refusal of it."""
    from tongbao.modules.payments import DeclineReturn

    if not accept:
        return DeclineReturn(found.uetr, reason, note)
    if found.request is None or found.request.state != "open":
        output.fail(
            f"nobody asks for the return of {found.uetr}; `tongbao pay return` gives it back",
            f"{found.uetr} 没有待答复的退回请求；可用 `tongbao pay return` 主动退回",
        )
    return returning(found, 0, reason, note)


def confirm(found: LedgerPayment) -> None:
    """Settlement within the ledger credits the payee itself: there is nothing left to confirm."""
    if found.state not in ("settled", "returned"):
        output.fail(
            f"{found.uetr} is {found.state}: nothing was credited yet",
            f"{found.uetr} 的状态为“{output.value('state', found.state)}”：尚未入账",
        )
    value = {**msgspec.to_builtins(found), "credited_minor": found.amount_minor}
    output.result(value, lambda: output.say(
        f"{found.uetr} was credited to {found.payee} when it settled, {moment(found.at_ms)} UTC: "
        "nothing is left to confirm.",
        f"{found.uetr} 已于 {moment(found.at_ms)} UTC 结算时记入 {found.payee}，无需另行确认。",
    ))  # fmt: skip
