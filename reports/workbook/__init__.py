"""A year as a workbook: the same figures as the pages, numbers as numbers, text never a formula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

import xlsxwriter

from agencies.models import Agency, User
from indicators.wording import local, ukuran, waktu
from reports.answers import UNANSWERED, areas_in_words, in_words, level_name
from reports.ledger import Entry, Ledger
from reports.plan import PlanQuestion
from reports.progress import STANDING_LABELS, Office, offices_of, standing_of
from reports.scores import Line, Score, score
from reports.stamp import state_in_words
from reports.workbook.sheets import Column, Sheets, fitting, put
from reports.workbook.sources import Proof, Texts, proofs_of, texts_of
from submissions.models import Assessment
from submissions.workflow import STATE_LABELS, VERDICT_LABELS, State, Verdict

__all__ = ["PROGRESS", "progress_rows", "write_workbook"]


def write_workbook(
    assessment: Assessment,
    ledger: Ledger,
    target: IO[bytes],
    *,
    by: User | None,
    now: datetime,
    own: Agency | None = None,
) -> None:
    """Three more queries than the ledger's own, for any number of answers."""
    figures = score(ledger)
    # The ledger is what the reader may see: texts and documents are read for its answers alone.
    seen = [entry.pk for entry in ledger.entries]
    texts = texts_of(assessment, own)
    proofs = proofs_of(assessment, own)
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    title = f"Penilaian KLA {assessment.year}, {assessment.region}"
    book.set_properties({"title": title})
    who = by.get_full_name() if by else "perintah di server"
    sheets = Sheets(book, foot=f"{title}, dibuat {waktu(now)} oleh {who}")
    _summary(sheets, assessment, figures, ledger, by=by, now=now, own=own)
    _assessment(sheets, ledger, figures, texts, proofs)
    _progress(sheets, ledger, today=local(now).date())
    _evidence(sheets, ledger, proofs, seen)
    book.close()


# --- what the sheets say -----------------------------------------------------------------------

SUMMARY = (
    Column("Bagian", 22),
    Column("Nama", 58),
    Column("Diklaim", 12, "points"),
    Column("Terbukti", 12, "points"),
    Column("Berisiko", 12, "points"),
    Column("Masih bisa diraih", 12, "points"),
    Column("Maksimum", 12, "points"),
    Column("Diterima tanpa data dukung", 16, "points"),
    Column("Keterangan", 34),
)


CAPPED = "Dibatasi nilai maksimum indikator"


def _summary(
    sheets: Sheets,
    assessment: Assessment,
    figures: Score,
    ledger: Ledger,
    *,
    by: User | None,
    now: datetime,
    own: Agency | None,
) -> None:
    """Who, when, on which instrument; the total and its band; clusters and indicators."""
    facts = _facts(assessment, figures, by=by, now=now, own=own)
    start = len(facts) + 2
    sheet = sheets.add("Ringkasan", SUMMARY, start=start)
    title = f"Penilaian KLA {assessment.year}, {assessment.region}"
    sheet.write_string(0, 0, fitting(title), sheets.title)
    for row, (label, value) in enumerate(facts, 1):
        sheet.write_string(row, 0, label, sheets.strong["text"])
        kind = "points" if isinstance(value, Decimal) else "text"
        style = sheets.book.add_format({"align": "left", "num_format": "#,##0.00"})
        put(sheet, row, 1, value, style if kind == "points" else sheets.formats["text"])
    rows = [_figures(figures.total)]
    capped = {each.code for each in ledger.plan.indicators if each.is_capped}
    for cluster, line in zip(_clusters(ledger, figures), figures.clusters, strict=True):
        rows.append(_figures(line, name=f"Klaster {line.code}"))
        rows.extend(
            _figures(figures.indicators[code], note=CAPPED if code in capped else "")
            for code in cluster
        )
    sheets.fill(sheet, SUMMARY, rows, start=start)


def _clusters(ledger: Ledger, figures: Score) -> list[list[str]]:
    """The codes of the indicators under each cluster line of the score."""
    under: dict[str, list[str]] = defaultdict(list)
    for indicator in ledger.plan.indicators:
        if indicator.code in figures.indicators:
            under[indicator.cluster].append(indicator.code)
    return [under[line.code] for line in figures.clusters]


def _figures(line: Line, *, name: str = "", note: str = "") -> Sequence[object]:
    said = [note, "perkiraan" if line.is_estimate else ""]
    return (
        name or line.code,
        line.label,
        line.claimed,
        line.proven,
        line.at_risk,
        line.open + line.proven,
        line.maximum,
        line.unproven,
        ", ".join(part for part in said if part),
    )


def _facts(
    assessment: Assessment, figures: Score, *, by: User | None, now: datetime, own: Agency | None
) -> list[tuple[str, object]]:
    """The lines above the table."""
    instrument, band, ahead = assessment.instrument, figures.band, figures.next
    facts: list[tuple[str, object]] = [
        ("Instrumen", f"{instrument.title} ({instrument.code})"),
        ("Tahun data", str(assessment.data_year)),
        ("Keadaan data", state_in_words(assessment)),
        ("Dibuat", waktu(now)),
        ("Oleh", by.get_full_name() if by else "perintah di server"),
    ]
    if assessment.is_example:
        facts.append(("Data contoh", "Angka dan dokumen di sini dibuat-buat untuk belajar."))
    if own is not None:
        facts.append(("Bagian", own.name))
    facts.append(("Terbukti", figures.total.proven))
    if own is None:
        facts.append(("Kategori", band.name if band else "belum ada"))
        if ahead:
            facts.append((f"Menuju {ahead[0].name}", ahead[1]))
    facts.append(("Berisiko", figures.total.at_risk))
    if figures.total.unproven:
        facts.append(("Tanpa data dukung", figures.total.unproven))
    if figures.estimate_share is not None:
        share = (figures.estimate_share * 100).quantize(Decimal("0.01"))
        facts.append(("Perkiraan", f"{share} % nilai memakai bobot perkiraan".replace(".", ",")))
    return facts


ASSESSMENT = (
    Column("Kode", 9),
    Column("Klaster", 9),
    Column("Indikator", 10),
    Column("Pertanyaan", 60),
    Column("Penanggung jawab", 28),
    Column("Jawaban", 34),
    Column("Tingkat diklaim", 22),
    Column("Poin diklaim", 11, "points"),
    Column("Tingkat terbukti", 22),
    Column("Poin terbukti", 11, "points"),
    Column("Poin maksimum", 11, "points"),
    Column("Hasil verifikasi", 18),
    Column("Catatan verifikasi", 40),
    Column("Data dukung", 44),
    Column("Keterangan", 28),
)


def _assessment(
    sheets: Sheets,
    ledger: Ledger,
    figures: Score,
    texts: dict[int, Texts],
    proofs: dict[int, list[Proof]],
) -> None:
    """Every question once, in the instrument's order."""
    helping: dict[int, list[Entry]] = defaultdict(list)
    for entry in ledger.entries:
        helping[entry.question].append(entry)
    sheet = sheets.add("Penilaian", ASSESSMENT)
    sheets.fill(
        sheet,
        ASSESSMENT,
        (
            _question_row(ledger, question, figures.questions[pk], texts, proofs, helping[pk])
            for pk, question in ledger.plan.questions.items()
            if pk in figures.questions
        ),
    )


def _question_row(
    ledger: Ledger,
    question: PlanQuestion,
    line: Line,
    texts: dict[int, Texts],
    proofs: dict[int, list[Proof]],
    entries: Sequence[Entry],
) -> Sequence[object]:
    official = [entry for entry in entries if entry.is_official]
    said = [texts[entry.pk] for entry in official]
    answer, claimed, verified = _answer(question, official, said)
    names = dict.fromkeys(proof.name for entry in entries for proof in proofs.get(entry.pk, ()))
    notes = dict.fromkeys(each.review_note for each in said if each.review_note)
    return (
        question.code,
        question.cluster,
        question.indicator,
        question.text,
        _leads(ledger, question, official),
        answer,
        claimed,
        line.claimed,
        verified,
        line.proven,
        line.maximum,
        _verdict(official),
        "\n".join(notes),
        "\n".join(names),
        _remark(ledger, question, line, official, said),
    )


def _leads(ledger: Ledger, question: PlanQuestion, official: Sequence[Entry]) -> str:
    """The agency that answers, or how many areas do."""
    if not official:
        return "belum ada pengampu"
    if len(official) == 1:
        return ledger.works[official[0].submission].agency_name
    return f"{len(official)} {question.level}"


def _answer(
    question: PlanQuestion, official: Sequence[Entry], said: Sequence[Texts]
) -> tuple[str, str, str]:
    """The answer, the level claimed and the level verified, in words."""
    scale = question.scale
    if not official:
        return UNANSWERED, "", ""
    if len(official) == 1:
        one = said[0]
        return (
            in_words(scale, one.value),
            level_name(scale, one.claim_level),
            level_name(scale, one.verified_level),
        )
    count = len(official)
    claims = sum(entry.claim_share is not None for entry in official)
    proofs = sum(entry.verdict == Verdict.ACCEPTED for entry in official)
    return (
        areas_in_words(scale, [each.value for each in said], question.level),
        f"{claims} dari {count} {question.level}" if claims else "",
        f"{proofs} dari {count} {question.level}" if proofs else "",
    )


def _verdict(official: Sequence[Entry]) -> str:
    """The verdict; for areas, how many have which."""
    if len(official) == 1:
        return VERDICT_LABELS[Verdict(official[0].verdict)]
    counts = {
        label: sum(entry.verdict == verdict for entry in official)
        for verdict, label in VERDICT_LABELS.items()
    }
    return ", ".join(f"{label} {count}" for label, count in counts.items() if count)


def _remark(
    ledger: Ledger,
    question: PlanQuestion,
    line: Line,
    official: Sequence[Entry],
    said: Sequence[Texts],
) -> str:
    """What a reader must know before trusting the figures of the row."""
    remarks = []
    if line.unproven:
        reasons = dict.fromkeys(each.unproven_reason for each in said if each.unproven_reason)
        remarks.append(f"diterima tanpa data dukung: {'; '.join(reasons)}")
    elif len(official) == 1:
        state = ledger.works[official[0].submission].state
        remarks.append(STANDING_LABELS[standing_of(official[0], question, state)].lower())
    if line.is_estimate:
        remarks.append("perkiraan")
    return ", ".join(remarks)


PROGRESS = (
    Column("Perangkat daerah", 40),
    Column("Terjawab", 10, "count"),
    Column("Ditanyakan", 11, "count"),
    Column("Terisi", 10, "share"),
    *(Column(label, 13, "count") for label in STATE_LABELS.values()),
    Column("Tanpa data dukung", 12, "count"),
    Column("Jawaban dikembalikan", 14, "count"),
    Column("Poin terbukti", 12, "points"),
    Column("Poin berisiko", 12, "points"),
    Column("Poin maksimum", 12, "points"),
    Column("Tenggat terdekat", 18, "day"),
    Column("Lewat (hari)", 10, "count"),
)


def _progress(sheets: Sheets, ledger: Ledger, *, today: date) -> None:
    sheet = sheets.add("Progres", PROGRESS)
    sheets.fill(sheet, PROGRESS, progress_rows(offices_of(ledger, today)))


def progress_rows(offices: Iterable[Office]) -> Iterator[Sequence[object]]:
    """How far each office is, in the columns of PROGRESS."""
    for office in offices:
        yield (
            office.name,
            office.answered,
            office.asked,
            Decimal(office.answered) / office.asked if office.asked else None,
            *(office.states[state] for state in State),
            office.bare,
            office.returned,
            office.proven,
            office.at_risk,
            office.maximum,
            office.due_on,
            office.late or None,
        )


EVIDENCE = (
    Column("Pertanyaan", 11),
    Column("Perangkat daerah", 36),
    Column("Nama data dukung", 54),
    Column("Jenis", 16),
    Column("Ukuran", 10),
    Column("Tautan", 40),
    Column("Dilampirkan", 22, "moment"),
)


def _evidence(
    sheets: Sheets, ledger: Ledger, proofs: dict[int, list[Proof]], seen: Sequence[int]
) -> None:
    codes = {entry.pk: ledger.plan.questions[entry.question].code for entry in ledger.entries}
    sheet = sheets.add("Data dukung", EVIDENCE)
    sheets.fill(
        sheet,
        EVIDENCE,
        (
            (
                codes[pk],
                proof.agency,
                proof.name,
                proof.kind,
                "" if proof.size is None else ukuran(proof.size),
                proof.url,
                proof.added_at,
            )
            for pk in seen
            for proof in proofs.get(pk, ())
        ),
    )
