"""What commands share to speak with a node: connections, wallets, lists, generated verbs."""
