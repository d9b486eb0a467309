"""The room's pages: signing in, the own account, the directory, and who answers what."""
