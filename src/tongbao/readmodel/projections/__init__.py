"""One file a module: how its events become rows."""
