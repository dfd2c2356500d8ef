"""Lists and look-ups from the read model: transactions, parties, accounts, assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypedDict

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.bodies import JSON, media_type, read_body
from tongbao.gateway.codes import GatewayCode
from tongbao.gateway.encoding import JsonResponse, plain
from tongbao.gateway.gateway import gateway_of, in_thread
from tongbao.kernel.codes import refuse, require
from tongbao.readmodel import Page, Row, SqlQueries
from tongbao.sdk import documents

MAX_TIME_MS = 2**53
MAX_RESOLVED = 20_000
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
HEIGHT_HEADER = "Tongbao-Height"

Word = Annotated[str, Path(min_length=1, max_length=128, pattern=_PRINTABLE)]
Filter = Annotated[str | None, Query(min_length=1, max_length=128, pattern=_PRINTABLE)]
Moment = Annotated[int | None, Query(ge=0, le=MAX_TIME_MS, description="UTC milliseconds.")]


class At(TypedDict):
    """Where in a list a page begins, and how long it is."""

    limit: int
    cursor: str | None


class Asked:
    """Which page of a list is asked for, and how fresh it has to be."""

    def __init__(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=1000, description="Items a page.")] = 100,
        cursor: Annotated[str | None, Query(max_length=512, pattern=_PRINTABLE)] = None,
        tongbao_at_least_height: Annotated[
            int,
            Header(ge=0, le=MAX_TIME_MS, description="Wait until the lists show this block."),
        ] = 0,
    ) -> None:
        """FastAPI fills this in."""
        self.request = request
        self.at = At(limit=limit, cursor=cursor)
        self.at_least = tongbao_at_least_height

    async def ask(self, question: Callable[[SqlQueries], Any]) -> tuple[Any, dict[str, str]]:
        """The answer of the read model, and the header that says how fresh it is."""
        gateway = gateway_of(self.request)
        queries, hub = gateway.read_model()
        seconds = gateway.settings.behind_seconds
        if self.at_least and not await hub.reached(self.at_least, seconds):
            height = await hub.height()
            refuse(GatewayCode.READ_MODEL_BEHIND, height=height, wanted=self.at_least)

        def answer() -> tuple[Any, dict[str, str]]:
            height = queries.height()
            return question(queries), {HEIGHT_HEADER: str(height)}

        return await in_thread(answer)

    async def page(self, question: Callable[[SqlQueries], Page]) -> Response:
        """One page as an answer."""
        try:
            found, headers = await self.ask(question)
        except ValueError:
            if self.at["cursor"] is None:
                raise
            refuse(GatewayCode.BAD_CURSOR)
        return JsonResponse(page_document(found), headers=headers)

    async def one(
        self, kind: str, name: str, question: Callable[[SqlQueries], Row | None]
    ) -> Response:
        """One row as an answer."""
        found, headers = await self.ask(question)
        if found is None:
            refuse(GatewayCode.NOT_FOUND, kind=kind, id=name)
        return JsonResponse(plain(found), headers=headers)


def page_document(page: Page) -> Mapping[str, Any]:
    """A page as JSON."""
    return {"items": [plain(row) for row in page.items], "next_cursor": page.next_cursor}


Paged = Annotated[Asked, Depends(Asked)]
transactions_router = APIRouter(tags=["transactions"], default_response_class=JsonResponse)
parties_router = APIRouter(tags=["parties"], default_response_class=JsonResponse)
accounts_router = APIRouter(tags=["accounts"], default_response_class=JsonResponse)
assets_router = APIRouter(tags=["assets"], default_response_class=JsonResponse)


# ---- transactions --------------------------------------------------------------------------------


@transactions_router.get("/v1/transactions", responses=openapi.page(documents.TransactionLine))
async def transactions(
    asked: Paged,
    party: Filter = None,
    code: Annotated[int | None, Query(ge=0, lt=2**31, description="0: only what was done.")] = None,
) -> Response:
    """What stands in blocks, done or refused, newest first."""
    return await asked.page(lambda q: q.transactions(**asked.at, party=party, code=code))


# ---- parties -------------------------------------------------------------------------------------


@parties_router.get("/v1/parties", responses=openapi.page(documents.Party))
async def parties(asked: Paged, role: Filter = None) -> Response:
    """The parties, by id."""
    return await asked.page(lambda q: q.parties(**asked.at, role=role))


@parties_router.get("/v1/parties/{party}", responses=openapi.answer(documents.Party))
async def party(asked: Paged, party: Word) -> Response:
    """One party."""
    return await asked.one("party", party, lambda q: q.party(party))


@parties_router.get("/v1/parties/{party}/keys", responses=openapi.page(documents.PartyKey))
async def keys(asked: Paged, party: Word) -> Response:
    """A party's public keys, by key id."""
    return await asked.page(lambda q: q.keys(party, **asked.at))


@parties_router.get(
    "/v1/parties/{party}/policies", responses=openapi.page(documents.ApprovalPolicy)
)
async def policies(asked: Paged, party: Word) -> Response:
    """A party's approval policies, by scope."""
    return await asked.page(lambda q: q.policies(party, **asked.at))


@parties_router.get("/v1/parties/{party}/proposals", responses=openapi.page(documents.Proposal))
async def proposals(asked: Paged, party: Word, state: Filter = None) -> Response:
    """Proposals that the party made or has to approve, newest first."""
    return await asked.page(lambda q: q.proposals(party, **asked.at, state=state))


# ---- accounts ------------------------------------------------------------------------------------


@accounts_router.get("/v1/accounts", responses=openapi.page(documents.Account))
async def accounts(asked: Paged, party: Filter = None, identifier: Filter = None) -> Response:
    """The accounts, by id: all, one party's, or the one that carries a linked number."""
    return await asked.page(lambda q: q.accounts(**asked.at, party=party, identifier=identifier))


@accounts_router.post(
    "/v1/accounts/resolve",
    summary="Which accounts carry these numbers",
    responses={200: {"description": "Number to account; unknown ones are left out."}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": openapi.content(
                {"type": "array", "items": {"type": "string"}, "maxItems": MAX_RESOLVED},
                ["CN9700000000000001", "mingda/main"],
            ),
        }
    },
)
async def resolve(request: Request, asked: Paged) -> Response:
    """Many at once, for payment files: IBANs, linked numbers and account ids."""
    media_type(request, (JSON,))
    raw = await read_body(request, 64 * MAX_RESOLVED)
    try:
        numbers = msgspec.json.decode(raw, type=list[str])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GatewayCode.BAD_BODY, reason=str(fault)[:200])
    sound = len(numbers) <= MAX_RESOLVED and all(
        len(number) <= 128 and number.isprintable() for number in numbers
    )
    require(sound, GatewayCode.BAD_BODY, reason=f"at most {MAX_RESOLVED} numbers, printable")
    found, headers = await asked.ask(lambda q: q.resolve(numbers))
    return JsonResponse(found, headers=headers)


@accounts_router.get("/v1/accounts/{party}/{name}", responses=openapi.answer(documents.Account))
async def account(asked: Paged, party: Word, name: Word) -> Response:
    """One account."""
    which = f"{party}/{name}"
    return await asked.one("account", which, lambda q: q.account(which))


@accounts_router.get(
    "/v1/accounts/{party}/{name}/holdings", responses=openapi.page(documents.Holding)
)
async def holdings(asked: Paged, party: Word, name: Word) -> Response:
    """What the account holds, by asset."""
    which = f"{party}/{name}"
    return await asked.page(lambda q: q.holdings(which, **asked.at))


@accounts_router.get("/v1/accounts/{party}/{name}/entries", responses=openapi.page(documents.Entry))
async def entries(
    asked: Paged,
    party: Word,
    name: Word,
    asset: Filter = None,
    since_ms: Moment = None,
    until_ms: Moment = None,
) -> Response:
    """The account's debits and credits, oldest first; until before `until_ms`."""
    which = f"{party}/{name}"
    return await asked.page(
        lambda q: q.entries(which, **asked.at, asset=asset, since_ms=since_ms, until_ms=until_ms)
    )


@accounts_router.get("/v1/accounts/{party}/{name}/holds", responses=openapi.page(documents.Hold))
async def holds(asked: Paged, party: Word, name: Word, state: Filter = None) -> Response:
    """Holds from or for the account, by id."""
    which = f"{party}/{name}"
    return await asked.page(lambda q: q.holds(which, **asked.at, state=state))


@accounts_router.get(
    "/v1/accounts/{party}/{name}/limits", responses=openapi.page(documents.AccountLimit)
)
async def limits(asked: Paged, party: Word, name: Word) -> Response:
    """What the account may pay out, by asset."""
    which = f"{party}/{name}"
    return await asked.page(lambda q: q.limits(which, **asked.at))


# ---- assets --------------------------------------------------------------------------------------


@assets_router.get("/v1/assets", responses=openapi.page(documents.Asset))
async def assets(asked: Paged) -> Response:
    """The assets, by id."""
    return await asked.page(lambda q: q.assets(**asked.at))


@assets_router.get("/v1/assets/{asset}", responses=openapi.answer(documents.Asset))
async def asset(asked: Paged, asset: Word) -> Response:
    """One asset."""
    return await asked.one("asset", asset, lambda q: q.asset(asset))
