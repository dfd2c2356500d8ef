"""Members, their votes, upgrades of the rules, and evidence."""

from __future__ import annotations

import base64

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Freshly, Paged, Word
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.gateway import Gateway, gateway_of, in_thread
from tongbao.kernel.validators import address_of
from tongbao.modules.governance import TERMS, members, terms_of, window_of
from tongbao.sdk import documents_governance as documents
from tongbao.sdk.documents import Page
from tongbao.sdk.states import VoteState

router = APIRouter(tags=["governance"], default_response_class=JsonResponse)


@router.get("/v1/governance", responses=openapi.answer(documents.Governance))
async def governance(request: Request) -> Response:
    """How the validators decide, how much may move now, and which rules come next."""
    gateway = gateway_of(request)
    return JsonResponse(await in_thread(lambda: _governance(gateway)))


def _governance(gateway: Gateway) -> documents.Governance:
    app = gateway.application
    view, agreed = app.view(), app.agreed_step
    terms, window = terms_of(view), window_of(view)
    seats = members(view)
    total = sum(one.power for one in seats)
    room = (window.total + 2) // 3 - 1 - window.moved
    return documents.Governance(
        founded=next(view.scan(TERMS), None) is not None,
        numerator=terms.numerator, denominator=terms.denominator,
        window_ms=terms.window_ms, notice_blocks=terms.notice_blocks,
        members=len(seats), total_power=total, moved=window.moved,
        movable=max(0, min(room, (total + 2) // 3 - 1)), free_at_ms=window.free_at_ms,
        protocol=app.protocol,
        next_protocol=agreed.version if agreed else None,
        next_protocol_height=agreed.height if agreed else None,
    )  # fmt: skip


@router.get(
    "/v1/governance/members",
    summary="Those who sign blocks",
    responses=openapi.page(documents.Member),
)
async def seats(request: Request) -> Response:
    """By party; straight from the ledger, all on one page. The engine obeys two blocks later."""
    view = gateway_of(request).application.view()
    found = members(view)
    total = sum(one.power for one in found)
    items = tuple(
        documents.Member(
            one.party, base64.b64encode(one.public).decode(), address_of(one.public).hex(),
            one.power, _percent(one.power, total),
        )
        for one in found
    )  # fmt: skip
    return JsonResponse(plain(Page(items)))


def _percent(power: int, total: int) -> str:
    hundredths = power * 10_000 // total
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@router.get("/v1/governance/seat-changes", responses=openapi.page(documents.SeatChange))
async def seat_changes(asked: Paged, party: Filter = None) -> Response:
    """Every change of who signs blocks, newest first."""
    return await asked.page(
        lambda q: q.governance.seat_changes(**asked.at, party=party), party=party
    )


@router.get("/v1/governance/votes", responses=openapi.page(documents.GovernanceVote))
async def votes(asked: Paged, state: VoteState | None = None, opener: Filter = None) -> Response:
    """Votes, newest first."""
    return await asked.page(
        lambda q: q.governance.votes(**asked.at, state=state, opener=opener), party=opener
    )


@router.get("/v1/governance/votes/{vote:path}", responses=openapi.answer(documents.GovernanceVote))
async def vote(asked: Freshly, vote: Word) -> Response:
    """One vote with its answers."""
    return await asked.one("vote", vote, lambda q: q.governance.vote(vote))


@router.get("/v1/governance/upgrades", responses=openapi.page(documents.AgreedUpgrade))
async def upgrades(asked: Paged) -> Response:
    """Upgrades that were agreed on, the highest block first."""
    return await asked.page(lambda q: q.governance.upgrades(**asked.at))


@router.get("/v1/governance/evidence", responses=openapi.page(documents.MisbehaviorEvidence))
async def evidence(asked: Paged, party: Filter = None) -> Response:
    """Evidence against validators, newest first."""
    return await asked.page(lambda q: q.governance.evidence(**asked.at, party=party), party=party)
