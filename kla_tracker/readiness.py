"""Whether the machine is in order: what /readyz says."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django_tasks_db.models import DBTaskResult, get_date_max

LATE = timedelta(minutes=10)  # a job that nobody took for so long: the worker is not there
_migrated = False


def troubles(now: datetime) -> list[str]:
    """What is not in order, of: database, migrations, storage, worker. Empty when we can work."""
    try:
        if not is_migrated():
            return ["migrations"]
        late = DBTaskResult.objects.ready().filter(
            Q(run_after=get_date_max()) | Q(run_after__lt=now - LATE), enqueued_at__lt=now - LATE
        )
        stuck = late.exists()
    except DatabaseError:
        return ["database"]
    return [name for name, bad in (("storage", not _storage_answers()), ("worker", stuck)) if bad]


def is_migrated() -> bool:
    """Whether the tables are those of this version; once they are, they stay so."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    else:
        connection.ensure_connection()
    return _migrated


def _storage_answers() -> bool:
    """Whether the place of the files is there: a folder that we may write, or a store that says."""
    try:
        if isinstance(default_storage, FileSystemStorage):
            root = Path(settings.MEDIA_ROOT)
            place = root if root.exists() else root.parent
            return place.is_dir() and _writable(place)
        default_storage.exists("siap")
    except Exception:  # noqa: BLE001  (each store has errors of its own)
        return False
    return True


def _writable(folder: Path) -> bool:
    draft = folder / f".siap-{secrets.token_hex(4)}"
    try:
        draft.touch()
        draft.unlink()
    except OSError:
        return False
    return True
