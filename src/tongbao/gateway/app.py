"""The HTTP application in front of one node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tongbao import __version__
from tongbao.gateway import openapi, problems
from tongbao.gateway.bounds.guard import Guard
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.gateway import Gateway
from tongbao.gateway.routes import console as routes_console
from tongbao.gateway.routes import corridors as routes_corridors
from tongbao.gateway.routes import demonstration as routes_demonstration
from tongbao.gateway.routes import desk as routes_desk
from tongbao.gateway.routes import engine as routes_engine
from tongbao.gateway.routes import events as routes_events
from tongbao.gateway.routes import evidence as routes_evidence
from tongbao.gateway.routes import exchange as routes_exchange
from tongbao.gateway.routes import health as routes_health
from tongbao.gateway.routes import history as routes_history
from tongbao.gateway.routes import ledger as routes_ledger
from tongbao.gateway.routes import login as routes_login
from tongbao.gateway.routes import network as routes_network
from tongbao.gateway.routes import origin as routes_origin
from tongbao.gateway.routes import pages as routes_pages
from tongbao.gateway.routes import payment_files as routes_payment_files
from tongbao.gateway.routes import payments as routes_payments
from tongbao.gateway.routes import proofs as routes_proofs
from tongbao.gateway.routes import records as routes_records
from tongbao.gateway.routes import search as routes_search
from tongbao.gateway.routes import statements as routes_statements
from tongbao.gateway.routes import transactions as routes_transactions
from tongbao.gateway.services import NodeServices


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
    # Order matters: what stands below a row, as an account's statement, comes before the rows.
    for router in (
        routes_transactions.router,
        routes_ledger.router,
        routes_proofs.router,
        routes_evidence.router,
        routes_payment_files.router,
        routes_payments.router,
        routes_search.router,
        routes_statements.router,
        routes_exchange.router,
        routes_corridors.router,
        routes_desk.router,
        routes_events.router,
        routes_login.router,
        routes_network.router,
        routes_engine.router,
        routes_origin.router,
        routes_history.router,
        routes_health.router,
        routes_pages.router,
        routes_console.router,
        routes_demonstration.router,
        routes_records.router,
    ):
        app.include_router(router)
    app.router.routes += routes_records.routes_of(node.application.protocols.newest)
    app.add_middleware(Guard, gateway=gateway)
    return app
