"""The transactions of parties, one a file."""
