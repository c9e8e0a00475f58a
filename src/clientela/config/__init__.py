"""What ties the parts together: settings, addresses and the command line."""
