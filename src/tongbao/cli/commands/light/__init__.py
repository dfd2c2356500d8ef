"""`tongbao light`: a chain verified without running a node."""
