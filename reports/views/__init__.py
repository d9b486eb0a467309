"""The pages of the room: a year and its lists, its charts, and what hangs on them."""
