"""What stands on the ledger: accounts, assets, parties, receipts, statements, keys."""
