"""What the example's partners brought: invented rows with a few documents, some of them counted."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from agencies.models import Agency, Kind, Region, User
from indicators.models import Register
from kla_tracker.demo import files
from kla_tracker.demo.registers import NAMESPACE
from submissions.actions.registers import words_of
from submissions.models import (
    PARTNERSHIP,
    Assessment,
    Event,
    Evidence,
    RegisterRow,
    Response,
    ResponseRow,
    RowChange,
    RowEvidence,
    RowVerb,
    Verb,
)

# Beside those of the city's own list; they are nobody.
INVENTED = (
    ("Lembaga Peduli Anak (contoh)", Kind.LEMBAGA_MASYARAKAT),
    ("Radio Contoh FM", Kind.MEDIA),
    ("Universitas Contoh", Kind.PERGURUAN_TINGGI),
)
KINDS = {
    Kind.DUNIA_USAHA: "Dunia usaha",
    Kind.LEMBAGA_MASYARAKAT: "Lembaga masyarakat",
    Kind.MEDIA: "Media",
    Kind.PERGURUAN_TINGGI: "Perguruan tinggi",
    Kind.KELOMPOK_ANAK: "Forum Anak",
}
# By partner: its part, what it did, the month, the document, the questions that count it.
BROUGHT = {
    "apsai": (
        ("Penyandang dana", "Beasiswa bagi 40 anak putus sekolah", 2,
         "Perjanjian beasiswa anak putus sekolah.pdf", ("3.1e", "18.3")),
        ("Penyedia tempat", "Ruang laktasi di 12 perusahaan anggota", 4,
         "Foto ruang laktasi perusahaan anggota.jpg", ("3.1d", "14.9")),
        ("Pendamping", "Pembinaan perusahaan layak anak", 6,
         "Laporan pembinaan perusahaan layak anak.pdf", ("3.1a",)),
        ("Pendata", "Pendataan pekerja anak pada pemasok", 9, "", ("21C.5",)),
        ("Penyandang dana", "Taman bermain di kawasan industri", 11, "", ()),
    ),
    "forum-anak": (
        ("Pelopor dan pelapor", "Jambore Forum Anak tingkat kota", 7,
         "Foto jambore Forum Anak.jpg", ("3.1b",)),
        ("Penyusun", "Suara anak untuk musrenbang", 3, "Suara anak untuk musrenbang.pdf",
         ("3.1a", "3.1b")),
        ("Pendidik sebaya", "Kelas cegah perkawinan anak di 9 sekolah", 10, "", ()),
    ),
    "lembaga-peduli-anak-contoh": (
        ("Pendamping", "Rumah singgah bagi anak jalanan", 1,
         "Perjanjian kerja sama rumah singgah.pdf", ("3.1f", "10.5")),
        ("Pendamping hukum", "Pendampingan anak berhadapan dengan hukum", 5, "", ("3.1f",)),
        ("Penyuluh", "Kelas pengasuhan positif di 15 kelurahan", 8,
         "Laporan kelas pengasuhan positif.pdf", ("3.1c",)),
    ),
    "radio-contoh-fm": (
        ("Penyiar", "Siaran mingguan Suara Anak", 1, "Jadwal siaran Suara Anak.pdf", ("3.1b",)),
        ("Penyiar", "Iklan layanan imunisasi dan gizi", 6, "", ("3.1d", "13.5")),
    ),
    "universitas-contoh": (
        ("Peneliti", "Kajian pemenuhan hak anak tingkat kota", 9,
         "Kajian pemenuhan hak anak.pdf", ("3.1a",)),
        ("Pembina", "KKN tematik sekolah ramah anak", 8, "", ("3.1e", "19.6")),
    ),
}  # fmt: skip


def fill(region: Region, assessment: Assessment, people: dict[int, User], *, today: date) -> None:
    """Rows, documents and ticks of every partner, with their history."""
    register = assessment.instrument.registers.filter(code=PARTNERSHIP).first()
    if register is None:
        return
    partners = {each.code: each for each in region.agencies.filter(code__in=BROUGHT)}
    counted: list[tuple[RegisterRow, tuple[str, ...]]] = []
    for code, brought in BROUGHT.items():
        for number, (part, deed, month, document, questions) in enumerate(brought):
            at = datetime.combine(
                today - timedelta(days=9 + number), datetime.min.time(), assessment.opened_at.tzinfo
            ).replace(hour=9 + number)
            agency = partners[code]
            when = date(assessment.data_year, month, 5 + 3 * number).isoformat()
            row = _row(register, agency, people[agency.pk], assessment, at,
                       peran=part, kegiatan=f"{deed} (contoh)", waktu=when)  # fmt: skip
            if document:
                _prove(row, document)
            counted.append((row, questions))
    _count(assessment, people, counted)


def _row(
    register: Register, agency: Agency, by: User, assessment: Assessment, at: datetime, **said: str
) -> RegisterRow:
    """One row with its first line of history."""
    data = {"mitra": agency.name, "jenis": KINDS[Kind(agency.kind)], **said}
    row = RegisterRow.objects.create(
        agency=agency,
        code=register.code,
        register=register,
        data=data,
        words=words_of(register, data),
        valid_from=assessment.data_year,
        token=uuid.uuid5(NAMESPACE, f"{agency.region.code}:{agency.code}:{said['kegiatan']}"),
        created_at=at,
        created_by=by,
        changed_at=at,
        changed_by=by,
    )
    told = {"data": data, "valid_from": row.valid_from, "valid_to": None}
    RowChange.objects.create(row=row, verb=RowVerb.ADD, by=by, at=at, data={"to": told})
    return row


def _prove(row: RegisterRow, name: str) -> None:
    """A document of the partner's own."""
    lines = [f"{row.agency.name}: {row.data['kegiatan']}",
             "Berkas ini dibuat oleh aplikasi sebagai contoh dan bukan dokumen resmi."]  # fmt: skip
    evidence = Evidence.objects.create(
        agency=row.agency,
        name=name,
        blob=files.keep(*files.make(name, lines)),
        created_at=row.created_at,
        created_by=row.created_by,
    )
    RowEvidence.objects.create(
        row=row, evidence=evidence, added_at=row.created_at, added_by=row.created_by
    )
    RowChange.objects.create(
        row=row, verb=RowVerb.ATTACH, by=row.created_by, at=row.created_at,
        data={"name": name, "evidence": evidence.pk},
    )  # fmt: skip


def _count(
    assessment: Assessment,
    people: dict[int, User],
    counted: list[tuple[RegisterRow, tuple[str, ...]]],
) -> None:
    """The leads that have answered count what partners brought for their question."""
    answers = (
        Response.objects.filter(assessment=assessment, claim_level__isnull=False, role="lead")
        .filter(question__register__code=PARTNERSHIP)
        .select_related("submission", "question")
        .order_by("question__order")
    )
    # The history is in the order of its time: this happened last.
    at = assessment.events.order_by("-pk").values_list("at", flat=True)[0]
    ticks, events = [], []
    for answer in answers:
        rows = [row for row, questions in counted if answer.question.code in questions]
        if not rows:
            continue
        by = people[answer.submission.agency_id]
        ticks += [ResponseRow(response=answer, row=row, added_at=at, added_by=by) for row in rows]
        events.append(
            Event(
                assessment=assessment, submission=answer.submission, response=answer,
                verb=Verb.TICK, by=by, at=at,
                data={"added": [row.pk for row in rows], "removed": []},
            )
        )  # fmt: skip
    ResponseRow.objects.bulk_create(ticks)
    Event.objects.bulk_create(events)
