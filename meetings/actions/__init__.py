"""What changes meetings and what was decided in them: one verb, one event."""
