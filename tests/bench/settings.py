"""The production settings, with the floors' addresses beside the real ones."""

from pathlib import Path

from kla_tracker.settings import *  # noqa: F403
from kla_tracker.settings import TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
SECOND_FACTOR_FOR: list[str] = []
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")
