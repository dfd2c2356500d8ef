"""The transactions of payments, one a file."""
