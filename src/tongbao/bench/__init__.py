"""What `tongbao bench` measures, with the bound of each figure."""
