"""The ledger of the desk: the node that the gateway stands before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from tongbao.gateway.results import result_of
from tongbao.gateway.services import NodeServices
from tongbao.iso20022.dates import zone_named
from tongbao.kernel.codes import refuse
from tongbao.kernel.money import HoldingFlag
from tongbao.kernel.registry import Registry
from tongbao.kernel.views import ReadView
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.earlier import Ids, Used
from tongbao.paymentfiles.judging import Directory
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk.answers import Result
from tongbao.sdk.api_codes import GatewayCode

FINAL_SECONDS = 60.0


class NodeDirectory:
    """Accounts by number, from the read model; what they hold, from the state itself."""

    def __init__(
        self, accounts: dict[str, str], assets: dict[str, int], view: ReadView | None = None
    ) -> None:
        """`accounts` knows every number that will be asked for, `assets` the decimals of each."""
        self._accounts = accounts
        self._assets = assets
        self._view = view

    def account_of(self, number: str) -> str | None:
        """The ledger's account for an IBAN, a linked number or an account id."""
        return self._accounts.get(number)

    def decimals_of(self, asset: str) -> int | None:
        """Decimals of a currency on this ledger; None where it is not issued."""
        return self._assets.get(asset)

    def holding_state(self, account: str, asset: str) -> str:
        """By the flags of the holding; empty where the state is not at hand."""
        if self._view is None or asset not in self._assets:
            return ""
        holding = self._view.holding(account, asset)
        if holding is None:
            return "missing"
        if HoldingFlag.CLOSED in holding.flags:
            return "closed"
        return "frozen" if HoldingFlag.FROZEN in holding.flags else ""


class NodeLedger:
    """The node that the gateway stands before."""

    def __init__(self, services: NodeServices, zone: str = "UTC") -> None:
        """A ledger of these services. Refusal where `zone` is none."""
        self._services = services
        try:
            self._zone = zone_named(zone)
        except ValueError:
            refuse(DeskCode.BAD_ZONE, zone=zone[:40])

    @property
    def chain(self) -> str:
        """The chain's name."""
        return self._services.application.genesis.chain

    @property
    def registry(self) -> Registry:
        """The rules in force."""
        return self._services.application.registry

    def view(self) -> ReadView:
        """The state after the newest block."""
        return self._services.application.view()

    def directory(self, numbers: Sequence[str]) -> Directory:
        """From the read model; a Refusal where the node keeps none."""
        queries = self._services.queries
        if queries is None:
            refuse(GatewayCode.NO_READ_MODEL)
        wanted = [number for number in dict.fromkeys(numbers) if number]
        listed = queries.records.every(Viewer.node(), "asset")
        assets = {row["asset"]: row["decimals"] for row in listed}
        return NodeDirectory(dict(queries.resolve(wanted)), assets, self.view())

    def submit(self, envelope: bytes) -> Result:
        """Through the engine, as every other transaction."""
        future = self._services.engine.submit([envelope])
        try:
            answer = future.result(FINAL_SECONDS)[0]
        except TimeoutError:
            refuse(GatewayCode.NOT_FINAL_YET, seconds=int(FINAL_SECONDS))
        return result_of(answer, envelope, self._services.application, events=True)

    def time_ms(self, height: int) -> int:
        """Time of a block; 0 where it was pruned."""
        record = self._services.application.block(height)
        return 0 if record is None else record.time_ms

    def now_ms(self) -> int:
        """The node's clock."""
        return utc_ms()

    @property
    def zone(self) -> tzinfo:
        """The node's setting."""
        return self._zone

    def is_used(self, party: str, reference: str) -> bool:
        """By the ledger, and where it has forgotten the name, by the read model."""
        if self._services.application.locate_name(party, reference) is not None:
            return True
        queries = self._services.queries
        return queries is not None and queries.named(Viewer.node(), party, reference) is not None

    def used_before(self, party: str, ids: Ids, document: str) -> Used:
        """By the read model."""
        queries = self._services.queries
        if queries is None:
            refuse(GatewayCode.NO_READ_MODEL)
        return used_on_ledger(queries, Viewer(party), party, ids, document)


def used_on_ledger(
    queries: SqlQueries, viewer: Viewer, party: str, ids: Ids, document: str
) -> Used:
    """Ids that settled payments have, those of a file aside."""
    earlier = queries.earlier
    return Used(
        earlier.end_to_end(viewer, party, ids.end_to_end, document),
        earlier.uetrs(viewer, ids.uetrs, document),
    )
