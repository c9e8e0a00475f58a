"""Records as cards in columns, moved by hand."""
