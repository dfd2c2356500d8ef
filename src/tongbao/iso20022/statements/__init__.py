"""Statements and notices of accounts: camt.052, camt.053 and camt.054, written and read."""
