"""Tongbao: a settlement network for regulated finance on one shared, provable ledger."""
