"""The demonstration consortium, and the stories that `tongbao dev --scenario` plays."""
