"""What every test may need."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from kla_tracker import triggers
from tests.store import away, bucket, s3_server

__all__ = ["away", "bucket", "s3_server"]  # fixtures for every room

_connect = socket.socket.connect
LOOPBACK = ("127.", "::1", "localhost")


def _connect_here(line: socket.socket, to: Any) -> None:
    """Nothing of ours calls out; a test in which something tries fails by that."""
    if line.family in {socket.AF_INET, socket.AF_INET6} and not str(to[0]).startswith(LOOPBACK):
        raise AssertionError(f"a test called out to {to[0]}")
    _connect(line, to)


@pytest.fixture(autouse=True, scope="session")
def _nothing_calls_out() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect_here)
        yield


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
