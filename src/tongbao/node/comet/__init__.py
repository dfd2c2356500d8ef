"""CometBFT beside this node: it orders transactions; what they do stays here."""

from __future__ import annotations

from tongbao.node.comet.node import CometNode, CometSettings

__all__ = ["CometNode", "CometSettings"]
