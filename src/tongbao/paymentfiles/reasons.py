"""Which ISO status reason a refusal of the ledger is reported with (ExternalStatusReason1Code)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tongbao.kernel.codes import Code
from tongbao.modules import protocols
from tongbao.modules.payments import PaymentsCode


def iso_reason(code: Code, values: Mapping[str, Any] | None = None) -> str:
    """The code's own reason; where nothing of a batch is paid for one and the same reason, that.

    The refusal of the batch then names the refusal of its lines by number.
    """
    inner = (values or {}).get("code") if code is PaymentsCode.NOTHING_PAID else None
    return (code if inner is None else _codes().get(int(inner), code)).iso_reason


@cache
def _codes() -> Mapping[int, Code]:
    return protocols().newest.codes
