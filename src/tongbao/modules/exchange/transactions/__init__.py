"""The transactions of exchange, one a file."""
