"""What modules declare, described for programs: OpenAPI, and enough to make screens of it."""
