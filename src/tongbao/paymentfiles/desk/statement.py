"""An account's statement from a node: the file that `GET /v1/accounts/.../statement` makes."""

from __future__ import annotations

from datetime import datetime

from tongbao.sdk import Client
from tongbao.sdk.calls import Call, account_path


def statement(
    client: Client,
    account: str,
    asset: str | None,
    message_id: str = "",
    created_at: datetime | None = None,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    form: str = "camt.053",
) -> bytes:
    """A camt.053, camt.052, csv or xlsx of an account, of one asset or (None) of each.

    Opening and closing balance frame the entries from `since_ms` on, until before `until_ms`.
    """
    given = {
        "asset": asset, "message_id": message_id or None, "since_ms": since_ms,
        "until_ms": until_ms, "format": form,
        "created_at_ms": None if created_at is None else int(created_at.timestamp() * 1000),
    }  # fmt: skip
    params = {name: str(value) for name, value in given.items() if value is not None}
    return client.call(Call("GET", f"{account_path(account)}/statement", bytes, params))
