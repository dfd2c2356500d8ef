"""The client's side: keys, building and signing, talking to a node, verifying receipts.

What a newcomer needs stands here: `from tongbao.sdk import Client, Wallet`. Each is loaded when it
is asked for, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongbao.modules.payments import Transfer
    from tongbao.sdk.answers import Problem, Result
    from tongbao.sdk.asynchronous.client import AsyncClient
    from tongbao.sdk.blocking.client import Client
    from tongbao.sdk.calls import RetryPolicy
    from tongbao.sdk.quantities import amount_text, parse_amount
    from tongbao.sdk.signing import signed
    from tongbao.sdk.verifier import verify_file
    from tongbao.sdk.wallet import Wallet

__all__ = [
    "AsyncClient", "Client", "Problem", "Result", "RetryPolicy", "Transfer", "Wallet",
    "amount_text", "parse_amount", "signed", "verify_file",
]  # fmt: skip
_WHERE = {
    "AsyncClient": "tongbao.sdk.asynchronous.client", "Client": "tongbao.sdk.blocking.client",
    "Problem": "tongbao.sdk.answers", "Result": "tongbao.sdk.answers",
    "RetryPolicy": "tongbao.sdk.calls", "Transfer": "tongbao.modules.payments",
    "Wallet": "tongbao.sdk.wallet", "amount_text": "tongbao.sdk.quantities",
    "parse_amount": "tongbao.sdk.quantities", "signed": "tongbao.sdk.signing",
    "verify_file": "tongbao.sdk.verifier",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    """What there is, for whoever looks."""
    return sorted([*globals(), *__all__])
