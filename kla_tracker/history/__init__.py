"""The history as a whole: sealed row by row into one chain, proven, and searched."""
