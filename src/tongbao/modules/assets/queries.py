"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.views import ReadView
from tongbao.modules.assets.model import Asset, Freeze
from tongbao.modules.assets.state import ASSETS, FREEZES


def assets(view: ReadView) -> Iterator[Asset]:
    """Every asset, by id."""
    return (asset for _, asset in view.scan(ASSETS))


def freezes_of(view: ReadView, account: str) -> Iterator[tuple[str, str, Freeze]]:
    """(asset, by whom, freeze) of every freeze that stands on an account."""
    return ((key[1], key[2], freeze) for key, freeze in view.scan(FREEZES, account))
