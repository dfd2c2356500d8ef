"""The transactions of accounts, one a file."""
