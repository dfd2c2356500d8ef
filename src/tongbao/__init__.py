"""Tongbao: a settlement network for regulated finance on one shared, provable ledger."""

__version__ = "0.1.0"
