"""Whether the machine is in order: what /readyz says."""

from __future__ import annotations

import secrets
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django_tasks_db.models import DBTaskResult, get_date_max

from agencies.models import User

LATE = timedelta(minutes=5)  # a job that nobody took for so long: the worker is not there
APART = timedelta(seconds=5)  # between our clock and the database's
LEAST_SHARE = 0.05  # of a disk that must stay free …
LEAST_BYTES = 2_000_000_000  # … and never less than this
EXAMPLE_PASSWORD = "kla-demo-2024"  # noqa: S105  # of the example city only, shown to everyone
EXAMPLE_NAMES = (
    "admin", "verifikator", "pimpinan", "disdukcapil", "dinkes", "disdik",
    "kec-cimahi-utara", "kel-cibabat", "apsai",
)  # fmt: skip

_migrated = False
_looked_at: dict[str, bool] = {}  # the stored form of a password: whether it is the example's


def troubles(now: datetime) -> list[str]:
    """What is not in order, of: database, migrations, storage, worker, space, clock, example.
    Empty when we can work.
    """
    try:
        if not is_migrated():
            return ["migrations"]
        late = DBTaskResult.objects.ready().filter(
            Q(run_after=get_date_max()) | Q(run_after__lt=now - LATE), enqueued_at__lt=now - LATE
        )
        stuck = late.exists()
        apart = abs(database_clock() - now) > APART
        example = bool(example_accounts())
    except DatabaseError:
        return ["database"]
    found = (
        ("storage", not _storage_answers()),
        ("worker", stuck),
        ("space", is_low_on_space()),
        ("clock", apart),
        ("example", example),
    )
    return [name for name, bad in found if bad]


def is_migrated() -> bool:
    """Whether the tables are those of this version; once they are, they stay so."""
    global _migrated
    if not _migrated:
        _migrated = not unapplied()
    else:
        connection.ensure_connection()
    return _migrated


def unapplied() -> list[str]:
    """The migrations of this version that the database has not had yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def database_clock() -> datetime:
    """What time it is where the database runs."""
    asked = (
        "SELECT clock_timestamp()"
        if connection.vendor == "postgresql"
        else "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        told = cursor.fetchone()[0]
    moment = parse_datetime(told) if isinstance(told, str) else told
    assert moment is not None  # noqa: S101  (a database that tells no time)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def disks() -> dict[str, tuple[int, int]]:
    """Bytes in all and bytes free, where data, evidence, and files on their way are kept."""
    places = {"data": settings.VAR_DIR, "unggahan": settings.UPLOAD_ROOT}
    if isinstance(default_storage, FileSystemStorage):
        places["data dukung"] = Path(default_storage.location)
    found = {}
    for name, place in places.items():
        folder = next((each for each in (place, *place.parents) if each.is_dir()), None)
        if folder is not None:
            usage = shutil.disk_usage(folder)
            found[name] = (usage.total, usage.free)
    return found


def is_full(total: int, free: int) -> bool:
    """Whether uploads to such a disk will soon fail."""
    return free < LEAST_BYTES or free < total * LEAST_SHARE


def is_low_on_space() -> bool:
    """Whether any of our disks is that full."""
    return any(is_full(total, free) for total, free in disks().values())


def example_accounts() -> list[str]:
    """Accounts of the example that still have the password that everybody knows, on a server that
    is not for the example. Each password is looked at once.
    """
    if settings.EXAMPLE_ACCOUNTS or settings.DEBUG:
        return []
    held = User.objects.filter(is_active=True, username__in=EXAMPLE_NAMES)
    return sorted(
        name for name, stored in held.values_list("username", "password") if _is_known(stored)
    )


def _is_known(stored: str) -> bool:
    if stored not in _looked_at:
        _looked_at[stored] = check_password(EXAMPLE_PASSWORD, stored)
    return _looked_at[stored]


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
