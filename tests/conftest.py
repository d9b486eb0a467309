"""What every test may need."""

from collections.abc import Iterator

import pytest
from django.db import connection

from kla_tracker import triggers
from tests.store import away, bucket, s3_server

__all__ = ["away", "bucket", "s3_server"]  # fixtures for every room


@pytest.fixture(autouse=True)
def _history_may_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with real transactions empties the tables afterwards, which the triggers refuse.

    They go just before; `post_migrate`, which follows the emptying, brings them back.
    """
    marker = request.node.get_closest_marker("django_db")
    transactional = (marker is not None and bool(marker.kwargs.get("transaction"))) or bool(
        {"transactional_db", "live_server"} & set(request.fixturenames)
    )
    if transactional:
        request.getfixturevalue("transactional_db")
    yield
    if transactional:
        triggers.remove(connection)
