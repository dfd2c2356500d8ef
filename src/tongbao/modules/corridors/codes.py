"""Refusals of the module: 7000-7999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class CorridorsCode(Code):
    """Why something about a corridor or a payment through one was refused."""

    BAD_CORRIDOR_ID = (
        7001,
        _NEVER,
        "{corridor} is not a corridor id: 3 to 48 of A-Z 0-9 . -, a letter first",
        "{corridor} 不是有效的通道代码：3 至 48 位大写字母、数字、点、连字符，首位为字母",
    )
    BAD_TEXT = (
        7002,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    BAD_DIGEST = (
        7003,
        _NEVER,
        "{field} takes a SHA-256 in hex, or nothing",
        "{field} 应为 SHA-256 的十六进制，或留空",
    )
    BAD_TERMS = (7004, _NEVER, "{field}: {reason}", "{field}：{reason}")
    NOT_EMPOWERED = (
        7005,
        _AFTER,
        "{party} may not do this here: {who} may",
        "{party} 无权执行此操作，有权的是 {who}",
    )
    CORRIDOR_EXISTS = (7006, _NEVER, "corridor {corridor} exists already", "通道 {corridor} 已存在")
    CORRIDOR_UNKNOWN = (7007, _AFTER, "there is no corridor {corridor}", "通道 {corridor} 不存在")
    RECEIVER_UNKNOWN = (
        7008,
        _AFTER,
        "{account} does not hold {asset}: it cannot receive a fee",
        "{account} 未持有 {asset}，无法收取费用",
    )
    CHANGE_PAST = (
        7009,
        _NEVER,
        "terms take effect after the ledger's time {time_ms}, not at {effective_from_ms}",
        "条款生效时间 {effective_from_ms} 必须晚于账本时间 {time_ms}",
    )
    CHANGE_EXISTS = (
        7010,
        _NEVER,
        "corridor {corridor} changes at {effective_from_ms} already",
        "通道 {corridor} 在 {effective_from_ms} 已有变更",
    )
    CHANGE_UNKNOWN = (
        7011,
        _AFTER,
        "corridor {corridor} has no change to come at {effective_from_ms}",
        "通道 {corridor} 在 {effective_from_ms} 没有待生效的变更",
    )
    NOT_SEATED = (
        7012,
        _AFTER,
        "{party} is not among those who may serve {corridor}",
        "{party} 不在通道 {corridor} 的可服务机构之列",
    )
    SERVES_ALREADY = (
        7013,
        _AFTER,
        "{party} serves {corridor} already",
        "{party} 已在服务通道 {corridor}",
    )
    SERVES_NOT = (
        7014,
        _AFTER,
        "{party} does not serve {corridor}",
        "{party} 未服务通道 {corridor}",
    )
    NOT_SERVED = (
        7015,
        _AFTER,
        "{party} does not serve {corridor} as {role}",
        "{party} 未以 {role} 身份服务通道 {corridor}",
    )
    NOT_IN_FORCE = (
        7016,
        _AFTER,
        "corridor {corridor} has no terms in force, or is closed for good",
        "通道 {corridor} 没有生效条款，或已停用",
    )
    CORRIDOR_CLOSED = (
        7017,
        _AFTER,
        "corridor {corridor} is closed in {calendar} ({why}); it opens again at {opens_at_ms}",
        "通道 {corridor} 在 {calendar} 处于关闭状态（{why}），将于 {opens_at_ms} 重新开放",
    )
    BAD_BEARER = (
        7018,
        _NEVER,
        "{bearer} is no charge bearer: DEBT, CRED, SHAR or SLEV",
        "{bearer} 不是费用承担方式：DEBT、CRED、SHAR 或 SLEV",
    )
    ONE_AMOUNT = (
        7019,
        _NEVER,
        "state what is sent or what is received: one of them, above zero",
        "须且仅须注明发出金额或收取金额之一，且大于零",
    )
    CREDITOR_BEARS = (
        7020,
        _NEVER,
        "where the creditor bears all charges, state what is sent: what arrives follows from it",
        "费用全部由收款人承担时，须注明发出金额，到账金额由此得出",
    )
    QUOTE_OR_ROUTE = (
        7021,
        _NEVER,
        "a payment in two currencies takes a route or a quote, one in one currency neither",
        "跨币种付款须指定路径或报价之一，同币种付款两者皆不需要",
    )
    COSTS_DIFFER = (
        7022,
        _AFTER,
        "the costs shown and signed are {shown}; they would be {charged}: nothing was charged",
        "签署时显示的费用为 {shown}，现应为 {charged}，未收取任何费用",
    )
    BELOW_COSTS = (
        7023,
        _NEVER,
        "charges of {costs:money} leave nothing of {amount:money}",
        "费用 {costs:money} 超过或等于金额 {amount:money}",
    )
    OVER_LIMIT = (
        7024,
        _AFTER,
        "{corridor} carries at most {limit:money} a payment, not {amount:money} ({source})",
        "通道 {corridor} 单笔最多 {limit:money}，不能为 {amount:money}（{source}）",
    )
    OVER_DAY_LIMIT = (
        7025,
        _AFTER,
        "{party} sent {spent:money} through {corridor} today; {amount:money} more would pass"
        " {limit:money} ({source})",
        "{party} 今日已通过 {corridor} 发出 {spent:money}，"
        "再发 {amount:money} 将超过 {limit:money}（{source}）",
    )
    PURPOSE_NOT_ALLOWED = (
        7026,
        _NEVER,
        "{corridor} carries purposes {allowed}, not {purpose} ({source})",
        "通道 {corridor} 允许的用途为 {allowed}，不含 {purpose}（{source}）",
    )
    SUBJECT_MISSING = (
        7027,
        _NEVER,
        "{corridor} screens who pays and who is paid: give both digests ({source})",
        "通道 {corridor} 须筛查付款人与收款人，请提供双方摘要（{source}）",
    )
    UETR_USED = (7028, _NEVER, "UETR {uetr} names another payment", "UETR {uetr} 已用于另一笔付款")
    UETR_MISSING = (7029, _NEVER, "a cross-border payment has a UETR", "跨境付款须有 UETR")
    PAYMENT_UNKNOWN = (
        7030,
        _AFTER,
        "there is no cross-border payment {uetr}",
        "没有跨境付款 {uetr}",
    )
    WRONG_STATE = (
        7031,
        _AFTER,
        "payment {uetr} is {state}: this takes one that is {wanted}",
        "付款 {uetr} 状态为 {state}，此操作要求 {wanted}",
    )
    DEADLINE_PAST = (
        7032,
        _NEVER,
        "a hold ends between now and {latest_ms}, not at {deadline_ms}",
        "暂挂截止时间须在当前与 {latest_ms} 之间，不能为 {deadline_ms}",
    )
    ENVELOPE_MISSING = (
        7033,
        _AFTER,
        "payment {uetr} lacks its travel-rule envelope: attach it first",
        "付款 {uetr} 缺少旅行规则信封，请先附上",
    )
    ENVELOPE_ATTACHED = (
        7034,
        _NEVER,
        "payment {uetr} carries a travel-rule envelope already",
        "付款 {uetr} 已附旅行规则信封",
    )
    BAD_VERDICT = (
        7035,
        _NEVER,
        "{verdict} is no verdict: clear or hit",
        "{verdict} 不是筛查结论：clear 或 hit",
    )
    EXPIRY_PAST = (
        7036,
        _NEVER,
        "a result holds until a time after {time_ms}, not {expires_at_ms}",
        "筛查结果的有效期须晚于 {time_ms}，不能为 {expires_at_ms}",
    )
    CANCELLATION_OPEN = (
        7037,
        _AFTER,
        "cancelling payment {uetr} was asked for already: the answer is awaited",
        "付款 {uetr} 已有撤销请求，等待答复",
    )
    CANCELLATION_UNKNOWN = (
        7038,
        _AFTER,
        "nobody asks to cancel payment {uetr}",
        "没有针对付款 {uetr} 的撤销请求",
    )
    RETURN_NEEDED = (
        7039,
        _NEVER,
        "payment {uetr} has settled: accepting its cancellation says how it is returned, in whole",
        "付款 {uetr} 已结算：同意撤销须说明如何全额退回",
    )
    RETURN_TOO_MUCH = (
        7040,
        _NEVER,
        "{amount:money} was to be returned of payment {uetr}; {remaining:money} remains",
        "付款 {uetr} 可退回 {remaining:money}，不能退回 {amount:money}",
    )
    RETURN_TOO_SMALL = (
        7041,
        _NEVER,
        "{amount:money} comes to nothing at the original rate",
        "{amount:money} 按原汇率折算为零",
    )
    BAD_TREATMENT = (
        7042,
        _NEVER,
        "{treatment} is no FX treatment of a return: {known}",
        "{treatment} 不是退款的汇率处理方式：{known}",
    )
    CREDITED_TOO_MUCH = (
        7043,
        _NEVER,
        "payment {uetr} credited {credited:money}: the customer cannot have got {amount:money}",
        "付款 {uetr} 入账 {credited:money}，客户不可能收到 {amount:money}",
    )
    BAD_MOMENT = (
        7044,
        _NEVER,
        "{field} is {value}: it lies between {low} and {high}",
        "{field} 为 {value}，须在 {low} 与 {high} 之间",
    )
    BAD_RATE = (
        7045,
        _NEVER,
        "a rate is above zero with 0 to 18 decimals, between two assets",
        "汇率须大于零、小数位 0 至 18，且为两种不同资产之间",
    )
    BAD_SEALING_KEY = (
        7046,
        _NEVER,
        "a sealing key is of suite x25519, 32 bytes",
        "加密公钥须为 x25519 套件，32 字节",
    )
    QUOTE_DIFFERS = (
        7047,
        _AFTER,
        "quote {quote} turns {sent:money} into {received:money}; the payment says"
        " {wanted:money} into {into:money}",
        "报价 {quote} 将 {sent:money} 兑换为 {received:money}，付款要求将 {wanted:money}"
        "兑换为 {into:money}",
    )
    SAME_ACCOUNT = (
        7048,
        _NEVER,
        "payer and payee are the same account {account}",
        "付款与收款为同一账户 {account}",
    )
    HIT_SINCE = (
        7050,
        _AFTER,
        "{party} stated a screening hit after payment {uetr} was released: it cannot be executed",
        "付款 {uetr} 放行之后 {party} 报告了筛查命中，不能执行",
    )
    SCREENING_NEEDED = (
        7051,
        _AFTER,
        "payment {uetr} sends {amount:money}, for which both ends are screened ({reason}):"
        " a screener states a clear result first",
        "付款 {uetr} 发出 {amount:money}，须筛查双方（{reason}）：须先有筛查方给出通过结果",
    )
    TOO_MANY_STEPS = (
        7049,
        _NEVER,
        "payment {uetr} has {limit} steps: what remains is returned in whole or not at all",
        "付款 {uetr} 已有 {limit} 个步骤：余额只能全额退回或不退回",
    )
