"""The client's side: keys, building and signing, talking to a node, verifying receipts."""
