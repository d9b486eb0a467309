"""The life of what is made outside the request: asked for, made by a job, kept for a day, gone.

Several workers may come to the same one (a killed one's job is taken up again): only the last that
began writes progress and result.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from agencies.models import User
from submissions.models import Made

KEEP = timedelta(hours=24)
QUIET = timedelta(minutes=2)  # a worker that was not heard of for so long is dead
GAVE_UP = (
    "Pembuatannya terputus beberapa kali. Coba lagi, kalau perlu bagian yang lebih kecil; bila "
    "tetap gagal, hubungi administrator."
)
NO_RIGHT = "Hak Anda berubah sejak ini diminta, jadi tidak dibuat."
NO_ROOM = (
    "Server tidak dapat menulis berkasnya, mungkin ruangnya habis. Pilih bagian yang lebih kecil, "
    "atau hubungi administrator."
)
BROKEN = "Gagal dibuat karena kesalahan di server. Coba lagi, atau hubungi administrator."

Clock = Callable[[], datetime]
M = TypeVar("M", bound=Made)


class SupersededError(Exception):
    """Another worker has begun with it, or it is gone: this one stops."""


def ask(made: M, *, now: datetime) -> M:
    """Store the wish and its job; both or none. IntegrityError where a rule of the model forbids
    another one now.
    """
    sweep_of(type(made), made.by, now)
    made.asked_at, made.expires_at = now, now + KEEP
    with transaction.atomic():
        made.save()
        import_string(made.JOB).enqueue(made.pk)
    return made


def drop(made: Made, *, by: User) -> None:
    """Cancel or remove the own one with its files; twice is once."""
    if made.by_id != by.pk:
        raise PermissionDenied
    _remove(made)


def drop_for_all(made: Made) -> None:
    """Remove anybody's, ready or being made, once the transaction is through: what is in it had to
    go. Its worker finds it gone, and stops.
    """
    made.rows().filter(pk=made.pk).delete()
    transaction.on_commit(partial(_clear, made))


# --- what the job does ---------------------------------------------------------------------------


def run(
    wanted: QuerySet[M],
    pk: int,
    *,
    clock: Clock,
    may: Callable[[M], bool],
    make: Callable[[M, Clock], dict[str, Any]],
    done: Callable[[M, datetime], object],
) -> bool:
    """Make it, if it is still wanted and its requester still `may`; says whether this did.

    `wanted` reads it with what the others need. `make` writes the drafts and gives what is to be
    stored beside them; `done` runs in the transaction in which they become the result.
    """
    made = begin(wanted, pk, now=clock())
    if made is None:
        return False
    if not may(made):
        fail(made, now=clock(), error=NO_RIGHT)
        return False
    try:
        root().mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = make(made, clock)
        finish(made, now=clock(), done=done, **facts)
    except SupersededError:
        _clear_drafts(made)
        return False
    except OSError:
        fail(made, now=clock(), error=NO_ROOM)
        return False
    except Exception:
        fail(made, now=clock(), error=BROKEN)
        raise
    return True


def begin(wanted: QuerySet[M], pk: int, *, now: datetime) -> M | None:
    """Take hold of it; None if it is done, gone, or another worker is at it."""
    unfinished = wanted.filter(pk=pk, finished_at__isnull=True)
    found = unfinished.first()
    if found is None or (found.beat_at is not None and found.beat_at > now - QUIET):
        return None
    same = unfinished.filter(attempt=found.attempt).order_by()
    if not same.update(attempt=found.attempt + 1, beat_at=now):
        return None
    _clear(found)  # what the worker before left
    return wanted.get(pk=pk)


def beat(made: Made, *, now: datetime, **progress: int) -> None:
    """Say that one is at it, and how far; SupersededError if that is no longer wanted."""
    if not _held(made).update(beat_at=now, **progress):
        raise SupersededError


def finish(made: M, *, now: datetime, done: Callable[[M, datetime], object], **facts: Any) -> None:
    """The drafts are whole and take their names: from now on they can be fetched, for a day."""
    with transaction.atomic():
        told = {"finished_at": now, "beat_at": now, "expires_at": now + KEEP, **facts}
        if not _held(made).update(**told):
            raise SupersededError
        for kind in made.KINDS:  # while nobody else can take hold of the row
            made.draft_of(kind).replace(made.file(kind))
        for name, value in told.items():
            setattr(made, name, value)
        done(made, now)


def fail(made: Made, *, now: datetime, error: str) -> None:
    """No file will come of it; the sentence is for its requester."""
    _clear_drafts(made)
    _held(made).update(finished_at=now, error=error, expires_at=now + KEEP)


def give_up(model: type[Made], pk: int, *, now: datetime) -> None:
    """Too many workers died with it."""
    model.rows().unfinished().filter(pk=pk).update(
        finished_at=now, error=GAVE_UP, expires_at=now + KEEP
    )


# --- what the clock does -------------------------------------------------------------------------


def models_by_job() -> dict[str, type[Made]]:
    """What may be made, by the task that makes it."""
    return {each.JOB: each for each in apps.get_models() if issubclass(each, Made)}


def in_work(now: datetime) -> set[tuple[str, int]]:
    """Job and number of all that a worker is at, however long it takes: these jobs are not dead."""
    return {
        (job, pk)
        for job, model in models_by_job().items()
        for pk in model.rows()
        .unfinished()
        .filter(beat_at__gt=now - QUIET)
        .values_list("pk", flat=True)
    }


def sweep(now: datetime) -> tuple[int, int]:
    """Remove what is past its day, and files that no row names. How many of each."""
    gone, names = 0, set()
    for model in models_by_job().values():
        gone += sum(map(_remove, model.rows().expired(now)))
        names |= {token.hex for token in model.rows().values_list("token", flat=True)}
    strays = 0
    for path in root().glob("*") if root().is_dir() else ():
        try:
            old = path.stat().st_mtime < (now - KEEP).timestamp()
        except FileNotFoundError:
            continue
        if old and path.name.partition(".")[0] not in names:
            _delete(path)
            strays += 1
    return gone, strays


def sweep_of(model: type[Made], by: User, now: datetime) -> None:
    """The same for one person's, whenever another is asked for."""
    for each in model.rows().expired(now).filter(by=by):
        _remove(each)


def root() -> Path:
    """The folder of all of them."""
    return Path(settings.BUNDLE_ROOT)


# --- the steps -----------------------------------------------------------------------------------


def _held(made: Made) -> QuerySet[Any]:
    return made.rows().unfinished().filter(pk=made.pk, attempt=made.attempt)


def _remove(made: Made) -> bool:
    gone, _ = made.rows().filter(pk=made.pk).delete()
    _clear(made)
    return bool(gone)


def _clear(made: Made) -> None:
    """Remove what lies on the disk of it."""
    for path in root().glob(f"{made.token.hex}.*"):
        _delete(path)


def _clear_drafts(made: Made) -> None:
    """Remove what this attempt left."""
    for path in root().glob(f"{made.token.hex}.{made.attempt}.*"):
        _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
