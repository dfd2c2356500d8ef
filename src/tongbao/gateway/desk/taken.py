"""Ids that files at the desk have taken, paid or not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from tongbao.gateway.desk import store as tables
from tongbao.gateway.desk.earlier import Ids, Used
from tongbao.gateway.desk.store import DeskStore

_TOGETHER = 400


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
