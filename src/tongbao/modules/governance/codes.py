"""Refusals of the module: 8000-8999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class GovernanceCode(Code):
    """Why something about the validators or the protocol was refused."""

    MEMBERSHIP_FIXED = (
        8001,
        _AFTER,
        "the validators of this chain are fixed: its genesis founds no membership; continue it as"
        " a network with `tongbao network init --from-snapshot`",
        "本链的验证人是固定的：创世文件未设立成员制；"
        "请用 `tongbao network init --from-snapshot` 将其延续为网络",
    )
    BAD_TERMS = (8002, _NEVER, "the terms of voting: {reason}", "表决规则：{reason}")
    ONLY_AT_FOUNDING = (
        8003,
        _NEVER,
        "the terms of voting are set once, by the genesis",
        "表决规则只能由创世文件设定一次",
    )
    NOT_A_MEMBER = (
        8004,
        _AFTER,
        "{party} holds no seat among the validators",
        "{party} 不是验证人成员",
    )
    VOTE_UNKNOWN = (8005, _AFTER, "there is no open vote {vote}", "没有进行中的表决 {vote}")
    VOTE_EXPIRY = (
        8006,
        _NEVER,
        "a vote expires after {time_ms} and at most {limit_ms} later, not at {expires_at_ms}",
        "表决到期时间须晚于 {time_ms} 且不超过 {limit_ms}，不能是 {expires_at_ms}",
    )
    TOO_MANY_VOTES = (
        8007,
        _AFTER,
        "{party} has {limit} votes open already; end one first",
        "{party} 已有 {limit} 项进行中的表决，请先结束其一",
    )
    VOTED_ALREADY = (
        8008,
        _NEVER,
        "{party} has answered vote {vote} in this way already",
        "{party} 已对表决 {vote} 作出相同答复",
    )
    NOT_OPENER = (
        8009,
        _NEVER,
        "{party} did not open vote {vote}",
        "{party} 不是表决 {vote} 的发起方",
    )
    BAD_NOTE = (
        8010,
        _NEVER,
        "a note has at most {limit} printable characters",
        "说明最多 {limit} 个可见字符",
    )
    BAD_POWER = (
        8011,
        _NEVER,
        "a seat has a power of 1 to {limit}, not {power}",
        "席位的投票权须为 1 至 {limit}，不能是 {power}",
    )
    BAD_CONSENSUS_KEY = (
        8012,
        _NEVER,
        "a consensus key is an Ed25519 public key of 32 bytes with a signature of 64 bytes",
        "共识密钥须为 32 字节的 Ed25519 公钥，并附 64 字节签名",
    )
    PROOF_WRONG = (
        8013,
        _NEVER,
        "the {which} consensus key of {party} did not sign the statement for this seat",
        "{party} 的{which}共识密钥未签署该席位声明",
    )
    KEY_USED = (
        8014,
        _NEVER,
        "this consensus key is or was that of {party}; a seat takes a fresh one",
        "该共识密钥现在或曾经属于 {party}，席位须使用新密钥",
    )
    SEAT_TAKEN = (8015, _AFTER, "{party} holds a seat already", "{party} 已有席位")
    CANDIDATE_SUSPENDED = (
        8016,
        _AFTER,
        "{party} is suspended and takes no seat",
        "{party} 已被暂停，不能获得席位",
    )
    TOO_MANY_SEATS = (
        8017,
        _AFTER,
        "there are {limit} seats, as many as can be",
        "席位已达上限 {limit} 个",
    )
    LAST_SEAT = (
        8018,
        _AFTER,
        "{party} holds the only seat; without it nobody signs blocks",
        "{party} 持有唯一席位，移除后将无人签署区块",
    )
    NOTHING_CHANGES = (
        8019,
        _NEVER,
        "the seat of {party} has a power of {power} already",
        "{party} 的席位投票权已是 {power}",
    )
    MOVES_A_THIRD = (
        8020,
        _NEVER,
        "this would move {moved} of {total} power at once; it has to be less than a third",
        "此变更一次移动 {total} 中的 {moved} 投票权，须少于三分之一",
    )
    WINDOW_FULL = (
        8021,
        _AFTER,
        "with this, {moved} of {total} power would have moved within {window_ms}; it has to be"
        " less than a third: again after {free_at_ms}",
        "连同此变更，{window_ms} 内将移动 {total} 中的 {moved} 投票权，"
        "须少于三分之一：请于 {free_at_ms} 之后再试",
    )
    EVIDENCE_UNKNOWN = (
        8022,
        _AFTER,
        "there is no evidence {evidence} against {party} that still waits",
        "没有针对 {party} 的待处理证据 {evidence}",
    )
    UPGRADE_VERSION = (
        8023,
        _NEVER,
        "an upgrade goes to a version above {version}, not to {wanted}",
        "升级版本须高于 {version}，不能是 {wanted}",
    )
    UPGRADE_HEIGHT = (
        8024,
        _NEVER,
        "an upgrade takes place at block {earliest} or later, not at {height}",
        "升级高度不得早于区块 {earliest}，不能是 {height}",
    )
    UPGRADE_AGREED = (
        8025,
        _AFTER,
        "the upgrade to version {version} at block {height} is agreed on; cancel it first",
        "已约定在区块 {height} 升级到版本 {version}，请先取消",
    )
    NO_UPGRADE = (
        8026,
        _AFTER,
        "no upgrade to version {version} is agreed on",
        "没有约定升级到版本 {version}",
    )
    ROTATED_LATELY = (
        8027,
        _AFTER,
        "the key of {party}'s seat was rotated lately: again from {again_at_ms}, or by vote",
        "{party} 席位的密钥近期已轮换：{again_at_ms} 之后方可再次轮换，或经表决更换",
    )
