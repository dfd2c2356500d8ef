"""`tongbao dev`, `node` and what an operator does on its machine."""
