"""One running node, put together from the rooms above: solo, or beside the consensus engine."""
