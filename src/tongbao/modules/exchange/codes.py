"""Refusals of the module: 5000-5999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class ExchangeCode(Code):
    """Why an offer, a swap, a quote or a conversion was refused."""

    SAME_ASSET = (
        5001,
        _NEVER,
        "an asset is not exchanged for itself: {asset}",
        "资产不能与自身兑换：{asset}",
    )
    BAD_PRICE = (
        5002,
        _NEVER,
        "a price is {price_buy} for {price_sell}; each is a whole number from 1 to 2**63 - 1",
        "价格为 {price_buy} 比 {price_sell}，两者均须为 1 至 2**63 - 1 的整数",
    )
    TOO_SMALL = (
        5003,
        _NEVER,
        "{amount:money} is too small an offer at this price; at least {least:money}",
        "按此价格 {amount:money} 的挂单过小，至少为 {least:money}",
    )
    EXPIRES_PAST = (
        5004,
        _NEVER,
        "it expires at {expires_at_ms}, after the ledger's time {time_ms} only",
        "到期时间 {expires_at_ms} 必须晚于账本时间 {time_ms}",
    )
    TOO_FAR_AHEAD = (
        5005,
        _NEVER,
        "at most {limit_ms} ahead; {expires_at_ms} is later",
        "最多提前 {limit_ms}，{expires_at_ms} 过晚",
    )
    WOULD_TRADE = (
        5006,
        _AFTER,
        "post only: the offer would trade with {offer} at once",
        "仅挂单：该挂单会立即与 {offer} 成交",
    )
    NOT_FILLED = (
        5007,
        _AFTER,
        "fill or kill: {left:money} would be left",
        "全部成交或取消：尚有 {left:money} 无法成交",
    )
    OFFER_UNKNOWN = (5008, _AFTER, "there is no open offer {offer}", "没有未结的挂单 {offer}")
    NOTHING_TO_CANCEL = (
        5009,
        _AFTER,
        "account {account} has no such offer to cancel",
        "账户 {account} 没有可撤销的挂单",
    )
    TOO_MANY_OFFERS = (
        5010,
        _AFTER,
        "party {party} has {limit} open offers of {sell_asset} for {buy_asset}, the most it may"
        " have",
        "参与方 {party} 以 {sell_asset} 换 {buy_asset} 的未结挂单已达上限 {limit} 个",
    )
    OFFER_SOUND = (
        5011,
        _AFTER,
        "offer {offer} can be carried out: only its owner may cancel it",
        "挂单 {offer} 可以履行，仅其所有者可撤销",
    )
    BAD_TERMS = (
        5012,
        _NEVER,
        "{field} is {value}; at most {limit}",
        "{field} 为 {value}，上限为 {limit}",
    )
    NOTHING_TO_PULL = (
        5013,
        _AFTER,
        "of {sell_asset} for {buy_asset} every offer that was looked at can be carried out",
        "以 {sell_asset} 换 {buy_asset} 的已检查挂单均可履行",
    )
    ROUTE_LENGTH = (
        5020,
        _NEVER,
        "a route has 1 to {limit} hops; this one has {count}",
        "路径可含 1 至 {limit} 跳，此路径有 {count} 跳",
    )
    ROUTE_CYCLE = (
        5021,
        _NEVER,
        "asset {asset} stands on the route twice",
        "资产 {asset} 在路径中出现两次",
    )
    NO_DEPTH = (
        5022,
        _AFTER,
        "not enough {get_asset} is offered for {pay_asset} at {venue}",
        "{venue} 上没有足够的 {get_asset} 可用 {pay_asset} 兑换",
    )
    TOO_MANY_FILLS = (
        5023,
        _AFTER,
        "it would take more than {limit} offers, or look at more than {looks}: send less, or in"
        " parts, or clear what cannot be filled (exchange.pull_offers)",
        "需要成交超过 {limit} 个或检查超过 {looks} 个挂单：请减少金额或分批，"
        "或清除无法履行的挂单（exchange.pull_offers）",
    )
    RECEIVED_TOO_LITTLE = (
        5024,
        _AFTER,
        "{received:money} would arrive; at least {least:money} was asked",
        "将收到 {received:money}，要求至少 {least:money}",
    )
    SENT_TOO_MUCH = (
        5025,
        _AFTER,
        "{sent:money} would be sent; at most {most:money} was allowed",
        "需支付 {sent:money}，上限为 {most:money}",
    )
    POOL_UNKNOWN = (5030, _AFTER, "there is no pool {pool}", "没有资金池 {pool}")
    POOL_EXISTS = (5031, _AFTER, "pool {pool} exists already", "资金池 {pool} 已存在")
    POOL_OTHER = (
        5032,
        _NEVER,
        "pool {pool} does not exchange {pay_asset} for {get_asset}",
        "资金池 {pool} 不支持以 {pay_asset} 兑换 {get_asset}",
    )
    POOL_TOO_SMALL = (
        5033,
        _NEVER,
        "a new pool needs more: the root of both amounts' product is {root}, not above {least}",
        "新资金池金额过小：两数之积的平方根为 {root}，须大于 {least}",
    )
    POOL_ORDER = (
        5037,
        _NEVER,
        "a pool's assets differ and stand in order of name: {asset_a}, {asset_b}",
        "资金池的两种资产须不同并按名称排序：{asset_a}、{asset_b}",
    )
    SHARES_TOO_FEW = (
        5034,
        _AFTER,
        "the deposit gives {shares} shares; at least {least} were asked",
        "此次注入可得 {shares} 份额，要求至少 {least}",
    )
    WITHDRAWN_TOO_LITTLE = (
        5035,
        _AFTER,
        "{amount:money} would come out; at least {least:money} was asked",
        "将取出 {amount:money}，要求至少 {least:money}",
    )
    SHARES_NOT_HELD = (
        5036,
        _AFTER,
        "account {account} has {held} shares of {pool}; {shares} were to be given back",
        "账户 {account} 持有 {pool} 份额 {held}，无法退回 {shares}",
    )
    INTO_OTHERS = (
        5038,
        _NEVER,
        "what comes out of a pool goes to its owner: {into} is not of the owner of {account}",
        "从资金池取出的资产须进入同一所有者的账户：{into} 与 {account} 不属同一所有者",
    )
    QUOTE_UNKNOWN = (
        5040,
        _AFTER,
        "there is no open quote {quote}",
        "没有有效的报价 {quote}",
    )
    QUOTE_EXPIRED = (
        5041,
        _AFTER,
        "quote {quote} expired at {expires_at_ms}; the ledger's time is {time_ms}",
        "报价 {quote} 已于 {expires_at_ms} 到期，账本时间为 {time_ms}",
    )
    QUOTE_OTHERS = (
        5042,
        _NEVER,
        "quote {quote} was given to {taker}, not to {party}",
        "报价 {quote} 的对象为 {taker}，而非 {party}",
    )
    NOT_RESERVABLE = (
        5044,
        _AFTER,
        "pool {pool} gives no firm price for so long, or on this hop",
        "资金池 {pool} 不支持如此长时间的锁价，或不支持在此跳锁价",
    )
    TOO_MANY_RESERVATIONS = (
        5045,
        _AFTER,
        "{taker} has {limit} open reservations with {maker}, the most it may have at a time",
        "{taker} 与 {maker} 之间未结的预留已达上限 {limit} 个",
    )
    CHARGE_TOO_HIGH = (
        5043,
        _AFTER,
        "reserving would cost {charge:money}; at most {most:money} was allowed",
        "预留费用为 {charge:money}，上限为 {most:money}",
    )
