"""Refusal codes: the stable numbers of broken rules, with what a client may do next.

A number is part of the API and is never given to another rule. Each module declares its own
`Code` class; number ranges are a thousand a module (kernel 1-999, parties 1000, accounts 2000,
assets 3000, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Never, Self, TypeAlias

from tongbao.kernel.wording import Decimals, bare, filled, iso_decimals

Value: TypeAlias = str | int | bool | tuple[str, ...]
OK = 0


class Retry(Enum):
    """What a client may do after a refusal."""

    NEVER = "never"
    """The instruction itself is wrong: correct it and send it under a new reference."""
    AFTER_CHANGE = "after_change"
    """The ledger stands in the way: once that changes, send it under a new reference."""
    SAME_BYTES = "same_bytes"
    """Nothing was recorded: the very same bytes may be sent again until they expire."""


class Code(IntEnum):
    """Base of every table of refusal codes: number, retry class, English and Chinese text."""

    en: str
    """English sentence with the names of its values in braces, for reference."""
    zh: str
    retry: Retry
    templates: tuple[str, str]
    """English and Chinese as they are filled: with how each value is told (`wording.py`)."""

    def __new__(cls, number: int, retry: Retry, en: str, zh: str) -> Self:
        """Attach the texts to the number; templates name the values of the refusal."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.retry = retry
        member.templates = en, zh
        member.en, member.zh = bare(en), bare(zh)
        return member

    def text(
        self, language: str, values: Mapping[str, Value], decimals: Decimals = iso_decimals
    ) -> str:
        """The sentence for a person, in `en` or `zh`, filled with the refusal's values.

        Amounts are told in units where `decimals` knows their asset: see `kernel/wording.py`.
        """
        return filled(self.templates[language.startswith("zh")], values, language, decimals)


class Refusal(Exception):
    """A rule says no. The only exception a transaction may end with."""

    def __init__(self, code: Code, values: dict[str, Value]) -> None:
        """Keep the code and the named values that its text uses."""
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        """The English sentence with its number."""
        return f"{self.code.name} ({int(self.code)}): {self.code.text('en', self.values)}"


def require(condition: object, code: Code, /, **values: Value) -> None:
    """Refuse with `code` unless `condition` holds. The only way to refuse."""
    if not condition:
        raise Refusal(code, values)


def refuse(code: Code, /, **values: Value) -> Never:
    """Refuse outright, where a ladder of conditions has already been walked."""
    raise Refusal(code, values)


class KernelCode(Code):
    """What the kernel itself refuses, in the order in which it looks."""

    TOO_LARGE = (
        1,
        Retry.NEVER,
        "the envelope has {size} bytes; at most {limit} are accepted",
        "交易信封为 {size} 字节，上限为 {limit} 字节",
    )
    MALFORMED = (
        2,
        Retry.NEVER,
        "the envelope cannot be read: {reason}",
        "无法解析交易信封：{reason}",
    )
    NOT_CANONICAL = (
        3,
        Retry.NEVER,
        "the bytes are not the canonical encoding of what they say ({part})",
        "字节不是其内容的规范编码（{part}）",
    )
    WRONG_CHAIN = (
        4,
        Retry.NEVER,
        "the transaction is for chain {given}; this is {chain}",
        "交易属于链 {given}，本链为 {chain}",
    )
    BAD_NAME = (
        5,
        Retry.NEVER,
        "{field} {value} is not a valid name: {rule}",
        "{field} {value} 不是有效名称：{rule}",
    )
    ACTION_COUNT = (
        6,
        Retry.NEVER,
        "an envelope carries 1 to {limit} actions; this one has {count}",
        "一个信封可含 1 至 {limit} 个操作，此信封有 {count} 个",
    )
    SIGNATURE_COUNT = (
        7,
        Retry.NEVER,
        "an envelope carries 1 to {limit} signatures, each key once; this one has {count}",
        "一个信封可含 1 至 {limit} 个签名且每个密钥仅一次，此信封有 {count} 个",
    )
    UNKNOWN_SUITE = (
        8,
        Retry.NEVER,
        "signature suite {suite} is not accepted on this chain",
        "本链不接受密码套件 {suite}",
    )
    BAD_SIGNATURE = (
        9,
        Retry.NEVER,
        "the signature of key {key} does not fit the signed bytes",
        "密钥 {key} 的签名与所签字节不符",
    )
    EXPIRED = (
        10,
        Retry.NEVER,
        "the transaction expired at {expires_at_ms}; the ledger's time is {time_ms}",
        "交易已于 {expires_at_ms} 过期，账本时间为 {time_ms}",
    )
    EXPIRES_TOO_LATE = (
        11,
        Retry.SAME_BYTES,
        "a transaction may expire at most {limit_ms} ahead; this one expires at {expires_at_ms}",
        "交易有效期最长为 {limit_ms}，此交易过期时间为 {expires_at_ms}",
    )
    UNKNOWN_KEY = (
        12,
        Retry.SAME_BYTES,
        "party {party} has no key {key}",
        "参与方 {party} 没有密钥 {key}",
    )
    KEY_NOT_LIVE = (
        13,
        Retry.NEVER,
        "key {key} of {party} is {state}",
        "{party} 的密钥 {key} 状态为 {state}",
    )
    NAMER_NOT_SIGNED = (
        14,
        Retry.NEVER,
        "party {party} names the transaction but none of its keys signed it",
        "参与方 {party} 命名了交易，但没有其密钥的签名",
    )
    APPROVAL_MISSING = (
        15,
        Retry.SAME_BYTES,
        "{party} has to approve {scope} with {keys} key(s) of total weight {weight};"
        " given: {given_keys} of weight {given_weight}",
        "{party} 的 {scope} 需要 {keys} 个密钥、总权重 {weight} 的批准；"
        "现有 {given_keys} 个、权重 {given_weight}",
    )
    NAME_USED = (
        16,
        Retry.NEVER,
        "reference {reference} of {party} names another transaction, in block {height}",
        "{party} 的业务参考号 {reference} 已用于区块 {height} 中的另一交易",
    )
    ALREADY_RECORDED = (
        17,
        Retry.NEVER,
        "the same transaction stands in block {height} already; its receipt is the answer",
        "同一交易已在区块 {height} 中，其回执即为答复",
    )
    INTERNAL = (
        18,
        Retry.AFTER_CHANGE,
        "the ledger met a fault of its own and wrote nothing; an alarm was raised",
        "账本内部出错，未写入任何内容，已发出告警",
    )
    AMOUNT_RANGE = (
        19,
        Retry.NEVER,
        "{field} is {amount}; it takes a whole number of minor units from {low} to {high}",
        "{field} 为 {amount}；须为 {low} 至 {high} 个最小单位的整数",
    )
    PARTY_SUSPENDED = (
        23,
        Retry.AFTER_CHANGE,
        "party {party} is suspended: {reason}",
        "参与方 {party} 已被暂停：{reason}",
    )
    QUEUE_FULL = (
        20,
        Retry.SAME_BYTES,
        "the node has {waiting} transactions waiting, its limit; try again shortly",
        "节点已有 {waiting} 笔交易等待，达到上限，请稍后重试",
    )
    GIVEN_UP = (
        24,
        Retry.SAME_BYTES,
        "not looked at: {count} envelopes before it in this submission are signed by nobody known",
        "未处理：本次提交中此前有 {count} 个信封并非由已知密钥有效签名",
    )
    NODE_STOPPING = (
        21,
        Retry.SAME_BYTES,
        "the node is stopping and accepts nothing new",
        "节点正在停止，不再接受新交易",
    )
    CLOCK_NOT_BELIEVED = (
        29,
        Retry.SAME_BYTES,
        "the clock of this node says {clock} and is not believed; the ledger's time is {ledger}."
        " Its operator has to set it right or start the node again",
        "本节点的时钟显示 {clock}，不予采信；账本时间为 {ledger}。需由运营方校准时钟或重新启动节点",
    )
    NESTED_TOO_DEEP = (
        22,
        Retry.NEVER,
        "actions cannot be nested more than {limit} deep",
        "操作嵌套不得超过 {limit} 层",
    )
