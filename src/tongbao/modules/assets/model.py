"""Values of the module."""

from __future__ import annotations

import re

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount, Moment, PartyId, Word
from tongbao.kernel.text import is_plain
from tongbao.modules.assets.codes import AssetsCode

SCOPE = "assets"
"""What a key has to be allowed to sign."""

OPEN, ALLOW_LIST = "open", "allow_list"
KINDS = ("currency", "cbdc", "stablecoin", "deposit", "security", "other")
CENTRAL_KINDS = ("currency", "cbdc")
"""Kinds that only a central bank may issue."""
ISSUING_PREFIX = "issue."
"""How the name of every issuing account begins, and of no other."""
_ID = re.compile(r"[A-Z][A-Z0-9.-]{2,23}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Asset(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is held."""

    id: str
    issuer: PartyId
    decimals: int
    kind: Word
    name: str
    name_local: str = ""
    policy: Word = OPEN
    supply_cap: Amount = 0
    """Most that may be outstanding, in minor units; 0 is no cap."""
    freezable: bool = False
    """Whether the issuer may freeze a holding."""
    clawback_allowed: bool = False
    """Whether the issuer or a supervisor may take back, with a legal basis."""

    @property
    def issuing_account(self) -> str:
        """The account whose negative balance is the supply outstanding."""
        asset = self.id.lower()  # determinism: an asset's id is ASCII
        return f"{self.issuer}/{ISSUING_PREFIX}{asset}"


class Freeze(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a holding may not move."""

    basis: str
    since_ms: Moment
    by: PartyId = ""


def check_asset_id(asset: str) -> None:
    """Refuse a word that is no asset id."""
    require(_ID.fullmatch(asset), AssetsCode.BAD_ASSET_ID, asset=asset[:32])


def is_currency_code(asset: str) -> bool:
    """Whether an id is shaped like a currency code of ISO 4217: three letters."""
    return _CURRENCY.fullmatch(asset) is not None


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, AssetsCode.BAD_TEXT, field=field, low=low, high=high)
