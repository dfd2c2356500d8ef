"""Messages between banks: transfers, returns, cancellations, status, headers and answers."""
