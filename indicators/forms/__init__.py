"""What is typed and sent in this room, one module per theme."""
