"""Rows as JSON lines, through the models as the migrations left them: the same on both databases,
and for every version that the migrations know.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.duration import duration_string

BATCH = 500
LEFT_OUT = frozenset(
    {
        "sessions.Session",  # whoever is signed in signs in again
        "usersessions.UserSession",  # ... and these tell of them
        "meetings.Pack",  # files that anybody makes again with a click
        "submissions.Upload",  # whoever sends a file sends it again: its parts are not kept
        "submissions.Bundle",  # whoever wants one asks again: its file is not kept
        "submissions.ExportTurn",
    }
)

Names = list[tuple[str, str]]


def applied() -> Names:
    """The migrations that this database has seen, by app and name."""
    known = MigrationLoader(connection).disk_migrations or {}
    seen = MigrationRecorder(connection).applied_migrations()
    return sorted(key for key in seen if key in known)


def leaves(names: Names) -> Names:
    """Those of the migrations that no other of them follows: where each app stands."""
    graph = MigrationLoader(connection).graph
    have = set(names)
    return [
        key
        for key in names
        if not any(
            child.key in have and child.key[0] == key[0] for child in graph.node_map[key].children
        )
    ]


def models_at(names: Names) -> list[type[models.Model]]:
    """Every model with a table at that point, many-to-many tables too, in a fixed order."""
    apps: Apps = MigrationLoader(connection).project_state(leaves(names)).apps
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    ]
    for model in found:
        for field in model._meta.local_fields:
            if isinstance(field, (models.DateField, models.TimeField)):
                field.auto_now = field.auto_now_add = False  # a restored time is not now
    return sorted(found, key=lambda model: model._meta.label)


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return list(model._meta.local_concrete_fields)


def files_in(model: type[models.Model]) -> list[int]:
    """Which columns name a file in the storage."""
    return [
        place for place, field in enumerate(fields_of(model)) if isinstance(field, models.FileField)
    ]


def read(model: type[models.Model]) -> Iterator[tuple[Any, ...]]:
    """Every row in the order of its key."""
    names = [field.attname for field in fields_of(model)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    yield from rows.iterator(chunk_size=2000)


def as_line(row: Iterable[Any]) -> bytes:
    line = json.dumps(
        [_plain(each) for each in row], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )  # PostgreSQL keeps the keys of a JSON value in an order of its own
    return line.encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, timedelta):
        return duration_string(value)
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value


def write(model: type[models.Model], lines: Iterable[bytes]) -> int:
    """Store the rows as they are, without anything that saving does; how many there were."""
    fields = fields_of(model)
    count = 0
    batch: list[models.Model] = []
    for line in lines:
        values = zip(fields, json.loads(line), strict=True)
        batch.append(model(**{field.attname: field.to_python(each) for field, each in values}))
        count += 1
        if len(batch) >= BATCH:
            model._base_manager.bulk_create(batch)
            batch = []
    if batch:
        model._base_manager.bulk_create(batch)
    return count


def restart_counters(found: list[type[models.Model]]) -> None:
    """On PostgreSQL the next number of each table follows the greatest that was restored."""
    from django.core.management.color import no_style  # noqa: PLC0415

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)
