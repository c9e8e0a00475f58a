"""Where administrators set the workspace up: one place for the pages that other rooms bring."""
