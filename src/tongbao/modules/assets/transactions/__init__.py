"""The transactions of assets, one a file."""
