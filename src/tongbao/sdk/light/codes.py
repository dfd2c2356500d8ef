"""Why a light client does not believe a node: 141-159."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER, _SAME = Retry.NEVER, Retry.AFTER_CHANGE, Retry.SAME_BYTES


class LightCode(Code):
    """What a light client refuses."""

    NO_ANSWER = (141, _SAME, "{node} gives no answer: {reason}", "{node} 没有答复：{reason}")
    UNREADABLE = (
        142,
        _NEVER,
        "{node} answered with something else than was asked for: {reason}",
        "{node} 的答复不是所请求的内容：{reason}",
    )
    WRONG_HEIGHT = (
        143,
        _NEVER,
        "{node} answered with block {given} where block {wanted} was asked for",
        "请求的是区块 {wanted}，{node} 答复的是区块 {given}",
    )
    INVALID = (
        144,
        _NEVER,
        "block {height} of {node} cannot be believed: {reason}",
        "{node} 的区块 {height} 不可信：{reason}",
    )
    EXPIRED = (
        145,
        _AFTER,
        "what is trusted, block {height}, is older than the trusting period of {days} days: take a"
        " newer HEIGHT:HASH from somebody you trust",
        "所信任的区块 {height} 已超过 {days} 天的信任期：请向可信方索取更新的 高度:哈希",
    )
    WRONG_HASH = (
        146,
        _NEVER,
        "block {height} of {node} has hash {given}; the one you trust has {wanted}",
        "{node} 的区块 {height} 哈希为 {given}，而您信任的是 {wanted}",
    )
    BELOW_TRUST = (
        147,
        _NEVER,
        "block {height} is older than block {base}, where this trust begins",
        "区块 {height} 早于信任起点区块 {base}",
    )
    TOO_MANY_STEPS = (
        148,
        _AFTER,
        "more than {limit} light blocks would be needed",
        "所需轻区块超过 {limit} 个",
    )
    STORE_UNREADABLE = (
        149,
        _NEVER,
        "{file} is not a sound trust file: {reason}",
        "{file} 不是完好的信任文件：{reason}",
    )
    NOT_CONFIRMED = (
        150,
        _SAME,
        "no witness confirms block {height} of {node}: {reasons}",
        "没有见证节点确认 {node} 的区块 {height}：{reasons}",
    )
    ATTACK = (
        151,
        _NEVER,
        "ATTACK: {first} and {second} show two different blocks {height}, both signed by enough"
        " validators. Believe neither. Evidence: {file}; {taken} of {asked} node(s) took it",
        "攻击：{first} 与 {second} 出示两个不同的区块 {height}，且均有足够验证人签名。"
        "两者皆不可信。证据已保存到 {file}，{asked} 个节点中有 {taken} 个已受理",
    )
    FALSE_PROOF = (
        152,
        _NEVER,
        "{node} proves nothing about what was asked: {reason}",
        "{node} 未能证明所询问的内容：{reason}",
    )
    TOO_FEW_NODES = (
        153,
        _SAME,
        "{agreed} node(s) proved an answer, {need} are needed: {reasons}",
        "{agreed} 个节点给出证明，需要 {need} 个：{reasons}",
    )
    OTHER_CHAIN = (
        154,
        _NEVER,
        "{node} belongs to chain {given}; the trusted one is {chain}",
        "{node} 属于链 {given}，受信任的是 {chain}",
    )
    BAD_TRUST = (
        155,
        _NEVER,
        "{given} is no trust to start from: give a genesis file, a trust file or HEIGHT:HASH",
        "{given} 不能作为信任起点：请给出创世文件、信任文件或 高度:哈希",
    )
    NOT_TAKEN = (
        156,
        _NEVER,
        "{node} does not take the evidence: {reason}",
        "{node} 未受理该证据：{reason}",
    )
    TOO_SLOW = (
        158,
        _SAME,
        "{node} did not lead to an answer within {seconds} s: ask another node, or give more time",
        "{node} 未能在 {seconds} 秒内给出可验证的答复：请询问其他节点，或放宽时限",
    )
    NOT_TAKEN_YET = (
        157,
        _SAME,
        "{node} can judge block {height} only after the next block: try again shortly",
        "{node} 须待下一区块之后才能判断区块 {height}，请稍后重试",
    )
