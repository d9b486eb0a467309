"""The list of what was destroyed, in a file beside the database: a line of JSON for each evidence.

`restore` reads it, so it is kept away from the machine as the backups are. It holds no name: the
key, the sum, the times, who and why.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from submissions.models import Evidence, EvidenceChange, EvidenceVerb


@dataclass(frozen=True, slots=True)
class Entry:
    """One that was destroyed; time and sum tell whether it is the same one elsewhere."""

    evidence: int
    created_at: datetime
    sha256: str
    at: datetime
    by: int | None
    reason: str

    def as_line(self) -> str:
        values = asdict(self)
        for name in ("created_at", "at"):
            values[name] = values[name].astimezone(UTC).isoformat()
        return json.dumps(values, sort_keys=True)

    @classmethod
    def of_line(cls, line: str) -> Entry:
        values = json.loads(line)
        for name in ("created_at", "at"):
            values[name] = datetime.fromisoformat(values[name])
        return cls(**values)


def read(path: Path) -> list[Entry]:
    """The entries of a list; a line that cannot be read raises ValueError with its number."""
    found: list[Entry] = []
    if not path.exists():
        return found
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(Entry.of_line(line))
        except (ValueError, TypeError, KeyError) as error:
            message = f"{path}, line {number}: not a line of the list of destroyed evidence"
            raise ValueError(message) from error
    return found


def bring_up_to_date(more: Iterable[Entry] = ()) -> int:
    """Add to this machine's list what the database knows as destroyed, and `more`; how many."""
    path: Path = settings.DESTROYED_LIST
    there = {each.evidence for each in read(path)}
    wanted = {each.evidence: each for each in (*more, *_known())}
    new = [each for key, each in sorted(wanted.items()) if key not in there]
    if not new:
        return 0
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, "".join(f"{each.as_line()}\n" for each in new).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return len(new)


def _known() -> list[Entry]:
    gone = Evidence.objects.filter(destroyed_at__isnull=False)
    facts = {each.pk: each for each in gone}
    found: dict[int, Entry] = {}
    changes = EvidenceChange.objects.filter(verb=EvidenceVerb.DESTROY, evidence__in=list(facts))
    for change in changes.order_by("pk"):
        row = facts[change.evidence_id]
        found[row.pk] = Entry(
            row.pk, row.created_at, row.destroyed_sum, change.at, change.by_id,
            str(change.data.get("reason", "")),
        )  # fmt: skip
    return list(found.values())
