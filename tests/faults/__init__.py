"""The real server, killed."""
