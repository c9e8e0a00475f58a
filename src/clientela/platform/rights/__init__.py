"""Pages about rights: roles as a grid, shares of a record, seeing as somebody else, and why somebody may."""
