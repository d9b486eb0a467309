"""The last backup, in one small file of VAR_DIR: for the status page and for /metrics."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from django.conf import settings


@dataclass(frozen=True)
class Record:
    """When a backup was made, and how much is in it; not where it lies."""

    made_at: datetime
    rows: int
    files: int
    size: int
    missing: int
    encrypted: bool

    @classmethod
    def read(cls, text: str) -> Self:
        """As `write` left it."""
        values = json.loads(text)
        return cls(**{**values, "made_at": datetime.fromisoformat(values["made_at"])})

    def write(self) -> None:
        """Replace what was known, whole or not at all."""
        draft = place().with_suffix(".part")
        draft.write_text(json.dumps({**asdict(self), "made_at": self.made_at.isoformat()}))
        draft.rename(place())


def place() -> Path:
    """Where the record lies."""
    folder: Path = settings.VAR_DIR
    return folder / "last-backup.json"


def last() -> Record | None:
    """The last backup that this server made; None when there was none, or nothing to be read."""
    try:
        return Record.read(place().read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None
