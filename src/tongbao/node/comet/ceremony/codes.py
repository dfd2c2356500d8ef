"""Refusals of the founding ceremony: 161-179. Each names the file, the field and the rule.

Where another rule stands behind one (a number's check digit, an opening action), its own refusal
is the cause.
"""

from __future__ import annotations

from tongbao.kernel.codes import Code, Refusal, Retry

_NEVER = Retry.NEVER


class FoundingCode(Code):
    """Why a file of the ceremony is not taken."""

    UNREADABLE = (
        161,
        _NEVER,
        "{file} is not a {format} file: {reason}",
        "{file} 不是 {format} 文件：{reason}",
    )
    TOO_LARGE = (
        162,
        _NEVER,
        "{file} has more than {limit} bytes, the most that a {format} file may have",
        "{file} 超过 {limit} 字节，即 {format} 文件的上限",
    )
    UNKNOWN_VERSION = (
        163,
        _NEVER,
        "{file} has the format {found}; this version of tongbao reads {format}",
        "{file} 的格式为 {found}；本版本 tongbao 可读取 {format}",
    )
    BAD_FIELD = (164, _NEVER, "{file}, {field} ({value})", "{file}，{field}（{value}）")
    OUT_OF_RANGE = (
        165,
        _NEVER,
        "{file}, {field} is {value}: it has to be {rule}",
        "{file}，{field} 为 {value}，须为 {rule}",
    )
    NOT_SIGNED = (
        166,
        _NEVER,
        "{file}: the {which} key {key} of {party} did not sign what the file says",
        "{file}：{party} 的 {which} 密钥 {key} 未签署文件内容",
    )
    STRANGE_SIGNATURE = (
        167,
        _NEVER,
        "{file} is signed with {key}, which is no key of {party}",
        "{file} 由 {key} 签名，但它不是 {party} 的密钥",
    )
    OTHER_CHAIN = (
        168,
        _NEVER,
        "{file} is for the chain {found}, the terms are for {chain}",
        "{file} 属于链 {found}，而条款属于链 {chain}",
    )
    GIVEN_TWICE = (
        169,
        _NEVER,
        "{file}, {field} {value}: {other} has the same",
        "{file}，{field} {value}：{other} 已使用相同的值",
    )
    REQUEST_MISSING = (
        170,
        _NEVER,
        "{file}, members: there is no request of {parties}",
        "{file}，members：缺少 {parties} 的申请文件",
    )
    NOT_A_MEMBER = (
        171,
        _NEVER,
        "{file}: {party} is not among the members that the terms name",
        "{file}：{party} 不在条款列出的成员之中",
    )
    NOT_IN_ORDER = (
        172,
        _NEVER,
        "{file}: the requests do not stand in the order of their parties",
        "{file}：申请未按参与方顺序排列",
    )
    GOVERNANCE_TWICE = (
        173,
        _NEVER,
        "{file}, actions: governance is founded by the field `governance`, not by an action",
        "{file}，actions：治理由字段 governance 设立，不得由操作设立",
    )
    OPENING_REFUSED = (
        174,
        _NEVER,
        "{file}: the ledger refuses what is to be there before the first block",
        "{file}：账本拒绝首个区块之前的内容",
    )
    MEMBER_TOUCHED = (
        175,
        _NEVER,
        "{file}, actions: they change {what} of {party}; only its own request says that",
        "{file}，actions：其改变了 {party} 的{what}；只有其本身的申请可以规定",
    )
    OTHER_GENESIS = (
        176,
        _NEVER,
        "{file}: the {what} is {found}, not {wanted}",
        "{file}：{what} 为 {found}，不是 {wanted}",
    )
    APPROVAL_MISSING = (
        177,
        _NEVER,
        "not approved by {parties} yet: every member has to approve",
        "尚未获得 {parties} 批准：须全体成员批准",
    )
    TOO_FEW_KEYS = (
        178,
        _NEVER,
        "{file}: {party} approves with {keys} keys of total weight {weight}; given: {given_keys}"
        " of weight {given_weight}",
        "{file}：{party} 须用 {keys} 个密钥、总权重 {weight} 批准；"
        "现有 {given_keys} 个、权重 {given_weight}",
    )
    OTHER_KEYS = (
        179,
        _NEVER,
        "{folder}: the {which} key there is not the one of {party} in the founding file",
        "{folder}：其中的 {which} 密钥不是创立文件中 {party} 的密钥",
    )


def told(refusal: Refusal, language: str) -> str:
    """A refusal for a person, with the rules that stand behind it."""
    parts: list[str] = []
    one: BaseException | None = refusal
    while isinstance(one, Refusal):
        parts.append(one.code.text(language, one.values))
        one = one.__cause__
    return ("：" if language.startswith("zh") else ": ").join(parts)
