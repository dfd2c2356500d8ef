"""`tongbao network`: found, join and look at a network of several nodes."""
