"""Searching the history of all rooms: what happened, newest first, as far as the reader's eyes go.

Each kind of history is one query of at most a page; the pages are merged by time. A page begins
after a place in time instead of a number, so the last page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import Change, ChangeVerb, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import InstrumentChange, InstrumentVerb
from indicators.wording import NOTHING, tanggal
from kla_tracker.models import Seal
from meetings.models import FollowUp, FollowUpEvent, Meeting, MeetingEvent, MeetingVerb
from meetings.workflow import SAID
from submissions.models import (
    HIDDEN,
    Event,
    Evidence,
    EvidenceChange,
    EvidenceVerb,
    RegisterRow,
    RowChange,
    RowVerb,
    Verb,
)
from submissions.workflow import STATE_LABELS, VERDICT_LABELS

LONG = 120


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of history: how to find its rows, and what each is about."""

    key: str
    label: str
    model: type[models.Model]
    seen: Callable[[User], QuerySet[Any]]
    verbs: dict[str, str]
    verb: str
    agency: str  # the way to the code of the office
    question: str  # … to the code of the question or indicator; nothing where there is none
    related: tuple[str, ...]
    about: Callable[[Any], tuple[str, str]]  # the office, and what it is about

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass(slots=True)
class Line:
    """One act as it is shown."""

    source: Source
    row: Any
    office: str
    about: str
    what: str
    details: list[str] = field(default_factory=list)
    seal: int = 0

    @property
    def who(self) -> str:
        return str(self.row.by) if self.row.by is not None else "Sistem"

    @property
    def place(self) -> str:
        """Where this line stands in time: what comes after it is older."""
        return f"{self.row.at.isoformat()}~{self.source.key}~{self.row.pk}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; empty is everything."""

    kind: str = ""
    who: str = ""
    what: str = ""
    agency: str = ""
    question: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""


def _changes(user: User) -> QuerySet[Change]:
    if user.role in OWN_AGENCY_ONLY:
        code = user.agency.code if user.agency else ""
        return Change.objects.filter(region=user.region_id, data__agency=code)
    found = Change.objects.all()
    return found if user.region_id is None else found.filter(region=user.region_id)


def _instruments(user: User) -> QuerySet[InstrumentChange]:
    """They belong to no region: everybody but an office sees who changed them."""
    every = InstrumentChange.objects.all()
    return every.none() if user.role in OWN_AGENCY_ONLY else every


def _evidence(user: User) -> QuerySet[EvidenceChange]:
    """Of evidence that was thrown away only the region of who did it is known."""
    if user.role not in OWN_AGENCY_ONLY and user.region_id is None:
        return EvidenceChange.objects.all()
    if user.role in OWN_AGENCY_ONLY:
        own = Evidence.objects.filter(agency=user.agency_id)
        return EvidenceChange.objects.filter(evidence__in=own.values("pk"))
    near = Evidence.objects.filter(agency__region=user.region_id)
    gone = ~Exists(Evidence.objects.filter(pk=OuterRef("evidence_id")))
    return EvidenceChange.objects.filter(
        Q(evidence__in=near.values("pk")) | Q(gone, by__region=user.region_id)
    )


def _about_event(row: Event) -> tuple[str, str]:
    office = str(row.submission.agency) if row.submission else ""
    if row.response is not None:
        return office, f"{row.response.question.code} ({row.assessment.year})"
    if row.submission is not None:
        return office, f"Indikator {row.submission.indicator.code} ({row.assessment.year})"
    return office, f"Penilaian {row.assessment.year}"


SOURCES = (
    Source(
        "isian", "Isian dan verifikasi", Event, Event.objects.visible_to,
        dict(Verb.choices), "verb", "submission__agency__code", "response__question__code",
        ("by", "assessment", "submission__agency", "submission__indicator", "response__question"),
        _about_event,
    ),
    Source(
        "data-dukung", "Data dukung", EvidenceChange, _evidence,
        dict(EvidenceVerb.choices), "verb", "evidence__agency__code", "",
        ("by",), lambda row: ("", f"Data dukung {row.evidence_id}"),
    ),
    Source(
        "daftar-induk", "Daftar induk", RowChange,
        lambda user: RowChange.objects.filter(row__in=RegisterRow.objects.visible_to(user)),
        dict(RowVerb.choices), "verb", "row__agency__code", "",
        ("by", "row__agency", "row__register"),
        lambda row: (str(row.row.agency), f"{row.row.register.name}, baris {row.row_id}"),
    ),
    Source(
        "pengguna", "Pengguna, perangkat daerah, pengampuan", Change, _changes,
        dict(ChangeVerb.choices), "verb", "data__agency", "",
        ("by",), lambda row: ("", ""),
    ),
    Source(
        "instrumen", "Instrumen", InstrumentChange, _instruments,
        dict(InstrumentVerb.choices), "verb", "", "",
        ("by", "instrument"), lambda row: ("", str(row.instrument.code)),
    ),
    Source(
        "rakor", "Rakor", MeetingEvent,
        lambda user: MeetingEvent.objects.filter(meeting__in=Meeting.objects.visible_to(user)),
        dict(MeetingVerb.choices), "verb", "", "",
        ("by", "meeting"), lambda row: ("", f"Rakor {tanggal(row.meeting.starts_at)}"),
    ),
    Source(
        "tindak-lanjut", "Tindak lanjut", FollowUpEvent,
        lambda user: FollowUpEvent.objects.filter(followup__in=FollowUp.objects.visible_to(user)),
        dict(SAID), "move", "followup__agency__code", "response__question__code",
        ("by", "followup__agency"),
        lambda row: (str(row.followup.agency), f"Keputusan {row.followup.number}"),
    ),
)  # fmt: skip
KEYS = [each.key for each in SOURCES]


def search(user: User, wanted: Wanted, *, limit: int) -> tuple[list[Line], bool]:
    """The newest acts that fit, and whether there are older ones. A fixed number of queries: one
    for each kind, and three that name and number what is shown.
    """
    found: list[tuple[Source, Any]] = []
    for source in SOURCES:
        if wanted.kind in {"", source.key} and (rows := _rows(source, user, wanted)) is not None:
            found += [(source, row) for row in rows[: limit + 1]]
    found.sort(key=lambda each: (each[1].at, -KEYS.index(each[0].key), each[1].pk), reverse=True)
    return _lines(user, found[:limit]), len(found) > limit


def _rows(source: Source, user: User, wanted: Wanted) -> QuerySet[Any] | None:
    """One kind's rows, newest first; None where it cannot have what is wanted."""
    rows = source.seen(user).select_related(*source.related).order_by("-at", "-pk")
    if wanted.who:
        rows = rows.filter(
            Q(by__name__icontains=wanted.who) | Q(by__username__icontains=wanted.who)
        )
    if wanted.what:
        words = wanted.what.casefold()
        fitting = [key for key, label in source.verbs.items() if words in label.casefold()]
        rows = rows.filter(**{f"{source.verb}__in": fitting})
    for path, value in ((source.agency, wanted.agency), (source.question, wanted.question)):
        if value and not path:
            return None
        if value:
            rows = rows.filter(**{path: value})
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    return _after(source, rows, wanted.after)


def _after(source: Source, rows: QuerySet[Any], place: str) -> QuerySet[Any]:
    """Those that stand after a place; a place that cannot be read is the beginning."""
    at, _, rest = place.partition("~")
    key, _, pk = rest.partition("~")
    if key not in KEYS or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return rows
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return rows
    if when.tzinfo is None:
        return rows
    here, there = KEYS.index(source.key), KEYS.index(key)
    if here > there:
        return rows.filter(at__lte=when)
    if here < there:
        return rows.filter(at__lt=when)
    return rows.filter(Q(at__lt=when) | Q(at=when, pk__lt=int(pk)))


def _lines(user: User, found: Sequence[tuple[Source, Any]]) -> list[Line]:
    """With the seals, the accounts and the evidence that they speak of. Three queries at most."""
    asked = Q(pk__in=[])
    for source in SOURCES:
        keys = [row.pk for each, row in found if each is source]
        if keys:
            asked |= Q(table=source.table, row__in=keys)
    seals = {
        (table, row): number
        for table, row, number in Seal.objects.filter(asked).values_list("table", "row", "number")
    }
    people = _people(found)
    evidence = _documents(found)
    lines = []
    for source, row in found:
        office, about = source.about(row)
        verb = getattr(row, source.verb)
        line = Line(source, row, office, about, source.verbs.get(verb, verb))
        line.seal = seals.get((source.table, row.pk), 0)
        data = dict(getattr(row, "data", None) or {})
        document = evidence.get(_evidence_key(row))
        if document is not None:
            line.office = line.office or str(document.agency)
            if source.key == "data-dukung":
                line.about = document.name_for(user)
            if not document.opens_for(user):
                data = {"name": HIDDEN} if "name" in data else {}
        if (account := people.get(data.pop("user", None) or 0)) is not None:
            line.about = f"akun {account}"
        line.details = details_of(data | _note(row))
        lines.append(line)
    return lines


def _evidence_key(row: Any) -> int:
    """The evidence that an act was about; 0 where there is none, or several."""
    key = getattr(row, "evidence_id", None) or (getattr(row, "data", None) or {}).get("evidence")
    return key if isinstance(key, int) else 0


def _note(row: Any) -> dict[str, Any]:
    note = getattr(row, "note", "")
    return {"note": note} if note else {}


def _people(found: Iterable[tuple[Source, Any]]) -> dict[int, str]:
    keys = [row.data.get("user") for source, row in found if source.model is Change]
    wanted = [key for key in keys if isinstance(key, int)]
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "username")) if wanted else {}


def _documents(found: Iterable[tuple[Source, Any]]) -> dict[int, Evidence]:
    keys = {_evidence_key(row) for _, row in found} - {0}
    if not keys:
        return {}
    return Evidence.objects.select_related("agency").in_bulk(keys)


# What the rooms write beside an act, in words; what is not here is for machines.
LABELS = {
    "name": "berkas", "note": "catatan", "reason": "alasan", "state": "keadaan", "level": "tingkat",
    "verdict": "hasil", "due_on": "tenggat", "agency": "perangkat daerah", "role": "peran",
    "value": "jawaban", "behalf_of": "mewakili", "question": "pertanyaan", "sheet": "lembar",
    "stage": "tahap", "total": "jumlah", "accepted": "diterima", "returned": "dikembalikan",
    "questions": "pertanyaan", "email": "surel", "is_active": "aktif", "row": "jenis",
    "instrument": "instrumen", "changed": "kolom", "added": "ditambahkan", "invited": "diundang",
    "document_number": "nomor dokumen", "document_date": "tanggal dokumen", "kind": "jenis dokumen",
    "signed": "pengesahan", "valid_until": "berlaku sampai", "number": "versi", "what": "diminta",
    "username": "akun", "region": "wilayah", "year": "tahun", "closes_on": "ditutup",
    "found": "ditemukan",
}  # fmt: skip
WORDS = {
    str(key): label for table in (STATE_LABELS, VERDICT_LABELS) for key, label in table.items()
}


def details_of(data: dict[str, Any]) -> list[str]:
    """What is told beside an act, from what to what, in a few words each."""
    pairs = ((data.get("from"), data.get("to")), (data.get("before"), data.get("after")))
    told = []
    for old, new in pairs:
        if not isinstance(old, dict) and not isinstance(new, dict):
            continue
        before, after = (each if isinstance(each, dict) else {} for each in (old, new))
        told += [
            f"{LABELS.get(key, key)}: {_text(before.get(key))} → {_text(after.get(key))}"
            for key in sorted(set(before) | set(after))
            if before.get(key) != after.get(key)
        ]
    told += [
        f"{LABELS[key]}: {_text(value)}"
        for key, value in data.items()
        if key in LABELS and not isinstance(value, dict) and value not in (None, "", [])
    ]
    return told


def _text(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, dict):
        return ", ".join(f"{LABELS.get(key, key)} {_text(each)}" for key, each in value.items())
    if isinstance(value, list):
        text = ", ".join(map(_text, value))
    else:
        text = WORDS.get(str(value), str(value))
    return text if len(text) <= LONG else f"{text[:LONG]}…"
