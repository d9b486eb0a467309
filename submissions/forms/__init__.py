"""What is typed and chosen in this room, one module per theme of the pages."""
