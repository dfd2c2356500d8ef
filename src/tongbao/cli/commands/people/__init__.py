"""Who asks a node: logging in and out, and whom a node knows."""
