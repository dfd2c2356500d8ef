"""Who asks, and what they are shown."""
