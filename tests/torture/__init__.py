"""The product under fire: `python -m tests.torture`, which ends in docs/trust.md.

Any test or tool tells a figure of its own by one call, and docs/trust.md shows it:

    from tests.torture import results
    results.record("damaged_backups", figure="0 of 200", reached=True)

The names, with their promise, test and goal, are the table `LINES` in results.py.
"""
