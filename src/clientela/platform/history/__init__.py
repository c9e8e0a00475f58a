"""Looking into the history: the log of administrators, acts to take back, the bin, the past."""
