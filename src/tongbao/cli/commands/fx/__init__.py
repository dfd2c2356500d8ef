"""`tongbao fx`: quotes, offers, pools and prices."""
