"""Refusals of the module: 1000-1999."""

from __future__ import annotations

from collections.abc import Mapping

from tongbao.kernel.codes import Code, Retry, Value
from tongbao.kernel.wording import Decimals, iso_decimals

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE
_COUNTED_ZH = {
    "accounts": "个账户", "firm quotes": "笔确定报价", "holds": "笔预留", "keys": "把密钥",
    "proposals": "项提案", "queued payments": "笔排队付款", "requests for a return": "项退回请求",
    "scheduled transfers": "笔预约转账", "screening results": "项筛查结果",
    "settlement batches": "个结算批次", "waiting corridor payments": "笔待处理的通道付款",
}  # fmt: skip
"""What is counted for a party, in Chinese."""


class PartiesCode(Code):
    """Why something about a party was refused."""

    def text(
        self, language: str, values: Mapping[str, Value], decimals: Decimals = iso_decimals
    ) -> str:
        """The sentence; what is counted is called by its name in the same language."""
        if language.startswith("zh") and values.get("what") in _COUNTED_ZH:
            values = {**values, "what": _COUNTED_ZH[str(values["what"])]}
        return super().text(language, values, decimals)

    BAD_PARTY_ID = (
        1001,
        _NEVER,
        "{party} is not a party id: 2 to 32 of a-z, 0-9 and hyphen",
        "{party} 不是有效的参与方代码：2 至 32 位小写字母、数字或连字符",
    )
    BAD_TEXT = (
        1002,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    BAD_ROLE = (
        1003,
        _NEVER,
        "{role} is not a role, or stands twice: {known}",
        "{role} 不是有效角色或重复：{known}",
    )
    BAD_JURISDICTION = (
        1004,
        _NEVER,
        "{value} is not an ISO 3166-1 alpha-2 country code",
        "{value} 不是 ISO 3166-1 两位国家代码",
    )
    BAD_LEI = (
        1005,
        _NEVER,
        "{lei} is not a LEI: its check digits are wrong (ISO 17442)",
        "{lei} 不是有效的 LEI：校验位错误（ISO 17442）",
    )
    BAD_USCC = (
        1006,
        _NEVER,
        "{uscc} is not a unified social credit code (GB 32100)",
        "{uscc} 不是有效的统一社会信用代码（GB 32100）",
    )
    PARTY_EXISTS = (1007, _NEVER, "party {party} is registered already", "参与方 {party} 已登记")
    IDENTIFIER_TAKEN = (
        1008,
        _NEVER,
        "{kind} {value} belongs to party {party}",
        "{kind} {value} 属于参与方 {party}",
    )
    PARTY_UNKNOWN = (1009, _AFTER, "there is no party {party}", "参与方 {party} 不存在")
    NOT_OPERATOR = (1010, _AFTER, "{party} is not an operator", "{party} 不是运营方")
    NOT_EMPOWERED = (
        1011,
        _AFTER,
        "{party} is neither operator nor supervisor",
        "{party} 既不是运营方也不是监管机构",
    )
    KEY_COUNT = (
        1012,
        _NEVER,
        "a party has 1 to {limit} keys, not {count}",
        "参与方可有 1 至 {limit} 个密钥，不能是 {count}",
    )
    BAD_KEY = (1013, _NEVER, "key {key}: {reason}", "密钥 {key}：{reason}")
    KEY_EXISTS = (1014, _AFTER, "{party} has key {key} already", "{party} 已有密钥 {key}")
    KEY_UNKNOWN = (1015, _AFTER, "{party} has no live key {key}", "{party} 没有有效密钥 {key}")
    LOCK_OUT = (
        1016,
        _AFTER,
        "the live keys of {party} could no longer meet its policy for {scope}",
        "{party} 的有效密钥将无法满足 {scope} 的审批策略",
    )
    BAD_POLICY = (
        1017,
        _NEVER,
        "a policy needs 1 to 16 keys and a weight of 1 to 1000",
        "审批策略须为 1 至 16 个密钥、权重 1 至 1000",
    )
    ALREADY_SUSPENDED = (1018, _AFTER, "{party} is suspended already", "{party} 已被暂停")
    NOT_SUSPENDED = (1019, _AFTER, "{party} is not suspended", "{party} 未被暂停")
    PROPOSAL_UNKNOWN = (
        1020,
        _AFTER,
        "there is no open proposal {proposal}",
        "没有待批提案 {proposal}",
    )
    PROPOSAL_UNREADABLE = (
        1021,
        _NEVER,
        "the proposed actions cannot be read: {reason}",
        "无法解析提案中的操作：{reason}",
    )
    PROPOSAL_NESTED = (
        1022,
        _NEVER,
        "a proposal may not carry {action}",
        "提案中不得包含 {action}",
    )
    PROPOSAL_EXPIRY = (
        1023,
        _NEVER,
        "a proposal expires after {time_ms} and at most {limit_ms} later, not at {expires_at_ms}",
        "提案到期时间须晚于 {time_ms} 且不超过 {limit_ms}，不能是 {expires_at_ms}",
    )
    APPROVED_ALREADY = (
        1024,
        _NEVER,
        "every signing key has approved proposal {proposal} already",
        "签名密钥均已批准提案 {proposal}",
    )
    NOT_CONCERNED = (
        1025,
        _NEVER,
        "{party} is not one whose approval proposal {proposal} needs",
        "提案 {proposal} 不需要 {party} 的批准",
    )
    NOT_PROPOSER = (
        1026,
        _NEVER,
        "{party} did not propose {proposal}",
        "{party} 不是提案 {proposal} 的提出方",
    )
    TOO_MANY_POLICIES = (
        1028,
        _NEVER,
        "{party} has {limit} policies, the most there may be",
        "{party} 已有 {limit} 项审批策略，达到上限",
    )
    TOO_MANY_OPEN = (
        1029,
        _AFTER,
        "{party} has {limit} {what} open, the most there may be; end one first",
        "{party} 已有 {limit} {what}未结，达到上限，请先结束其一",
    )
    TOO_MANY_EVER = (
        1031,
        _NEVER,
        "{party} has made {limit} {what}, the most it ever may: they are counted for good",
        "{party} 累计已有 {limit} {what}，达到上限；该数量只增不减",
    )
    PROPOSED_TOO_LARGE = (
        1030,
        _AFTER,
        "the open proposals of {party} take {size} bytes with this one; at most {limit} together",
        "{party} 的未结提案连同此提案共 {size} 字节，合计上限为 {limit} 字节",
    )
    NOT_SIGNED = (1027, _NEVER, "no key of {party} signed this", "没有 {party} 的密钥签名")
