"""The list page of every kind of record: rows, groups, totals, filters and columns."""
