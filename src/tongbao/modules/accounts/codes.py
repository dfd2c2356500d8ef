"""Refusals of the module: 2000-2999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class AccountsCode(Code):
    """Why something about an account was refused."""

    BAD_ACCOUNT_ID = (
        2001,
        _NEVER,
        "{account} is not an account id: party/name, name of A-Z a-z 0-9 . _ -",
        "{account} 不是有效的账户代码：参与方/名称，名称由字母、数字、点、下划线、连字符组成",
    )
    BAD_TEXT = (
        2002,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    BAD_IDENTIFIER = (
        2003,
        _NEVER,
        "{identifier} is neither an IBAN nor an account number of 4 to 34 characters",
        "{identifier} 既不是 IBAN，也不是 4 至 34 位的账号",
    )
    ACCOUNT_EXISTS = (2004, _NEVER, "account {account} exists already", "账户 {account} 已存在")
    ACCOUNT_UNKNOWN = (2005, _AFTER, "there is no account {account}", "账户 {account} 不存在")
    ACCOUNT_CLOSED = (2006, _AFTER, "account {account} is closed", "账户 {account} 已销户")
    SERVICER_ROLE = (
        2007,
        _AFTER,
        "{party} is no bank: it cannot keep accounts",
        "{party} 不是银行，不能管理账户",
    )
    HOLDS_ALREADY = (
        2008,
        _AFTER,
        "account {account} holds {asset} already",
        "账户 {account} 已持有 {asset}",
    )
    HOLDS_NOT = (
        2009,
        _AFTER,
        "account {account} does not hold {asset}",
        "账户 {account} 未持有 {asset}",
    )
    HOLDING_NOT_EMPTY = (
        2010,
        _AFTER,
        "account {account} still has {posted:money}, of which {reserved:money} is reserved",
        "账户 {account} 仍有 {posted:money}，其中预留 {reserved:money}",
    )
    IDENTIFIER_TAKEN = (
        2011,
        _NEVER,
        "{identifier} belongs to account {account}",
        "{identifier} 属于账户 {account}",
    )
    IDENTIFIER_UNKNOWN = (
        2012,
        _AFTER,
        "{identifier} is not linked to account {account}",
        "{identifier} 未关联账户 {account}",
    )
    NOT_EMPOWERED = (
        2013,
        _NEVER,
        "{party} neither keeps account {account} nor supervises",
        "{party} 既不管理账户 {account}，也不是监管机构",
    )
    ALREADY_FROZEN = (
        2014,
        _AFTER,
        "account {account} is frozen by {by} already",
        "{by} 已冻结账户 {account}",
    )
    NOT_FROZEN = (
        2015,
        _AFTER,
        "account {account} is not frozen by {by}",
        "{by} 未冻结账户 {account}",
    )
    NOTHING_CHANGES = (
        2016,
        _NEVER,
        "nothing would change for {account}",
        "账户 {account} 没有任何变化",
    )
    LIMIT_PER_PAYMENT = (
        2017,
        _AFTER,
        "account {account} pays at most {limit:money} at once, not {amount:money}",
        "账户 {account} 单笔最多支付 {limit:money}，不能支付 {amount:money}",
    )
    LIMIT_PER_DAY = (
        2018,
        _AFTER,
        "account {account} has used {spent:money} of its limit of {limit:money} for today;"
        " {amount:money} more would pass it",
        "账户 {account} 今日限额 {limit:money}，已用 {spent:money}，再支付 {amount:money} 将超限",
    )
    TOO_MANY_ASSETS = (
        2019,
        _NEVER,
        "an account is opened with at most {limit} assets",
        "开户时最多持有 {limit} 种资产",
    )
    NUMBER_NOT_OF_BANK = (
        2021,
        _AFTER,
        "{party}, which keeps account {account}, is no bank: it gives no account numbers",
        "管理账户 {account} 的 {party} 不是银行，不能分配账号",
    )
    TOO_MANY_NUMBERS = (
        2022,
        _AFTER,
        "account {account} has {limit} numbers, the most there may be",
        "账户 {account} 已有 {limit} 个账号，达到上限",
    )
    NAME_KEPT = (
        2020,
        _NEVER,
        "{account}: names that begin with {prefix} are kept for the accounts of issuers",
        "{account}：以 {prefix} 开头的名称保留给资产发行账户",
    )
    STILL_EXPECTED = (
        2023,
        _AFTER,
        "account {account} will still be paid {asset} by a firm quote or by a pool of which it has"
        " shares",
        "账户 {account} 仍将因确定报价或其持有的资金池份额而收到 {asset}",
    )
