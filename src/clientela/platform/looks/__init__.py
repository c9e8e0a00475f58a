"""A list as a chart and as a calendar."""
