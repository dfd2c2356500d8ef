"""Which ISO status reason a refusal of the ledger is told as (ExternalStatusReason1Code)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongbao.kernel.codes import Code, KernelCode
from tongbao.modules.accounts import AccountsCode
from tongbao.modules.assets import AssetsCode
from tongbao.modules.payments import PaymentsCode

_REASONS: dict[Code, str] = {
    PaymentsCode.PAYER_UNKNOWN: "AC01",
    PaymentsCode.PAYEE_UNKNOWN: "AC03",
    PaymentsCode.UETR_TAKEN: "DUPL",
    PaymentsCode.PAYER_BLOCKED: "AC06",
    PaymentsCode.PAYEE_BLOCKED: "AC06",
    PaymentsCode.INSUFFICIENT_FUNDS: "AM04",
    PaymentsCode.PAYEE_NOT_AUTHORISED: "AG01",
    PaymentsCode.PAYER_NOT_AUTHORISED: "AG01",
    PaymentsCode.SAME_ACCOUNT: "AC03",
    PaymentsCode.REFERENCE_REQUIRED: "AG01",
    AccountsCode.LIMIT_PER_PAYMENT: "AM02",
    AccountsCode.LIMIT_PER_DAY: "AM02",
    AssetsCode.ASSET_PAUSED: "AG01",
    KernelCode.NAME_USED: "DUPL",
    KernelCode.ALREADY_RECORDED: "DUPL",
    KernelCode.AMOUNT_RANGE: "AM02",
    KernelCode.PARTY_SUSPENDED: "RR04",
    KernelCode.APPROVAL_MISSING: "NARR",
}


_BY_NUMBER = {int(code): reason for code, reason in _REASONS.items()}


def iso_reason(code: Code, values: Mapping[str, Any] | None = None) -> str:
    """The reason code of a refusal; NARR (told in words) where the list has none that fits. Where
    nothing of a batch is paid for one and the same reason, its `values` say which, and it is that.
    """
    inner = (values or {}).get("code") if code is PaymentsCode.NOTHING_PAID else None
    return _BY_NUMBER.get(int(code) if inner is None else int(inner), "NARR")
