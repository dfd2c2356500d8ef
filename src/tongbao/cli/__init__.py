"""The command line. Every command prints for people, or one JSON value with `--json`."""
