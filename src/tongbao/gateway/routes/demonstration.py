"""The people of a demonstration: whoever is on this machine may act as any of them.

`tongbao dev` keeps a token for each in its folder. They are for a node on the loopback address
alone: the routes are not there for any other.
"""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from tongbao.gateway.bounds.bodies import JSON, media_type, read_body
from tongbao.gateway.encoding import JsonResponse
from tongbao.gateway.gateway import gateway_of
from tongbao.gateway.routes.login import SESSION_MS, in_session
from tongbao.kernel.codes import refuse
from tongbao.modules.parties import PARTIES
from tongbao.node.clock import utc_ms
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.documents import Document
from tongbao.sdk.login import Login
from tongbao.sdk.tokens import NODE, read_people

MAX_BYTES = 1_024
router = APIRouter(include_in_schema=False, default_response_class=JsonResponse)


class DemonstrationPerson(Document, frozen=True):
    """Somebody of the demonstration."""

    party: str
    person: str
    name: str
    name_local: str
    roles: tuple[str, ...]


class _Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    party: str
    person: str


def _people(request: Request) -> dict[str, str]:
    folder = gateway_of(request).settings.demonstration
    if folder is None:
        refuse(GatewayCode.NOT_FOUND, kind="demonstration", id="people")
    return {name: token for name, token in read_people(folder).items() if name != NODE}


@router.get("/v1/demonstration/people")
async def people(request: Request) -> Response:
    """Everybody of the demonstration, by party."""
    known, view = _people(request), gateway_of(request).application.view()
    found = []
    for name in sorted(known):
        party, _, person = name.partition("/")
        row = view.get(PARTIES, party)
        if row is not None:
            found.append(DemonstrationPerson(party, person, row.name, row.name_local, row.roles))
    return JsonResponse(found)


@router.post("/v1/demonstration/login")
async def login(request: Request) -> Response:
    """A session as one of them."""
    known = _people(request)
    media_type(request, (JSON,))
    try:
        chosen = msgspec.json.decode(await read_body(request, MAX_BYTES), type=_Chosen)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])
    token = known.get(f"{chosen.party}/{chosen.person}")
    if token is None:
        refuse(GatewayCode.NOT_FOUND, kind="person", id=f"{chosen.party}/{chosen.person}"[:80])
    made = Login(token, chosen.party, chosen.person, utc_ms() + SESSION_MS)
    return in_session(request, made)
