"""The house's doors to the outside: HTTP, streams, and documents in and out."""
