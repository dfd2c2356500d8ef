"""The transactions of corridors, one a file."""
