"""Decimals of currencies (ISO 4217), so that a receipt can be shown without asking a node."""

from __future__ import annotations

from tongbao.kernel.currencies import DECIMALS
from tongbao.kernel.wording import amount
from tongbao.words import translation

__all__ = ["DECIMALS", "money"]


def money(amount_minor: int, asset: str, decimals: int | None, language: str = "en") -> str:
    """For people: `1,250.00 CNY`; in minor units where the decimals are not known."""
    return amount(amount_minor, asset, lambda _: decimals, translation(language))
