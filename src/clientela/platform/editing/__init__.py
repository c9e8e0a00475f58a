"""Changing records in the pages: one field in place, a new record, many at once."""
