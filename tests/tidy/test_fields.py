"""What is named as an amount, a moment, an asset or a party has the type that says so.

Nothing goes by the names: a field without its type would be a number among amounts, and nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tongbao.kernel.fields import CONCERNS, field_of, fields_of
from tongbao.modules import installed

ENDS = {"_minor": "amount", "_at_ms": "moment", "_asset": "asset"}
WHOSE = frozenset((
    "account", "arbiter", "by", "issuer", "issuing_account", "maker", "opener", "operator", "owner",
    "party", "payee", "payer", "proposer", "servicer", "sponsor", "taker",
))  # fmt: skip


def structs() -> Iterator[Any]:
    """Every action, event and value of a table."""
    for module in installed():
        values = [one.value_type for one in module.tables]
        for kind in (*module.transactions, *module.events, *values):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                yield kind


@pytest.mark.parametrize("kind", list(structs()), ids=lambda kind: kind.__name__)
def test_the_types_of_fields_say_what_their_names_promise(kind: Any) -> None:
    for name, hint in fields_of(kind).items():
        reply = field_of(hint).kind
        assert reply in {*CONCERNS, "servicer"} or name not in WHOSE, name
        assert all(reply == means for end, means in ENDS.items() if name.endswith(end)), name
