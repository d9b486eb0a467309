"""What changes a register: add, paste, save, take out, bring back, attach, take away.

Cells arrive here read and checked (`submissions.forms.cells`). Every verb leaves a `RowChange`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agencies.models import Agency, Assignment, Region, User
from indicators.models import Instrument, Register
from submissions.actions import storing
from submissions.actions.record import RefusedError, require
from submissions.models import (
    PARTNERSHIP,
    Evidence,
    RegisterRow,
    RegisterRowQuerySet,
    RowChange,
    RowEvidence,
    RowVerb,
)
from submissions.wording import cell_text

PERMISSION = "submissions.edit_register"
PASTE_ROWS = 1000
BATCH = 500


class StaleRowError(Exception):
    """Somebody else saved the row meanwhile. `current` is the row as it stands now."""

    def __init__(self, current: RegisterRow) -> None:
        super().__init__("Sudah diubah orang lain.")
        self.current = current


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row holds: its cells by key, and the years in which it holds."""

    data: dict[str, Any]
    valid_from: int | None = None
    valid_to: int | None = None


def words_of(register: Register, data: dict[str, Any]) -> str:
    """All cells as people read them, in small letters: to search in, and to know a row again."""
    cells = (cell_text(each["type"], data.get(each["key"])) for each in register.columns)
    return " | ".join(cells).casefold()


def for_saving(rows: RegisterRowQuerySet) -> RegisterRowQuerySet:
    """Rows with what a check, a save and a conflict read."""
    return rows.select_related("agency__region", "register", "changed_by")


def open_to(agency: Agency, instrument: Instrument | None) -> QuerySet[Register]:
    """The registers that an agency fills: all, but a partner that of partnerships alone, and those
    that its own questions draw on.
    """
    found = Register.objects.filter(instrument=instrument)
    if not agency.is_partner:
        return found
    own = Assignment.objects.filter(agency=agency, question__instrument=instrument)
    drawn = own.order_by().values("question__register")
    return found.filter(Q(code=PARTNERSHIP) | Q(pk__in=drawn))


def _refuse_unless_open(agency: Agency, register: Register) -> None:
    if agency.is_partner and not open_to(agency, register.instrument).filter(pk=register.pk):
        raise RefusedError(f"Mitra mengisi daftar kemitraan, bukan daftar {register.name}.")


@transaction.atomic
def add_row(
    agency: Agency,
    register: Register,
    *,
    cells: Cells,
    token: uuid.UUID,
    by: User,
    now: datetime,
) -> RegisterRow:
    """Add one row. The same token again gives the row that it made."""
    require(by, PERMISSION, agency)
    _refuse_unless_open(agency, register)
    if (there := _made_by(token, agency)) is not None:
        return there
    try:
        with transaction.atomic():
            row = _new(agency, register, cells, token=token, by=by, now=now)
            row.save()
    except IntegrityError:
        there = _made_by(token, agency)
        if there is None:
            raise
        return there
    _record(row, RowVerb.ADD, by=by, now=now, to=_told(row))
    return row


@transaction.atomic
def import_rows(
    agency: Agency,
    register: Register,
    *,
    rows: Sequence[Cells],
    token: uuid.UUID,
    by: User,
    now: datetime,
) -> int:
    """Add many rows, all or none; returns how many. The same token again adds nothing."""
    require(by, PERMISSION, agency)
    _refuse_unless_open(agency, register)
    if len(rows) > PASTE_ROWS:
        raise RefusedError(f"Paling banyak {PASTE_ROWS} baris sekali tempel.")
    tokens = [uuid.uuid5(token, str(place)) for place in range(len(rows))]
    if not rows or _made_by(tokens[0], agency) is not None:
        return len(rows)
    made = [
        _new(agency, register, cells, token=each, by=by, now=now)
        for cells, each in zip(rows, tokens, strict=True)
    ]
    try:
        with transaction.atomic():
            RegisterRow.objects.bulk_create(made, BATCH)
    except IntegrityError:
        if _made_by(tokens[0], agency) is None:
            raise
        return len(rows)
    on_behalf = by.agency_id != agency.pk
    RowChange.objects.bulk_create(
        [
            RowChange(
                row=row,
                verb=RowVerb.PASTE,
                by=by,
                on_behalf=on_behalf,
                at=now,
                data={"to": _told(row)},
            )
            for row in made
        ],
        BATCH,
    )
    return len(made)


@transaction.atomic
def save_row(
    row: RegisterRow, *, cells: Cells, version: int, by: User, now: datetime
) -> RegisterRow:
    """Save a row as it was typed; returns it as it is stored.

    `version` is the one that was read. What is stored already is returned unchanged. Raises
    StaleRowError when somebody else saved another one meanwhile, RefusedError when it was taken
    out.
    """
    require(by, PERMISSION, row.agency)
    current = _current(row)
    before = _told(current)
    if (current.data, current.valid_from, current.valid_to) == (
        cells.data,
        cells.valid_from,
        cells.valid_to,
    ):
        return current
    refuse_retired(current)
    if current.version != version:
        raise StaleRowError(current)
    changes: dict[str, Any] = {
        "data": cells.data,
        "words": words_of(current.register, cells.data),
        "valid_from": cells.valid_from,
        "valid_to": cells.valid_to,
        "changed_at": now,
        "changed_by": by,
    }
    _set(current, version=version, **changes)
    _record(current, RowVerb.SAVE, by=by, now=now, to=_told(current), **{"from": before})
    return current


def may_take(agency: Agency, *, by: User) -> bool:
    """Whether rows of an office may come in as reference data: the administrator's, as all such
    data of the region is, and theirs who fill its registers.
    """
    return by.has_perm("agencies.change_agency", agency.region) or by.has_perm(PERMISSION, agency)


@transaction.atomic
def take_row(row: RegisterRow, *, by: User, now: datetime) -> None:
    """Store a row of reference data as it is given, new or changed, and tell it in its history."""
    if not may_take(row.agency, by=by):
        raise PermissionDenied
    _refuse_unless_open(row.agency, row.register)
    words = words_of(row.register, row.data)
    if row.pk is None:
        row.words, row.created_at, row.created_by, row.changed_at, row.changed_by = (
            words, now, by, now, by,
        )  # fmt: skip
        row.save(force_insert=True)
        _record(row, RowVerb.PASTE, by=by, now=now, to=_told(row))
        return
    current = _current(row)
    refuse_retired(current)
    before = _told(current)
    _set(
        current,
        version=row.version,
        data=row.data,
        words=words,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        changed_at=now,
        changed_by=by,
    )
    _record(current, RowVerb.SAVE, by=by, now=now, to=_told(current), **{"from": before})


@transaction.atomic
def retire_row(row: RegisterRow, *, by: User, now: datetime) -> None:
    """Take a row out; it stays, and can be brought back. Taken out twice it is out."""
    require(by, PERMISSION, row.agency)
    current = _current(row)
    if current.retired_at is not None:
        return
    _set(current, version=current.version, retired_at=now, changed_at=now, changed_by=by)
    _record(current, RowVerb.RETIRE, by=by, now=now, **{"from": _told(current)})


@transaction.atomic
def restore_row(row: RegisterRow, *, by: User, now: datetime) -> None:
    """Bring back a row that was taken out."""
    require(by, PERMISSION, row.agency)
    current = _current(row)
    if current.retired_at is None:
        return
    _set(current, version=current.version, retired_at=None, changed_at=now, changed_by=by)
    _record(current, RowVerb.RESTORE, by=by, now=now, to=_told(current))


def attach_to_row(
    row: RegisterRow,
    *,
    upload: storing.CheckedFile,
    by: User,
    now: datetime,
    alongside: Callable[[], None] = lambda: None,
) -> RowEvidence:
    """Store a file and attach it to a row; the same bytes once more are the one that stands.

    What `alongside` does happens with the attachment or not at all.
    """
    require(by, PERMISSION, row.agency)
    refuse_retired(row)
    return storing.store_file(
        upload,
        whom=lambda: contact(row.agency.region),
        link=lambda name: _attach_stored(
            row, name=name, upload=upload, by=by, now=now, alongside=alongside
        ),
    )


@transaction.atomic
def _attach_stored(
    row: RegisterRow,
    *,
    name: str,
    upload: storing.CheckedFile,
    by: User,
    now: datetime,
    alongside: Callable[[], None],
) -> RowEvidence:
    alongside()
    [held] = RegisterRow.objects.select_for_update().filter(pk=row.pk)
    refuse_retired(held)
    live = RowEvidence.objects.select_related("evidence__blob").filter(
        row=held, removed_at__isnull=True, evidence__blob__sha256=upload.sha256
    )
    if (there := live.first()) is not None:
        return there
    _refuse_over_quota(row.agency, upload)
    blob = storing.kept_blob(name, upload, now)
    evidence = storing.file_evidence(row.agency, blob, path=name, name=upload.name, by=by, now=now)
    link = RowEvidence.objects.create(row=held, evidence=evidence, added_at=now, added_by=by)
    _record(
        row, RowVerb.ATTACH, by=by, now=now,
        name=evidence.public_name, evidence=evidence.pk, sha256=upload.sha256, size=upload.size,
    )  # fmt: skip
    return link


@transaction.atomic
def detach_from_row(link: RowEvidence, *, by: User, now: datetime) -> None:
    """Take an evidence away from a row; marked, not deleted. Taken away twice is taken away."""
    require(by, PERMISSION, link.row.agency)
    gone = RowEvidence.objects.filter(pk=link.pk, removed_at__isnull=True).update(
        removed_at=now, removed_by=by
    )
    if gone:
        _record(
            link.row, RowVerb.DETACH, by=by, now=now,
            name=link.evidence.public_name, evidence=link.evidence_id,
        )  # fmt: skip


def same_rows(agency: Agency, code: str, words: Iterable[str]) -> set[str]:
    """Which of these rows the agency has already, told by their words."""
    wanted = set(words)
    there = RegisterRow.objects.live().filter(agency=agency, code=code)
    return wanted & set(there.values_list("words", flat=True))


def contact(region: Region) -> str:
    """Whom an operator calls."""
    return region.contact or "sekretariat Gugus Tugas KLA"


# --- the steps -----------------------------------------------------------------------------------


def _new(
    agency: Agency, register: Register, cells: Cells, *, token: uuid.UUID, by: User, now: datetime
) -> RegisterRow:
    return RegisterRow(
        agency=agency,
        code=register.code,
        register=register,
        data=cells.data,
        words=words_of(register, cells.data),
        valid_from=cells.valid_from,
        valid_to=cells.valid_to,
        token=token,
        created_at=now,
        created_by=by,
        changed_at=now,
        changed_by=by,
    )


def _made_by(token: uuid.UUID, agency: Agency) -> RegisterRow | None:
    """The row of a token; one of another agency is nobody's business, and no row can follow."""
    there = for_saving(RegisterRow.objects.all()).filter(token=token).first()
    if there is not None and there.agency_id != agency.pk:
        raise RefusedError("Formulir ini sudah dipakai. Muat ulang halaman, lalu isi lagi.")
    return there


def _current(row: RegisterRow) -> RegisterRow:
    return for_saving(RegisterRow.objects.all()).get(pk=row.pk)


def _set(row: RegisterRow, *, version: int, **changes: Any) -> None:
    """Compare-and-set: the row moves on by one version, or StaleRowError."""
    saved = RegisterRow.objects.filter(pk=row.pk, version=version).update(
        version=F("version") + 1, **changes
    )
    if not saved:
        raise StaleRowError(_current(row))
    for field, value in changes.items():
        setattr(row, field, value)
    row.version = version + 1


def refuse_retired(row: RegisterRow) -> None:
    """A sentence, if the row was taken out."""
    if row.retired_at is not None:
        raise RefusedError("Baris ini sudah dihapus. Pulihkan dahulu, lalu ubah.")


def _refuse_over_quota(agency: Agency, upload: storing.CheckedFile) -> None:
    live = RowEvidence.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    mine = Evidence.objects.filter(agency=agency)
    used = storing.bytes_of(mine.filter(Q(Exists(live)) | storing.loose()))
    storing.refuse_over_quota(used, upload, space="daftar induk", whom=contact(agency.region))


def _told(row: RegisterRow) -> dict[str, Any]:
    return {"data": row.data, "valid_from": row.valid_from, "valid_to": row.valid_to}


def _record(row: RegisterRow, verb: RowVerb, *, by: User, now: datetime, **data: Any) -> None:
    RowChange.objects.create(
        row=row,
        verb=verb,
        by=by,
        on_behalf=by.agency_id != row.agency_id,
        at=now,
        data=data,
    )
