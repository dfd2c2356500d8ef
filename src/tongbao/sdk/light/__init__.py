"""The light client: whom to trust about a chain, and rows of its state with proof.

`TrustedStore` holds what is trusted, `LightClient` carries trust on, `QuorumReader` reads. Each
that asks nodes has a form to be awaited, called `Async...` or `..._async`; both do the same work.
"""

from tongbao.sdk.light.attack import Evidence
from tongbao.sdk.light.bundling import (
    verify_with_node,
    verify_with_node_async,
    with_path,
)
from tongbao.sdk.light.client import (
    AsyncLightClient,
    LightClient,
    report,
    report_async,
)
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.evidence_result import EvidenceResult
from tongbao.sdk.light.following import Verified
from tongbao.sdk.light.options import Options
from tongbao.sdk.light.providers import (
    AnyProvider,
    AsyncEngineProvider,
    AsyncGatewayProvider,
    AsyncProofSource,
    AsyncProvider,
    EngineProvider,
    Existence,
    GatewayProvider,
    ProofSource,
    Provider,
    RowProof,
    async_provider_of,
    provider_of,
)
from tongbao.sdk.light.reading import (
    AsyncQuorumReader,
    ProvenRow,
    QuorumReader,
)
from tongbao.sdk.light.reporting import Reported, tell_engine
from tongbao.sdk.light.starting import start, start_async
from tongbao.sdk.light.store import TrustedStore, read_trust

__all__ = [
    "AnyProvider",
    "AsyncEngineProvider",
    "AsyncGatewayProvider",
    "AsyncLightClient",
    "AsyncProofSource",
    "AsyncProvider",
    "AsyncQuorumReader",
    "EngineProvider",
    "Evidence",
    "EvidenceResult",
    "Existence",
    "GatewayProvider",
    "LightClient",
    "LightCode",
    "Options",
    "ProofSource",
    "ProvenRow",
    "Provider",
    "QuorumReader",
    "Reported",
    "RowProof",
    "TrustedStore",
    "Verified",
    "async_provider_of",
    "provider_of",
    "read_trust",
    "report",
    "report_async",
    "start",
    "start_async",
    "tell_engine",
    "verify_with_node",
    "verify_with_node_async",
    "with_path",
]
