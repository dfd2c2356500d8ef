"""Ways to pay, with every cost line and its receiver, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from tongbao.cli.shell.output import amount_text, output

if TYPE_CHECKING:
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents_corridors import FxOption, FxOptions
    from tongbao.sdk.fx import Reference, Worth

KINDS = {
    "network": ("network fee", "网络费"),
    "corridor": ("corridor fee", "通道费"),
    "sending_bank": ("sending bank's fee", "付款行费用"),
    "receiving_bank": ("receiving bank's fee", "收款行费用"),
}
VENUES = {"book": ("book", "订单簿"), "pool": ("pool", "流动性池")}


def decimals_of(ledger: Client) -> dict[str, int]:
    """Decimals by asset."""
    return {one.asset: one.decimals for one in ledger.assets()}


def money(minor: str | int, asset: str, decimals: Mapping[str, int]) -> str:
    """`12,345.67 CNY`."""
    return f"{amount_text(int(minor), decimals.get(asset, 0))} {asset}"


def told(
    options: FxOptions, decimals: Mapping[str, int], reference: Reference | None
) -> dict[str, Any]:
    """Options with what each is worth, for programs."""
    value: dict[str, Any] = msgspec.to_builtins(options)
    from tongbao.sdk.fx import worth

    for plain, option in zip(value["options"], options.options, strict=True):
        plain.update(_worth(worth(options, option, decimals, reference)))
    value["reference_rate"] = None if reference is None else {
        "rate": str(reference.rate), "source": reference.source, "day": reference.day.isoformat(),
    }  # fmt: skip
    return value


def _worth(found: Worth) -> dict[str, Any]:
    from tongbao.sdk.fx import percent, rate_told

    return {
        "effective_rate": rate_told(found.rate)[0], "all_in_rate": rate_told(found.all_in_rate)[0],
        "rates_rounded": rate_told(found.rate)[1] or rate_told(found.all_in_rate)[1],
        "spread": percent(found.spread), "total_cost": percent(found.total_cost),
    }  # fmt: skip


def show(options: FxOptions, decimals: Mapping[str, int], reference: Reference | None) -> None:
    """A table of the ways, best first, then the costs of the best."""
    from tongbao.sdk.fx import percent, rate_text, worth

    rows = []
    for number, option in enumerate(options.options, start=1):
        found = worth(options, option, decimals, reference)
        through = f"{option.corridor}: {way(options, option)}" if option.corridor else way(
            options, option
        )  # fmt: skip
        closed = output.text(" closed", " 已关闭") if option.closed else ""
        rows.append([
            str(number), through + closed,
            money(option.debited_minor, options.send_asset, decimals),
            money(option.credited_minor, options.receive_asset, decimals),
            rate_text(found.rate), percent(found.spread), percent(found.total_cost),
        ])  # fmt: skip
    columns = ["#", "way", "debited", "credited", "rate", "spread", "total cost"]
    title = output.text("Executable now, best first", "当前可执行路径，由优到劣")
    output.table(title, columns, rows)
    if reference is not None:
        output.say(
            f"Reference: {rate_text(reference.rate)} {options.receive_asset} for one"
            f" {options.send_asset}, {reference.source}, {reference.day}",
            f"参考汇率：1 {options.send_asset} = {rate_text(reference.rate)}"
            f" {options.receive_asset}，{reference.source}，{reference.day}",
        )


def way(options: FxOptions, option: FxOption) -> str:
    """`CNY > USD > HKD (book, pool)`."""
    if option.quote:
        return output.text(f"quote {option.quote}", f"报价 {option.quote}")
    if not option.hops:
        return output.text("no conversion", "无兑换")
    assets = " > ".join([options.send_asset, *(hop.get_asset for hop in option.hops)])
    venues = [output.text(*VENUES.get(hop.venue, (hop.venue,) * 2)) for hop in option.hops]
    return output.text(f"{assets} ({', '.join(venues)})", f"{assets}（{'、'.join(venues)}）")


def show_costs(
    options: FxOptions, option: FxOption, decimals: Mapping[str, int], reference: Reference | None
) -> None:
    """Every line of one way with its receiver, from what is debited to what is credited."""
    from tongbao.sdk.fx import percent, rate_text, worth

    found = worth(options, option, decimals, reference)
    sent, got = options.send_asset, options.receive_asset

    def line(en: str, zh: str, receiver: str, minor: str, asset: str, sign: str = "") -> list[str]:
        return [output.text(en, zh), receiver, sign + money(minor, asset, decimals)]

    rows = [line("debited in all", "付款账户支出", "", option.debited_minor, sent)]
    rows += [
        line(*KINDS.get(c.kind, (c.kind, c.kind)), c.receiver, c.amount_minor, c.asset, "- ")
        for c in option.costs[: _sent_lines(options, option)]
    ]  # fmt: skip
    rows.append(line("converted", "兑换金额", "", option.converted_minor, sent))
    rows += [
        line("contained: pool's fee", "含：流动性池费", hop.venue, hop.fee_minor, hop.pay_asset)
        for hop in option.hops
        if int(hop.fee_minor)
    ]  # fmt: skip
    rows.append(line("arrives", "到达金额", "", option.arrived_minor, got))
    rows += [
        line(*KINDS.get(c.kind, (c.kind, c.kind)), c.receiver, c.amount_minor, c.asset, "- ")
        for c in option.costs[_sent_lines(options, option) :]
    ]  # fmt: skip
    rows.append(line("credited to the payee", "收款账户入账", "", option.credited_minor, got))
    title = output.text(
        f"Costs, charges {option.bearer}, {option.corridor or 'no corridor'}",
        f"费用，承担方式 {option.bearer}，通道 {option.corridor or '无'}",
    )
    output.table(title, ["charge", "receiver", "amount"], rows)
    spread, cost = percent(found.spread) or "-", percent(found.total_cost) or "-"
    output.say(
        f"Effective rate {rate_text(found.rate)}, all charges in {rate_text(found.all_in_rate)};"
        f" spread {spread}, total cost of this payment {cost}",
        f"兑换汇率 {rate_text(found.rate)}，含全部费用 {rate_text(found.all_in_rate)}；"
        f"点差 {spread}，本笔总成本 {cost}",
    )


def _sent_lines(options: FxOptions, option: FxOption) -> int:
    """How many of the lines are charged on the sending side; they come first."""
    left = int(option.debited_minor) - int(option.converted_minor)
    for number, cost in enumerate(option.costs):
        if not left:
            return number
        left -= int(cost.amount_minor)
    return len(option.costs)
