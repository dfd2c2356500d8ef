"""Ids that files at the desk have taken, paid or not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from tongbao.kernel.codes import require
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.paymentfiles.earlier import Ids, Used

_TOGETHER = 400
_SHOWN = 5


def used_at_desk(
    store: DeskStore, party: str, ids: Ids, *, file: str = "", digest: str = ""
) -> Used:
    """Of a party's ids, those that its files at the desk have taken, each with the file.

    The file that asks is left out: by its name at the desk, or by its SHA-256.
    """

    def taken(kind: str, values: Sequence[str]) -> Mapping[str, str]:
        names, files = tables.names, tables.files
        found: dict[str, str] = {}
        with store.read() as connection:
            for start in range(0, len(values), _TOGETHER):
                query = (
                    select(names.c.value, names.c.file)
                    .join(files, files.c.file == names.c.file)
                    .where(
                        names.c.party == party, names.c.kind == kind,
                        names.c.value.in_(values[start : start + _TOGETHER]),
                        names.c.file != file, files.c.digest != digest,
                    )
                )  # fmt: skip
                found |= {row.value: row.file for row in connection.execute(query)}
        return found

    return Used(taken("end_to_end", ids.end_to_end), taken("uetr", ids.uetrs))


def ids_at_desk(store: DeskStore, file: str) -> Ids:
    """The ids that payments of a file which are to be sent would use up."""
    names, payments = tables.names, tables.payments
    query = (
        select(names.c.kind, names.c.value)
        .join(payments, (payments.c.file == names.c.file) & (payments.c.item == names.c.item))
        .where(names.c.file == file, payments.c.state == "ready")
    )
    with store.read() as connection:
        found = [(row.kind, row.value) for row in connection.execute(query)]
    return Ids(
        [value for kind, value in found if kind == "end_to_end"],
        [value for kind, value in found if kind == "uetr"],
    )


def require_unused(store: DeskStore, ledger: DeskLedger, file: Mapping[str, Any]) -> None:
    """Refuse to let a file go where its ids were used since it was checked: every other way to pay
    leads past the desk. Checking again tells which payments are duplicates."""
    used = ledger.used_before(file["party"], ids_at_desk(store, file["file"]), "")
    names = [*used.end_to_end, *used.uetrs]
    reported = ", ".join(names[:_SHOWN]) + (
        f" (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    )
    require(not names, DeskCode.IDS_USED, ids=reported)
