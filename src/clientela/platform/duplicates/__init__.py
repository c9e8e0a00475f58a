"""Records that are the same: found over the whole base, merged into one, and taken apart again."""
