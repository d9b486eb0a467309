"""The benchmark: `python -m tests.bench`, every figure as a ratio to a floor of the same run."""
