"""Finding things by whatever somebody has of them, and what is held where."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Paged
from tongbao.gateway.encoding import JsonResponse
from tongbao.readmodel import Page, SqlQueries, Viewer
from tongbao.readmodel.search import Sought
from tongbao.sdk import documents
from tongbao.sdk.quantities import BadQuantity, parse_amount
from tongbao.sdk.texts import folded

router = APIRouter(tags=["payments"], default_response_class=JsonResponse)
DAY_MS = 24 * 3_600_000
MAX_TEXT = 140
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
)
_ASSET = r"[A-Za-z][A-Za-z0-9.\-]*"
_AMOUNT = re.compile(
    rf"(?:(?P<first>{_ASSET})\s+)?(?P<amount>[\d.,]+)(?:\s*(?P<asset>{_ASSET}))?", re.ASCII
)
Kind = Literal[
    "payment", "cross_border_payment", "queued_payment", "transaction", "hold",
    "scheduled_transfer", "party", "account", "asset",
]  # fmt: skip


@router.get("/v1/search", summary="Find anything", responses=openapi.page(documents.Found))
async def search(
    asked: Paged,
    q: Annotated[
        str,
        Query(
            min_length=1, max_length=MAX_TEXT, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$",
            description="An id (UETR, reference, end-to-end id, message id, digest or its first"
            " six signs, IBAN, LEI), an amount (`1,250.50`, `1250.50 CNY`, `CNY 1250.50`), words,"
            " names, a day"
            " (`2026-11-29`, UTC).",
            examples=["INV-2026-17"],
        ),
    ],
    asset: Filter = None,
    kind: Kind | None = None,
) -> Response:  # fmt: skip
    """Whatever fits, the surest first: ids, names, amounts, words, days; within each the newest
    first, or the oldest (`order`). `matched` says by what it was found. It is not counted."""
    text = folded(q).strip()  # as references and words stand on the ledger

    def ask(queries: SqlQueries, viewer: Viewer) -> Page:
        sought = Sought(text, _amounts(viewer, text, queries), day_of(text), asset, kind)
        at = asked.at
        return queries.finding.search(
            viewer, sought, limit=at["limit"], cursor=at.get("cursor"),
            oldest_first=at.get("oldest_first"),
        )  # fmt: skip

    return await asked.page(ask, asset=asset)


def _amounts(viewer: Viewer, text: str, queries: SqlQueries) -> list[tuple[int, tuple[str, ...]]]:
    """What a text says as an amount: minor units, and the assets of which it says so many."""
    reply = _AMOUNT.fullmatch(text)
    if reply is None:
        return []
    wanted = (reply["asset"] or reply["first"] or "").upper()
    by_decimals: dict[int, list[str]] = {}
    for row in queries.records.every(viewer, "asset"):
        if wanted in ("", row["asset"].upper()):
            by_decimals.setdefault(row["decimals"], []).append(row["asset"])
    found = []
    for decimals, assets in sorted(by_decimals.items()):
        try:
            found.append((parse_amount(reply["amount"], decimals), tuple(assets)))
        except BadQuantity:
            continue
    return [one for one in found if one[0] > 0]


def day_of(text: str) -> tuple[int, int] | None:
    """Begin and end of the UTC day that a text says; None where it says none."""
    for pattern in _DAYS:
        reply = pattern.fullmatch(text)
        if reply is None:
            continue
        try:
            day = date(int(reply["y"]), int(reply["m"]), int(reply["d"]))
        except ValueError:
            return None
        if day.year < 1970:
            return None
        begins = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        return begins, begins + DAY_MS
    return None
