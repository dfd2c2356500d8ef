"""`tongbao desk`: payment files kept, judged, approved and released by a bank."""
