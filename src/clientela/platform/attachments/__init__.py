"""Files that hang on records: taken in by content, kept under random names, given out as downloads."""
