"""Payment files of customers: pain.001 read and written, pain.002 in answer."""
