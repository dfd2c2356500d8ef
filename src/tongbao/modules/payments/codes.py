"""Refusals of the module: 4000-4999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class PaymentsCode(Code):
    """Why a payment was refused."""

    PAYER_UNKNOWN = (
        4001,
        _AFTER,
        "account {account} does not hold {asset}: it cannot pay",
        "账户 {account} 未持有 {asset}，无法付款",
    )
    PAYEE_UNKNOWN = (
        4002,
        _AFTER,
        "account {account} does not hold {asset}: it cannot be paid",
        "账户 {account} 未持有 {asset}，无法收款",
    )
    PAYER_BLOCKED = (
        4003,
        _AFTER,
        "account {account} is frozen or closed: it cannot pay {asset}",
        "账户 {account} 已冻结或销户，无法支付 {asset}",
    )
    PAYEE_BLOCKED = (
        4004,
        _AFTER,
        "account {account} is frozen or closed: it cannot be paid {asset}",
        "账户 {account} 已冻结或销户，无法收取 {asset}",
    )
    INSUFFICIENT_FUNDS = (
        4005,
        _AFTER,
        "{account} has {available:money} available; {amount:money} was to be paid",
        "{account} 可用 {available:money}，需支付 {amount:money}",
    )
    PAYEE_NOT_AUTHORISED = (
        4007,
        _AFTER,
        "{account} is not on the allow-list of {asset}",
        "{account} 不在 {asset} 的许可名单中",
    )
    SAME_ACCOUNT = (
        4008,
        _NEVER,
        "payer and payee are the same account {account}",
        "付款与收款为同一账户 {account}",
    )
    PAYER_NOT_AUTHORISED = (
        4009,
        _AFTER,
        "{account} is not on the allow-list of {asset}: it cannot pay",
        "{account} 不在 {asset} 的许可名单中，无法付款",
    )
    REFERENCE_REQUIRED = (
        4010,
        _NEVER,
        "account {account} takes payments with a payee reference only",
        "账户 {account} 仅接收带有收款参考号的付款",
    )
    BAD_TEXT = (
        4011,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    BAD_UETR = (4012, _NEVER, "{uetr} is not a UETR (a UUID version 4)", "{uetr} 不是有效的 UETR")
    BAD_DOCUMENT = (
        4013,
        _NEVER,
        "document takes the SHA-256 of the source in hex, or nothing",
        "document 应为源文件 SHA-256 的十六进制，或留空",
    )
    LINE_COUNT = (
        4014,
        _NEVER,
        "a bulk transfer has 1 to {limit} lines; this one has {count}",
        "批量转账可含 1 至 {limit} 笔，此批为 {count} 笔",
    )
    LINE_REFUSED = (
        4015,
        _AFTER,
        "line {line}, to {payee}: {fault}",
        "第 {line} 笔，收款账户 {payee}：{fault}",
    )
    NOTHING_PAID = (
        4016,
        _AFTER,
        "none of the {count} lines could be paid; the first: {fault}",
        "{count} 笔均无法支付，首笔原因：{fault}",
    )
    NOTHING_AVAILABLE = (
        4017,
        _AFTER,
        "{account} has nothing of {asset} to balance with",
        "{account} 没有可用的 {asset}",
    )
    HOLD_UNKNOWN = (4018, _AFTER, "there is no open hold {hold}", "没有未结的预留 {hold}")
    HOLD_DUE_PAST = (
        4019,
        _NEVER,
        "a hold falls due after the ledger's time {time_ms}, not at {due_at_ms}",
        "预留到期时间 {due_at_ms} 必须晚于账本时间 {time_ms}",
    )
    HOLD_TOO_MUCH = (
        4020,
        _AFTER,
        "{amount:money} was to be posted of hold {hold}; {remaining:money} remains",
        "预留 {hold} 剩余 {remaining:money}，无法入账 {amount:money}",
    )
    BAD_HASHLOCK = (
        4021,
        _NEVER,
        "a hashlock is the SHA-256 of a preimage in hex, or nothing",
        "hashlock 应为原像 SHA-256 的十六进制，或留空",
    )
    WRONG_PREIMAGE = (
        4022,
        _NEVER,
        "the preimage does not open hold {hold}",
        "原像无法打开预留 {hold}",
    )
    SCHEDULE_UNKNOWN = (
        4023,
        _AFTER,
        "there is no scheduled transfer {schedule}",
        "没有预约转账 {schedule}",
    )
    SCHEDULE_PAST = (
        4024,
        _NEVER,
        "a transfer is scheduled after the ledger's time {time_ms}, not at {due_at_ms}",
        "预约时间 {due_at_ms} 必须晚于账本时间 {time_ms}",
    )
    ISSUING_ACCOUNT = (
        4026,
        _NEVER,
        "{account} is where {asset} is issued from: supply comes by assets.issue, not by payments",
        "{account} 是 {asset} 的发行账户：供应量只能经 assets.issue 发行，不能以付款方式转出",
    )
    PREIMAGE_POSTS_ALL = (
        4027,
        _NEVER,
        "hold {hold} has a hashlock: whoever shows the preimage posts all of it",
        "预留 {hold} 设有哈希锁：出示原像者须全额入账",
    )
    ARBITER_UNKNOWN = (
        4028,
        _AFTER,
        "the arbiter {party} is no party: nobody could decide on the hold",
        "仲裁方 {party} 不是参与方，无人可裁定此预留",
    )
    TOO_FAR_AHEAD = (
        4025,
        _NEVER,
        "at most {limit_ms} ahead; {due_at_ms} is later",
        "最多提前 {limit_ms}，{due_at_ms} 过晚",
    )
    UETR_TAKEN = (
        4029,
        _NEVER,
        "the UETR {uetr} names another payment or return already",
        "UETR {uetr} 已用于另一笔付款或退款",
    )
    UETR_UNKNOWN = (
        4030,
        _AFTER,
        "no payment within the ledger bears the UETR {uetr}",
        "账本内没有 UETR 为 {uetr} 的付款",
    )
    NOT_RETURNABLE = (
        4031,
        _AFTER,
        "what {uetr} names is {state}: only a settled payment is returned",
        "{uetr} 的状态为 {state}：只有已结算的付款才能退回",
    )
    RETURN_ABOVE_REST = (
        4032,
        _AFTER,
        "{amount:money} was to be returned of payment {uetr}; {remaining:money} remains",
        "付款 {uetr} 尚可退回 {remaining:money}，无法退回 {amount:money}",
    )
    RETURN_UETR_MISSING = (
        4033,
        _NEVER,
        "a return bears a UETR of its own",
        "退款须有自己的 UETR",
    )
    TOO_MANY_RETURNS = (
        4034,
        _AFTER,
        "payment {uetr} was returned in {limit} parts: the next return gives back all that remains",
        "付款 {uetr} 已分 {limit} 次退回：下一次须退回全部余额",
    )
    RETURN_REQUESTED = (
        4035,
        _AFTER,
        "the return of payment {uetr} is requested already and awaits an answer",
        "付款 {uetr} 的退回请求已提出，正等待答复",
    )
    NO_RETURN_REQUEST = (
        4036,
        _AFTER,
        "nobody asks for the return of payment {uetr}",
        "付款 {uetr} 没有待答复的退回请求",
    )
