"""The commands, one folder a group; loaded when asked for (`shell/contents.py`)."""
