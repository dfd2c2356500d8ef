"""The transactions of settlement, one a file."""
