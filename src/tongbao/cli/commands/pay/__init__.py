"""`tongbao pay`: one payment, a file, messages between banks, and where a payment stands."""
