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
    )
    BAD_DECIMALS = (3002, _NEVER, "an asset has 0 to 18 decimals, not {decimals}")
    BAD_KIND = (3003, _NEVER, "{kind} is not a kind of asset: {known}")
    BAD_POLICY = (3004, _NEVER, "{policy} is not a policy: open or allow_list")
    BAD_TEXT = (3005, _NEVER, "{field} takes {low} to {high} printable characters")
    ASSET_EXISTS = (3006, _NEVER, "asset {asset} is defined already")
    ASSET_UNKNOWN = (3007, _AFTER, "asset {asset} is not defined")
    ISSUER_ROLE = (3008, _AFTER, "{party} lacks the role to issue a {kind}")
    CAP_BELOW_SUPPLY = (
        3010,
        _AFTER,
        "a cap of {cap:money} is below the {supply:money} outstanding",
    )
    RIGHT_CANNOT_GROW = (
        3011,
        _NEVER,
        "the right {right} was not reserved when {asset} was defined",
    )
    CAP_EXCEEDED = (
        3012,
        _AFTER,
        "{supply:money} is outstanding; {amount:money} more would pass the cap of {cap:money}",
    )
    ALREADY_PAUSED = (3013, _AFTER, "asset {asset} is paused already")
    NOT_PAUSED = (3014, _AFTER, "asset {asset} is not paused")
    ASSET_PAUSED = (3015, _AFTER, "asset {asset} is paused: {reason}", 422, "AG01")
    HOLDING_UNKNOWN = (3016, _AFTER, "account {account} does not hold {asset}")
    NOT_ALLOW_LIST = (3017, _NEVER, "asset {asset} is open: nobody needs to be authorised")
    ALREADY_AUTHORISED = (3018, _AFTER, "{account} is authorised for {asset} already")
    NOT_AUTHORISED = (3019, _AFTER, "{account} is not authorised for {asset}")
    FREEZE_NOT_ALLOWED = (3020, _NEVER, "asset {asset} was defined without the right to freeze")
    ALREADY_FROZEN = (3021, _AFTER, "{account} is frozen for {asset} by {by} already")
    NOT_FROZEN = (3022, _AFTER, "{account} is not frozen for {asset} by {by}")
    CLAWBACK_NOT_ALLOWED = (
        3023,
        _NEVER,
        "asset {asset} was defined without the right to claw back",
    )
    CLAWBACK_TOO_MUCH = (
        3024,
        _AFTER,
        "{account} has {available:money} within reach; {amount:money} cannot be clawed back",
    )
    ISSUE_REFUSED = (3025, _AFTER, "{amount:money} could not be issued to {account}: {fault}")
    REDEEM_REFUSED = (3026, _AFTER, "{amount:money} could not be redeemed from {account}: {fault}")
    NOTHING_CHANGES = (3027, _NEVER, "nothing would change for {asset}")
    NOT_PERMITTED = (3028, _NEVER, "{party} is neither issuer of {asset} nor a supervisor")
    CURRENCY_CODE = (
        3030,
        _NEVER,
        "{asset} is shaped like a currency code (ISO 4217): a central bank defines it, not {party}",
    )
    CURRENCY_DECIMALS = (
        3031,
        _NEVER,
        "{asset} is a currency of ISO 4217 and has {right} decimals, not {decimals}",
    )
    CLAWBACK_IN_PARTS = (
        3032,
        _AFTER,
        "more than {limit} reservations of {account} stand in the way; at most {available:money}"
        " can be clawed back at once",
    )
    ISSUING_STAYS = (
        3029,
        _NEVER,
        "{account} is where {asset} is issued from and is not frozen: pause the asset instead",
    )
