"""Documents as XML: parsed within bounds, checked against their schema, read and written."""
