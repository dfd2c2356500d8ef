"""Twins: the short Python specification of what the Rust core does fast.

Nothing in production runs them. tests/differential holds both to the same answers.
"""
