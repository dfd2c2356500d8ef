"""`tongbao corridor` and `tongbao travel`: payments abroad and who pays and is paid."""
