"""Refusals of the module: 6000-6999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class SettlementCode(Code):
    """Why a batch, a queue or a payment in it was refused."""

    BAD_TEXT = (
        6001,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    STEP_COUNT = (
        6002,
        _NEVER,
        "a settlement batch has 1 to {limit} steps; this one has {count}",
        "结算批次可含 1 至 {limit} 个步骤，此批为 {count} 个",
    )
    BAD_STEP = (
        6003,
        _NEVER,
        "step {number}: {party} is no party, an account is not its own, or it would pay itself",
        "步骤 {number}：{party} 不是参与方、账户不属于它，或收付为同一账户",
    )
    PARTY_UNKNOWN = (6004, _AFTER, "party {party} is not registered", "参与方 {party} 未登记")
    DEADLINE_PAST = (
        6005,
        _NEVER,
        "a batch ends after now ({time_ms}) and after it settles, not at {deadline_at_ms}",
        "批次截止时间 {deadline_at_ms} 必须晚于账本时间 {time_ms} 和结算时间",
    )
    TOO_FAR_AHEAD = (
        6006,
        _NEVER,
        "at most {limit_ms} ahead; {deadline_at_ms} is later",
        "最多提前 {limit_ms}，{deadline_at_ms} 过晚",
    )
    BATCH_UNKNOWN = (6007, _AFTER, "there is no open batch {batch}", "没有未结的结算批次 {batch}")
    BAD_NUMBERS = (
        6008,
        _NEVER,
        "instructions are named by their numbers, each once",
        "指令须以编号指明，且不得重复",
    )
    INSTRUCTION_UNKNOWN = (
        6009,
        _NEVER,
        "batch {batch} has no instruction {number}",
        "批次 {batch} 没有指令 {number}",
    )
    BAD_SIDE = (6010, _NEVER, "{side} is not a side: deliver or receive", "{side} 不是有效的一方")
    NOT_ITS_SIDE = (
        6011,
        _NEVER,
        "instruction {number} is not {party}'s to {side}",
        "指令 {number} 的 {side} 方不是 {party}",
    )
    APPROVED_ALREADY = (
        6012,
        _AFTER,
        "{party} has approved instruction {number} already; revoke first",
        "{party} 已批准指令 {number}，须先撤回",
    )
    NOT_ALLOCATED = (
        6013,
        _AFTER,
        "instruction {number} has no account to {side} yet",
        "指令 {number} 尚未指定 {side} 账户",
    )
    NOTHING_TO_APPROVE = (
        6014,
        _AFTER,
        "{party} has nothing to approve in batch {batch}",
        "{party} 在批次 {batch} 中没有待批准的指令",
    )
    NOTHING_TO_REVOKE = (
        6015,
        _AFTER,
        "{party} has approved nothing in batch {batch}",
        "{party} 在批次 {batch} 中没有已批准的指令",
    )
    NOT_CONCERNED = (
        6016,
        _NEVER,
        "{party} takes no part in batch {batch}",
        "{party} 与批次 {batch} 无关",
    )
    NOT_COMPLETE = (
        6017,
        _AFTER,
        "batch {batch} still lacks {missing} allocation(s) or approval(s)",
        "批次 {batch} 尚缺 {missing} 项分配或批准",
    )
    NOT_DUE = (
        6018,
        _AFTER,
        "batch {batch} settles at {settle_at_ms}, not before",
        "批次 {batch} 于 {settle_at_ms} 结算，不得提前",
    )
    BAD_QUEUE = (
        6019,
        _NEVER,
        "{field} of a queue is not as the rules of a queue allow",
        "队列的 {field} 不符合规则",
    )
    NOT_OPERATOR = (
        6020,
        _NEVER,
        "{party} does not operate queue {queue}: a central bank or operator does, the same always",
        "{party} 不是队列 {queue} 的运营方",
    )
    ASSET_STAYS = (
        6021,
        _AFTER,
        "payments in {asset} wait in queue {queue}: it cannot leave",
        "队列 {queue} 中尚有 {asset} 的付款，不能移除",
    )
    QUEUE_UNKNOWN = (6022, _AFTER, "there is no queue {queue}", "没有队列 {queue}")
    NOT_IN_QUEUE = (
        6023,
        _AFTER,
        "queue {queue} does not settle {asset}",
        "队列 {queue} 不结算 {asset}",
    )
    AMOUNT_TOO_LARGE = (
        6024,
        _NEVER,
        "{amount:money} is more than a queue takes in one payment",
        "{amount:money} 超过队列单笔上限",
    )
    BAD_PRIORITY = (
        6025,
        _NEVER,
        "a priority is 0 (most urgent) to 9, not {priority}",
        "优先级为 0（最急）至 9，不能是 {priority}",
    )
    PAIR_MISMATCH = (
        6026,
        _NEVER,
        "the payment that waits under {pair} is not the other side of this one",
        "以 {pair} 等待的付款不是此付款的对手方",
    )
    PAIR_TAKEN = (6027, _AFTER, "the pair {pair} has both its sides", "配对 {pair} 已有双方")
    PAYMENT_UNKNOWN = (
        6028,
        _AFTER,
        "no payment {payment} waits in a queue",
        "没有排队的付款 {payment}",
    )
    NOTHING_CHANGES = (6029, _NEVER, "nothing would change", "没有任何变化")
    BAD_LIMIT = (
        6030,
        _NEVER,
        "a limit is zero or more; a counterparty is another account, once",
        "限额须不小于零；对手方须为其他账户且不重复",
    )
    OVER_LIMIT = (
        6031,
        _AFTER,
        "{account} would have paid {position:money} more than it received today; "
        "its limit is {limit:money}",
        "{account} 今日净付出将达 {position:money}，限额为 {limit:money}",
    )
    URGENT_RESERVE = (
        6032,
        _AFTER,
        "{account} keeps {reserve:money} for urgent payments",
        "{account} 为紧急付款保留 {reserve:money}",
    )
    RUN_UNDER_WAY = (
        6033,
        _AFTER,
        "run {run} of queue {queue} is under way",
        "队列 {queue} 的轧差 {run} 正在进行",
    )
    NOT_PARTICIPANT = (
        6034,
        _AFTER,
        "{party} neither operates queue {queue} nor has a payment in it",
        "{party} 既非队列 {queue} 的运营方，也没有排队的付款",
    )
    AMENDED_SINCE = (
        6035,
        _AFTER,
        "batch {batch} was amended: revision {revision} stands, and {approved} was approved",
        "批次 {batch} 已修改：现为第 {revision} 版，而批准的是第 {approved} 版",
    )
    SETTLES_NEVER = (
        6038,
        _NEVER,
        "a batch settles at a time, or 0 for as soon as it is complete, not at {settle_at_ms}",
        "批次的结算时间须为某一时刻，或为 0 表示齐备即结算，不能是 {settle_at_ms}",
    )
    PAIR_TERMS = (
        6036,
        _NEVER,
        "a payment under a pair label says what the other side brings: an asset and an amount; "
        "one without a label says neither",
        "带配对标签的付款须说明对方支付的资产和金额；无标签者不得填写",
    )
    ASKED_ALREADY = (
        6037,
        _AFTER,
        "the netting of queue {queue} was asked for in this block already",
        "本区块内已请求过队列 {queue} 的轧差",
    )
