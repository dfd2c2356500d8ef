"""What the gateway itself refuses, before or beside the ledger: 901-999."""

from __future__ import annotations

from collections.abc import Mapping

from tongbao.kernel.codes import Code, Retry, Value
from tongbao.kernel.wording import Decimals, iso_decimals

_NEVER, _AFTER, _SAME = Retry.NEVER, Retry.AFTER_CHANGE, Retry.SAME_BYTES


_KINDS_ZH = {
    "account": "账户", "asset": "资产", "batch": "批次", "block": "区块",
    "booking of": "入账通知：",
    "code": "代码", "corridor": "通道", "desk file": "付款文件", "hold": "预留", "offer": "挂单",
    "party": "参与方", "payment": "付款", "pool": "资金池", "queue": "队列", "quote": "报价",
    "scheduled transfer": "预约转账", "sealing key": "加密公钥", "signed block": "已签名区块",
    "table": "数据表", "transaction": "交易", "vote": "表决",
}  # fmt: skip
"""What is not there, in Chinese."""


class GatewayCode(Code):
    """Why a request was not carried out."""

    def text(
        self, language: str, values: Mapping[str, Value], decimals: Decimals = iso_decimals
    ) -> str:
        """The sentence; what is not there is called by its name in the same language."""
        if language.startswith("zh") and values.get("kind") in _KINDS_ZH:
            values = {**values, "kind": _KINDS_ZH[str(values["kind"])]}
        return super().text(language, values, decimals)

    BAD_BODY = (901, _NEVER, "the body cannot be read: {reason}", "无法读取请求正文：{reason}")
    BODY_TOO_LARGE = (
        902,
        _NEVER,
        "the body may have at most {limit} bytes",
        "请求正文最多 {limit} 字节",
    )
    BODY_TOO_SLOW = (
        903,
        _SAME,
        "the body comes too slowly: after {seconds} s it has to come at {rate} bytes a second",
        "请求正文传输过慢：{seconds} 秒后须保持每秒 {rate} 字节",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        904,
        _NEVER,
        "{given} is not accepted here; send {accepted}",
        "此处不接受 {given}，请使用 {accepted}",
    )
    NO_SUCH_PATH = (905, _NEVER, "there is nothing at {path}", "路径 {path} 不存在")
    METHOD_NOT_ALLOWED = (
        906,
        _NEVER,
        "{method} is not possible at {path}",
        "{path} 不支持 {method}",
    )
    BAD_PARAMETER = (
        907,
        _NEVER,
        "parameter {field}: {reason}",
        "参数 {field} 有误：{reason}",
    )
    BAD_CURSOR = (
        908,
        _NEVER,
        "the cursor was not given by this list",
        "该游标不属于此列表",
    )
    NOT_FOUND = (
        909,
        _AFTER,
        "there is no {kind} {id}",
        "没有{kind} {id}",
    )
    IDEMPOTENCY_KEY_REUSED = (
        910,
        _NEVER,
        "this Idempotency-Key came with other bytes before",
        "此 Idempotency-Key 曾用于其他内容",
    )
    BAD_IDEMPOTENCY_KEY = (
        911,
        _NEVER,
        "an Idempotency-Key has 1 to {limit} printable ASCII characters",
        "Idempotency-Key 须为 1 至 {limit} 个可见 ASCII 字符",
    )
    TOO_MANY_IN_BATCH = (
        912,
        _NEVER,
        "a batch has at most {limit} envelopes; this one has {count}",
        "一批最多 {limit} 个信封，此批为 {count} 个",
    )
    UNAUTHORISED = (
        913,
        _NEVER,
        "this node asks for an API token (Authorization: Bearer ...)",
        "本节点要求 API 令牌（Authorization: Bearer ...）",
    )
    OTHER_HOST = (
        914,
        _NEVER,
        "this node is not called {host}",
        "本节点的名称不是 {host}",
    )
    BUSY = (
        915,
        _SAME,
        "the gateway serves {limit} requests of this kind ({kind}) at once, its limit; try again"
        " shortly",
        "网关正在处理 {limit} 个此类请求（{kind}），已达上限，请稍后重试",
    )
    NO_READ_MODEL = (
        916,
        _NEVER,
        "this node keeps no read model: it has no lists and no event stream",
        "本节点没有读模型，不提供列表与事件流",
    )
    READ_MODEL_BEHIND = (
        917,
        _SAME,
        "the read model stands at block {height}; block {wanted} was asked for",
        "读模型位于区块 {height}，请求的是区块 {wanted}",
    )
    NOT_FINAL_YET = (
        918,
        _SAME,
        "not final within {seconds} s: ask again, or send the same bytes again",
        "未在 {seconds} 秒内完成，请稍后查询或重发相同字节",
    )
    NOT_PROVEN_YET = (
        919,
        _SAME,
        "block {height} is proven by the next block; try again shortly",
        "区块 {height} 由下一区块证明，请稍后重试",
    )
    TOO_MANY_STREAMS = (
        920,
        _SAME,
        "{limit} event streams are open, the limit",
        "已打开 {limit} 个事件流，达到上限",
    )
    NODE_FAULT = (
        921,
        _SAME,
        "the node met a fault of its own and raised an alarm",
        "节点内部出错，已发出告警",
    )
    NOT_READY = (922, _SAME, "the node is not ready: {reason}", "节点未就绪：{reason}")
    PRUNED = (
        923,
        _NEVER,
        "block {height} was pruned from this node, whose oldest is {oldest}: ask an archive node",
        "本节点已清理区块 {height}，现存最早区块为 {oldest}：请询问归档节点",
    )
    REFUSED_BY_HTTP = (924, _NEVER, "{reason}", "{reason}")
    STATE_TOO_OLD = (
        925,
        _NEVER,
        "the state after block {height} is too old to be proved here: ask for a newer one",
        "区块 {height} 之后的状态过旧，本节点不再证明，请询问更新的区块",
    )
    NO_OTHER_VALIDATORS = (
        926,
        _NEVER,
        "this node orders its blocks alone: there are no other validators to accuse",
        "本节点独自排序区块，没有其他验证人可指控",
    )
    TOO_MANY_AT_ONCE = (
        927,
        _SAME,
        "you have {limit} requests of this kind ({kind}) under way, the limit for one client; wait"
        " for their answers",
        "您有 {limit} 个此类请求（{kind}）正在处理，已达单个客户端上限，请等待其结果",
    )
    HEADERS_TOO_LARGE = (
        928,
        _NEVER,
        "the request line or its headers are too large: at most {limit} header lines and {target}"
        " bytes of path and query",
        "请求行或请求头过大：最多 {limit} 行请求头，路径与查询合计最多 {target} 字节",
    )
    UPLOADS_FULL = (
        929,
        _SAME,
        "bodies that are being received take {limit} bytes, the limit; try again shortly",
        "正在接收的请求正文已占用 {limit} 字节，达到上限，请稍后重试",
    )
    ABSENCE_RESERVED = (
        930,
        _NEVER,
        "there is no such row; the proof of that shows rows of others and is for the node's"
        " operator alone",
        "不存在该行；其证明会显示他人的数据，仅供节点运营方使用",
    )
    UNKNOWN_WORD = (
        931,
        _NEVER,
        "{field} is never {given}; it is one of: {known}",
        "{field} 没有“{given}”这个取值，可用：{known}",
    )
    BAD_ID = (
        932,
        _NEVER,
        "{given} is no {field}: one is written {form}",
        "“{given}”不是 {field}，其写法为 {form}",
    )
