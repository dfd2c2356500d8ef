"""The light client: whom to believe about a chain, and rows of its state with proof.

`TrustedStore` holds what is trusted, `LightClient` carries trust on, `QuorumReader` reads.
"""

from tongbao.sdk.light.attack import Evidence
from tongbao.sdk.light.bundling import verify_with_node, with_path
from tongbao.sdk.light.client import Believed, LightClient
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.options import Options
from tongbao.sdk.light.providers import (
    EngineProvider,
    Existence,
    GatewayProvider,
    ProofSource,
    Provider,
    RowProof,
    provider_of,
)
from tongbao.sdk.light.reading import ProvenRow, QuorumReader
from tongbao.sdk.light.starting import start
from tongbao.sdk.light.store import TrustedStore, read_trust

__all__ = [
    "Believed",
    "EngineProvider",
    "Evidence",
    "Existence",
    "GatewayProvider",
    "LightClient",
    "LightCode",
    "Options",
    "ProofSource",
    "ProvenRow",
    "Provider",
    "QuorumReader",
    "RowProof",
    "TrustedStore",
    "provider_of",
    "read_trust",
    "start",
    "verify_with_node",
    "with_path",
]
