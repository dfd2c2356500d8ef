"""The transactions of governance, one a file."""
