"""What the desk refuses, beside ledger and gateway: 940-969."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class DeskCode(Code):
    """Why an act at the desk was not carried out."""

    NO_DESK = (940, _NEVER, "this node keeps no desk", "本节点未设付款工作台")
    BAD_STATEMENT = (
        941,
        _NEVER,
        "the statement cannot be read: {reason}",
        "无法解析声明：{reason}",
    )
    STATEMENT_TIME = (
        942,
        _AFTER,
        "the statement is of another time: its clock is {seconds} s away from this desk's",
        "声明时间不符：与工作台时钟相差 {seconds} 秒",
    )
    BAD_STATEMENT_SIGNATURE = (
        943,
        _NEVER,
        "the signature of key {key} is not over this statement",
        "密钥 {key} 的签名与声明不符",
    )
    KEY_WITHOUT_SCOPE = (
        944,
        _AFTER,
        "key {key} may not approve payments",
        "密钥 {key} 无付款审批权限",
    )
    FILE_REFUSED = (
        945,
        _NEVER,
        "the file is refused: {rule}, line {line}, {path}: {reason}",
        "文件被拒绝：{rule}，第 {line} 行，{path}：{reason}",
    )
    NOT_YOUR_FILE = (
        946,
        _NEVER,
        "file {file} is of {party}, the statement of {other}",
        "文件 {file} 属于 {party}，声明属于 {other}",
    )
    CHANGED_SINCE = (
        947,
        _AFTER,
        "file {file} is at version {version}, the statement speaks of {given}",
        "文件 {file} 现为版本 {version}，声明针对版本 {given}",
    )
    WRONG_STATE = (
        948,
        _AFTER,
        "file {file} is {state}: {action} is not possible",
        "文件 {file} 状态为 {state}，不能执行 {action}",
    )
    BAD_REPAIR = (
        949,
        _NEVER,
        "{path} cannot be set: {reason}",
        "无法设置 {path}：{reason}",
    )
    BATCH_UNKNOWN = (
        950,
        _NEVER,
        "batch {batch} is not waiting for signatures",
        "批次 {batch} 并未等待签名",
    )
    BAD_BATCH_SIGNATURE = (
        951,
        _NEVER,
        "the signature of key {key} is not over batch {batch}",
        "密钥 {key} 的签名与批次 {batch} 不符",
    )
    OVER_LIMIT = (
        952,
        _AFTER,
        "key {key} may approve {limit:money}, the file has {total:money}",
        "密钥 {key} 可审批 {limit:money}，文件合计 {total:money}",
    )
    NOT_APPROVED = (953, _AFTER, "not ready for release: {missing}", "尚不能放行：{missing_zh}")
    OUTSIDE_WINDOW = (
        954,
        _AFTER,
        "the signatures count from {since:moment} until {until:moment}; {at:moment} is outside:"
        " check the file with that time and sign again",
        "签名有效期为 {since:moment} 至 {until:moment}，{at:moment} 不在其内："
        "请以该时间重新检查并签名",
    )
    LIMIT_NEEDS_TWO = (
        955,
        _NEVER,
        "a limit is set by two keys of the party",
        "审批限额须由该参与方的两把密钥共同设置",
    )
    OTHER_DESK = (
        956,
        _NEVER,
        "the desk's file is of {found}, this node wants {wanted}: keep it and start with another",
        "工作台文件属于 {found}，本节点需要 {wanted}：请保留并另用新文件",
    )
    MESSAGE_ID_USED = (
        957,
        _NEVER,
        "message id {message_id} came before, in file {file} with other bytes",
        "报文编号 {message_id} 已在文件 {file} 中出现，内容不同",
    )
    BAD_ZONE = (
        959,
        _NEVER,
        "{zone} is no time zone: write UTC, an offset as +08:00, or a name as Asia/Shanghai",
        "{zone} 不是时区：请填写 UTC、偏移量（如 +08:00）或名称（如 Asia/Shanghai）",
    )
    ANSWERED_BEFORE = (
        960,
        _NEVER,
        "message id {message_id} was paid before under transaction {reference} of {party}:"
        " the file is a duplicate",
        "报文编号 {message_id} 已由 {party} 的交易 {reference} 付款：本文件重复",
    )
    MAKER_APPROVES = (
        962,
        _NEVER,
        "key {key} ({label}) made or changed this file and has signed it: another person approves",
        "密钥 {key}（{label}）制作或修改了本文件并已签名：须由另一人批准",
    )
    ORDER_REPLAYED = (
        961,
        _NEVER,
        "an order of this key with this or a later number was carried out before: look again"
        " and sign anew",
        "该密钥已执行过相同或更新的指令：请重新查看并重新签名",
    )
    IDS_USED = (
        963,
        _AFTER,
        "since the file was checked, other payments have used {ids}: check the file again",
        "文件检查之后，{ids} 已被其他付款使用：请重新检查文件",
    )
    NOTHING_TO_PAY = (
        958,
        _AFTER,
        "no payment of the file can be sent",
        "文件中没有可发送的付款",
    )
