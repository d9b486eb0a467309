"""The pages of the room: meetings and their papers, and what each office has to do."""
