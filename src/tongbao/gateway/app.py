"""The HTTP application in front of one node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tongbao import __version__
from tongbao.gateway import (
    openapi,
    problems,
    routes_corridors,
    routes_desk,
    routes_engine,
    routes_events,
    routes_evidence,
    routes_exchange,
    routes_governance,
    routes_health,
    routes_history,
    routes_ledger,
    routes_lists,
    routes_network,
    routes_origin,
    routes_pages,
    routes_payment_files,
    routes_payments,
    routes_proofs,
    routes_search,
    routes_settlement,
    routes_statements,
    routes_transactions,
)
from tongbao.gateway.gateway import Gateway
from tongbao.gateway.guard import Guard
from tongbao.gateway.services import NodeServices
from tongbao.gateway.settings import Settings


def create_app(node: NodeServices, settings: Settings | None = None) -> FastAPI:
    """The application; `app.state.gateway` is the Gateway behind it."""
    gateway = Gateway(node, settings or Settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        gateway.open()
        yield
        gateway.close()

    app = FastAPI(
        title="Tongbao",
        version=__version__,
        openapi_url=None,  # made once, by openapi.install
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.gateway = gateway
    problems.install(app)
    openapi.install(app)
    # Order matters: the longer paths of transactions stand before the parties' own.
    for router in (
        routes_transactions.router,
        routes_ledger.router,
        routes_proofs.router,
        routes_evidence.router,
        routes_lists.transactions_router,
        routes_lists.parties_router,
        routes_lists.accounts_router,
        routes_lists.payments_router,
        routes_payment_files.router,
        routes_payments.router,
        routes_search.router,
        routes_statements.router,
        routes_lists.assets_router,
        routes_exchange.router,
        routes_governance.router,
        routes_settlement.router,
        routes_corridors.router,
        routes_desk.router,
        routes_events.router,
        routes_network.router,
        routes_engine.router,
        routes_origin.router,
        routes_history.router,
        routes_health.router,
        routes_pages.router,
    ):
        app.include_router(router)
    app.add_middleware(Guard, gateway=gateway)
    return app
