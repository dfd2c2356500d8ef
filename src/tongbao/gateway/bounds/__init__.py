"""What one client may cost: connections, bodies, uploads, requests at once, repeated keys."""
