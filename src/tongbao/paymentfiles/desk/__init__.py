"""The desk of a bank: files are kept, judged, repaired, approved, released and followed."""
