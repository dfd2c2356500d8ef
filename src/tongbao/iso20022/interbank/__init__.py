"""Messages between banks: transfers, returns, cancellations and status, with headers and answers."""
