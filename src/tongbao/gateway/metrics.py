"""Figures for Prometheus: what was submitted, how it ended, how long blocks and requests take."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tongbao.gateway.bounds.admission import Admission
from tongbao.gateway.bounds.sources import Sources
from tongbao.gateway.bounds.uploads import Uploads
from tongbao.gateway.services import NodeServices
from tongbao.kernel.blocks import BlockRecord
from tongbao.modules.governance import evidence, members
from tongbao.sdk.answers import Result

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BLOCK_STAGES = ("execute", "tree", "seal", "commit")


class Metrics:
    """The counters of one gateway, in a registry of their own."""

    def __init__(self, services: NodeServices) -> None:
        """Register the figures and listen to the engine's blocks."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # half of the page otherwise, and of no use here
        self.registry = CollectorRegistry()
        self.streams = 0
        """Open event streams."""
        self.connections = _no_connections
        """Open connections, and how many were cut; the server says so."""
        self._watched: tuple[Admission, Uploads, Sources] | None = None
        self._services = services
        self._outcomes = Counter(
            "tongbao_transactions", "Answers to submitted transactions.",
            ("status", "code", "name"), registry=self.registry,
        )  # fmt: skip
        self._submit = Histogram(
            "tongbao_submit_seconds", "From a submission's arrival until it was final.",
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._blocks = Histogram(
            "tongbao_block_seconds", "Work on each block with content, until it was durable.",
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._requests = Histogram(
            "tongbao_http_seconds", "Requests.", ("method", "route", "status"),
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        ProcessCollector(registry=self.registry)
        self.registry.register(_State(self))
        self._worked = self._block_work()
        services.engine.subscribe(self._on_block)

    def answered(self, results: Sequence[Result], seconds: float) -> None:
        """Count the answers of one submission."""
        tally = Tally((one.status, one.code, one.name) for one in results)
        for (status, code, name), count in tally.items():
            self._outcomes.labels(status, code, name).inc(count)
        self._submit.observe(seconds)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).observe(seconds)

    def watch(self, admission: Admission, uploads: Uploads, sources: Sources) -> None:
        """What stands at the doors is shown from now on."""
        self._watched = (admission, uploads, sources)

    def at_the_doors(self) -> Iterator[Metric]:
        """Places that are taken, bodies that are held, answers that wait, connections."""
        count, cut = self.connections()
        yield GaugeMetricFamily("tongbao_connections", "Open connections.", value=float(count))
        yield CounterMetricFamily(
            "tongbao_connections_cut", "Connections that were too slow, or had to make room.",
            value=float(cut),
        )  # fmt: skip
        if self._watched is None:
            return
        admission, uploads, sources = self._watched
        places = GaugeMetricFamily(
            "tongbao_places", "Requests that are being served.", labels=("kind",)
        )
        for kind, taken in admission.serving.items():
            places.add_metric((kind,), taken)
        yield places
        refused = CounterMetricFamily(
            "tongbao_places_refused", "Requests for which there was no place.", labels=("kind",)
        )
        for kind, times in admission.refused.items():
            refused.add_metric((kind,), times)
        yield refused
        held = GaugeMetricFamily(
            "tongbao_upload_bytes", "Bodies that are held, beyond the first 64 KiB of each.",
            labels=("where",),
        )  # fmt: skip
        held.add_metric(("memory",), uploads.held())
        held.add_metric(("disk",), uploads.held(disk=True))
        yield held
        yield GaugeMetricFamily(
            "tongbao_uploads", "Bodies that are not all there.", value=float(len(uploads))
        )
        yield CounterMetricFamily(
            "tongbao_uploads_cut", "Bodies that had to make room.", value=float(uploads.cut)
        )
        yield GaugeMetricFamily(
            "tongbao_failing_sources", "Clients whose submissions failed proof lately.",
            value=float(len(sources)),
        )  # fmt: skip
        yield CounterMetricFamily(
            "tongbao_answers_slowed", "Answers that waited, for their clients keep failing proof.",
            value=float(sources.slowed),
        )  # fmt: skip

    def render(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)

    def _block_work(self) -> float:
        seconds = self._services.application.meter.seconds
        return sum(seconds[stage] for stage in _BLOCK_STAGES)

    def _on_block(self, record: BlockRecord) -> None:
        if not record.transactions and not record.events:
            return
        worked = self._block_work()
        self._blocks.observe(max(0.0, worked - self._worked))
        self._worked = worked


def _no_connections() -> tuple[int, int]:
    return 0, 0


class _State(Collector):
    """Figures that are read when they are asked for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        services = self._metrics._services
        application = services.application
        scrubbed = application.scrubbed
        gauges = {
            "tongbao_height": ("Height of the newest block.", application.tip.height),
            "tongbao_time_ms": ("Time of the newest block.", application.tip.time_ms),
            "tongbao_clock_ahead_ms": (
                "How far the machine's clock is ahead of the chain's; 0 while it is trusted.",
                services.engine.clock().ahead_ms,
            ),
            "tongbao_waiting": ("Transactions not yet answered.", services.engine.waiting),
            "tongbao_halted": ("1 where the engine halted.", services.engine.fault is not None),
            "tongbao_scrub_pass_bytes": (
                "What the present pass over the store has to compare.",
                scrubbed.total,
            ),
            "tongbao_scrub_passed_timestamp_seconds": (
                "When the newest pass over the store ended without a finding; 0 before the first.",
                scrubbed.passed_at_s,
            ),
            "tongbao_store_altered": (
                "1 where the store is not what this node wrote.",
                scrubbed.altered,
            ),
            "tongbao_caught_seats": ("Seats of parties with unanswered evidence.", self._caught()),
            "tongbao_streams": ("Open event streams.", self._metrics.streams),
        }
        if services.queries is not None:
            gauges["tongbao_read_model_height"] = (
                "Height of the lists and events.", services.queries.height(),
            )  # fmt: skip
        for name, (meaning, value) in gauges.items():
            yield GaugeMetricFamily(name, meaning, value=float(value))
        yield from self._metrics.at_the_doors()
        yield CounterMetricFamily(
            "tongbao_scrub_bytes", "Compared while reading the store again.", value=scrubbed.bytes
        )
        yield CounterMetricFamily(
            "tongbao_scrub_passes", "Passes over the store without a finding.",
            value=scrubbed.passes,
        )  # fmt: skip
        stages = CounterMetricFamily(
            "tongbao_stage_seconds", "Seconds of work by stage.", labels=("stage",)
        )
        for stage, seconds in application.meter.seconds.items():
            stages.add_metric((stage,), seconds)
        yield stages

    def _caught(self) -> int:
        """From the ledger, so that no scrape misses it: the engine shows it for one block."""
        view = self._metrics._services.application.view()
        seated = {one.party for one in members(view)}
        return len({one.party for one in evidence(view) if not one.expelled} & seated)
