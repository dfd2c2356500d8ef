"""Refusals of the module: 3000-3999."""

from __future__ import annotations

from tongbao.kernel.codes import Code, Retry

_NEVER, _AFTER = Retry.NEVER, Retry.AFTER_CHANGE


class AssetsCode(Code):
    """Why something about an asset was refused."""

    BAD_ASSET_ID = (
        3001,
        _NEVER,
        "{asset} is not an asset id: 3 to 24 of A-Z, 0-9, dot and hyphen, a letter first",
        "{asset} 不是有效的资产代码：3 至 24 位大写字母、数字、点或连字符，首位为字母",
    )
    BAD_DECIMALS = (
        3002,
        _NEVER,
        "an asset has 0 to 18 decimals, not {decimals}",
        "资产小数位为 0 至 18，不能是 {decimals}",
    )
    BAD_KIND = (
        3003,
        _NEVER,
        "{kind} is not a kind of asset: {known}",
        "{kind} 不是资产种类：{known}",
    )
    BAD_POLICY = (
        3004,
        _NEVER,
        "{policy} is not a policy: open or allow_list",
        "{policy} 不是有效策略：open 或 allow_list",
    )
    BAD_TEXT = (
        3005,
        _NEVER,
        "{field} takes {low} to {high} printable characters",
        "{field} 须为 {low} 至 {high} 个可见字符",
    )
    ASSET_EXISTS = (3006, _NEVER, "asset {asset} is defined already", "资产 {asset} 已存在")
    ASSET_UNKNOWN = (3007, _AFTER, "asset {asset} is not defined", "资产 {asset} 不存在")
    ISSUER_ROLE = (
        3008,
        _AFTER,
        "{party} lacks the role to issue a {kind}",
        "{party} 没有发行 {kind} 的角色",
    )
    CAP_BELOW_SUPPLY = (
        3010,
        _AFTER,
        "a cap of {cap:money} is below the {supply:money} outstanding",
        "上限 {cap:money} 低于流通量 {supply:money}",
    )
    RIGHT_CANNOT_GROW = (
        3011,
        _NEVER,
        "the right {right} was not reserved when {asset} was defined",
        "{asset} 定义时未保留权利 {right}，不可后加",
    )
    CAP_EXCEEDED = (
        3012,
        _AFTER,
        "{supply:money} is outstanding; {amount:money} more would pass the cap of {cap:money}",
        "已流通 {supply:money}，再发行 {amount:money} 将超过上限 {cap:money}",
    )
    ALREADY_PAUSED = (3013, _AFTER, "asset {asset} is paused already", "资产 {asset} 已暂停")
    NOT_PAUSED = (3014, _AFTER, "asset {asset} is not paused", "资产 {asset} 未暂停")
    ASSET_PAUSED = (
        3015,
        _AFTER,
        "asset {asset} is paused: {reason}",
        "资产 {asset} 已暂停：{reason}",
    )
    HOLDING_UNKNOWN = (
        3016,
        _AFTER,
        "account {account} does not hold {asset}",
        "账户 {account} 未持有 {asset}",
    )
    NOT_ALLOW_LIST = (
        3017,
        _NEVER,
        "asset {asset} is open: nobody needs to be authorised",
        "资产 {asset} 为开放式，无需授权",
    )
    ALREADY_AUTHORISED = (
        3018,
        _AFTER,
        "{account} is authorised for {asset} already",
        "{account} 已获授权持有 {asset}",
    )
    NOT_AUTHORISED = (
        3019,
        _AFTER,
        "{account} is not authorised for {asset}",
        "{account} 未获授权持有 {asset}",
    )
    FREEZE_NOT_ALLOWED = (
        3020,
        _NEVER,
        "asset {asset} was defined without the right to freeze",
        "资产 {asset} 定义时未保留冻结权",
    )
    ALREADY_FROZEN = (
        3021,
        _AFTER,
        "{account} is frozen for {asset} by {by} already",
        "{by} 已冻结 {account} 的 {asset}",
    )
    NOT_FROZEN = (
        3022,
        _AFTER,
        "{account} is not frozen for {asset} by {by}",
        "{by} 未冻结 {account} 的 {asset}",
    )
    CLAWBACK_NOT_ALLOWED = (
        3023,
        _NEVER,
        "asset {asset} was defined without the right to claw back",
        "资产 {asset} 定义时未保留追回权",
    )
    CLAWBACK_TOO_MUCH = (
        3024,
        _AFTER,
        "{account} has {available:money} within reach; {amount:money} cannot be clawed back",
        "{account} 可追回 {available:money}，无法追回 {amount:money}",
    )
    ISSUE_REFUSED = (
        3025,
        _AFTER,
        "{amount:money} could not be issued to {account}: {fault}",
        "无法向 {account} 发行 {amount:money}：{fault}",
    )
    REDEEM_REFUSED = (
        3026,
        _AFTER,
        "{amount:money} could not be redeemed from {account}: {fault}",
        "无法从 {account} 赎回 {amount:money}：{fault}",
    )
    NOTHING_CHANGES = (3027, _NEVER, "nothing would change for {asset}", "{asset} 没有任何变化")
    NOT_EMPOWERED = (
        3028,
        _NEVER,
        "{party} is neither issuer of {asset} nor a supervisor",
        "{party} 既不是 {asset} 的发行人，也不是监管机构",
    )
    CURRENCY_CODE = (
        3030,
        _NEVER,
        "{asset} is shaped like a currency code (ISO 4217): a central bank defines it, not {party}",
        "{asset} 形如货币代码（ISO 4217），只能由中央银行定义，{party} 不能",
    )
    CURRENCY_DECIMALS = (
        3031,
        _NEVER,
        "{asset} is a currency of ISO 4217 and has {right} decimals, not {decimals}",
        "{asset} 是 ISO 4217 货币，小数位为 {right}，不能是 {decimals}",
    )
    CLAWBACK_IN_PARTS = (
        3032,
        _AFTER,
        "more than {limit} reservations of {account} stand in the way; at most {available:money}"
        " can be clawed back at once",
        "{account} 的预留超过 {limit} 项，一次最多追回 {available:money}",
    )
    ISSUING_STAYS = (
        3029,
        _NEVER,
        "{account} is where {asset} is issued from and is not frozen: pause the asset instead",
        "{account} 是 {asset} 的发行账户，不可冻结；请改为暂停该资产",
    )
