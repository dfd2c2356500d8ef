"""Who keeps failing proof is answered later; who pays from the same address is not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from tests.gateway.conftest import AS_NODE, Node, new_envelope, start_node, transfer

from tongbao.gateway.bounds.settings import Limits, Settings
from tongbao.gateway.bounds.sources import HALF_LIFE_S, MAX_SOURCES, Sources

JSON = {"content-type": "application/json"}


def test_answers_wait_the_longer_the_more_failed_lately_and_at_most_so_long() -> None:
    sources = Sources(Limits(failed_free=16, failed_seconds=5.0))
    assert [sources.failed("a", 1, 0.0) for _ in range(16)] == [0.0] * 16
    assert sources.failed("a", 1, 0.0) == pytest.approx(0.05)
    assert sources.failed("a", 2_000, 0.0) == 5.0
    assert sources.failed("b", 1, 0.0) == 0.0
    assert sources.slowed == 2


def test_what_failed_is_forgotten_by_and_by() -> None:
    sources = Sources(Limits(failed_free=16, failed_seconds=5.0))
    assert sources.failed("a", 64, 0.0) > 0
    assert sources.failed("a", 1, 2 * HALF_LIFE_S) == pytest.approx(0.05)
    assert sources.failed("a", 1, 20 * HALF_LIFE_S) == 0.0


def test_no_more_clients_are_remembered_than_the_bound() -> None:
    sources = Sources(Limits())
    for number in range(MAX_SOURCES + 10):
        sources.failed(f"client {number}", 1, 0.0)
    assert len(sources) == MAX_SOURCES


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    limits = Limits(failed_free=2, failed_seconds=1.5)
    yield from start_node(tmp_path_factory.mktemp("strict"), Settings(limits=limits))


def timed(node: Node, path: str, content: bytes, **headers: str) -> tuple[float, int]:
    with httpx.Client(base_url=node.url, timeout=20, headers=AS_NODE) as http:
        began = time.perf_counter()
        reply = http.post(path, content=content, headers={**JSON, **headers})
        return time.perf_counter() - began, reply.status_code


def forged() -> bytes:
    """An envelope that its party did not sign."""
    return new_envelope(transfer(1)).replace(b'"party":"hengtong"', b'"party":"mingda"')


@pytest.mark.parametrize("path", ["/v1/transactions", "/v1/transactions?wait=false"])
def test_forged_envelopes_are_answered_later_and_sound_ones_at_once(
    strict: Node, path: str
) -> None:
    for _ in range(40):
        if timed(strict, path, forged())[0] > 0.5:
            break
    else:
        pytest.fail("no answer waited")
    took, status = timed(strict, "/v1/transactions", new_envelope(transfer(1)))
    assert status == 200
    assert took < 0.5


def test_a_batch_of_forged_envelopes_counts_each_of_them(strict: Node) -> None:
    lines = b"\n".join(forged() for _ in range(60))
    kind = {"content-type": "application/x-ndjson"}
    assert timed(strict, "/v1/transactions/batch", lines, **kind)[0] > 1.4


def test_the_figures_tell_places_bodies_cuts_and_who_was_slowed(strict: Node) -> None:
    timed(strict, "/v1/transactions/batch", b"[" + b",".join([forged()] * 60) + b"]")
    page = strict.http.get("/metrics").text
    for line in (
        'tongbao_places{kind="health"} 1.0', 'tongbao_places_refused_total{kind="submit"} 0.0',
        'tongbao_upload_bytes{where="memory"} 0.0', 'tongbao_upload_bytes{where="disk"} 0.0',
        "tongbao_uploads 0.0", "tongbao_uploads_cut_total 0.0", "tongbao_connections_cut_total 0.0",
        "tongbao_failing_sources 1.0",
    ):  # fmt: skip
        assert line in page.splitlines(), line
    assert "tongbao_answers_slowed_total 0.0" not in page
    assert "tongbao_connections 0.0" not in page
