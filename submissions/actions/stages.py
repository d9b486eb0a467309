"""What a stage outside gave: its points a question, and every stated sum that differs from its
parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from agencies.models import User
from indicators.models import Cluster, Indicator, Instrument, Question
from indicators.scoring import CENT, ZERO
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, PlaceTotal, Stage, StageResult, Verb

PERMISSION = "submissions.import_stage"
NAME_LENGTH = 60
QUESTION, INDICATOR, CLUSTER, TOTAL = "pertanyaan", "indikator", "klaster", "total"
SUM, MAXIMUM = "jumlah", "nilai maks"


@dataclass(frozen=True, slots=True)
class Node:
    """A question, an indicator, a cluster or the total: its code, its maximum, what it is part
    of.
    """

    pk: int
    code: str
    name: str
    maximum: Decimal
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """An instrument as a recapitulation lists it; each level by code, in order."""

    questions: dict[str, Node]
    indicators: dict[str, Node]
    clusters: dict[str, Node]
    total: Decimal

    def node(self, level: str, code: str) -> Node:
        if level == TOTAL:
            return Node(0, "TOTAL", "Seluruh penilaian", self.total)
        levels = {QUESTION: self.questions, INDICATOR: self.indicators, CLUSTER: self.clusters}
        return levels[level][code]


@dataclass(frozen=True, slots=True)
class Given:
    """One row of a recapitulation; `row` counts as in the spreadsheet."""

    row: int
    level: str
    code: str
    points: Decimal | None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What points add up to: an indicator at most to its own maximum."""

    indicators: dict[str, Decimal]
    clusters: dict[str, Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stated figure that is not what its parts, or the instrument, say."""

    row: int
    level: str
    code: str
    what: str
    stated: Decimal
    parts: Decimal

    @property
    def difference(self) -> Decimal:
        return self.stated - self.parts

    def as_json(self) -> dict[str, str]:
        """As the stage keeps it and the history tells it."""
        return {
            "level": self.level,
            "code": self.code,
            "what": self.what,
            "stated": str(self.stated),
            "parts": str(self.parts),
        }


class MismatchError(RefusedError):
    """Sums that do not fit and were not accepted."""

    def __init__(self, found: Sequence[Mismatch]) -> None:
        super().__init__(
            f"{len(found)} angka tidak cocok dengan rinciannya, jadi belum ada yang disimpan."
        )
        self.found = found


def outline_of(instrument: Instrument) -> Outline:
    """Three queries."""
    clusters = Cluster.objects.filter(instrument=instrument).order_by("order")
    indicators = (
        Indicator.objects.filter(instrument=instrument)
        .select_related("cluster")
        .order_by("cluster__order", "order")
    )
    questions = (
        Question.objects.filter(instrument=instrument)
        .order_by("order")
        .values_list("pk", "code", "text", "max_points", "indicator__code")
    )
    return Outline(
        {row[1]: Node(*row) for row in questions},
        {i.code: Node(i.pk, i.code, i.name, i.max_points, i.cluster.code) for i in indicators},
        {c.code: Node(c.pk, c.code, c.name, c.max_points) for c in clusters},
        instrument.total_max_points,
    )


def sums_of(outline: Outline, points: Mapping[str, Decimal]) -> Sums:
    """Question code to points, added up the way the year's own figures are."""
    parts = dict.fromkeys(outline.indicators, ZERO)
    for code, given in points.items():
        parts[outline.questions[code].parent] += given
    indicators = {code: min(parts[code], each.maximum) for code, each in outline.indicators.items()}
    clusters = dict.fromkeys(outline.clusters, ZERO)
    for code, given in indicators.items():
        clusters[outline.indicators[code].parent] += given
    return Sums(indicators, clusters, sum(clusters.values(), ZERO))


def points_of(given: Iterable[Given]) -> dict[str, Decimal]:
    """Question code to points; an empty cell is no points, not nought."""
    return {
        each.code: each.points
        for each in given
        if each.level == QUESTION and each.points is not None
    }


def mismatches(outline: Outline, given: Sequence[Given]) -> list[Mismatch]:
    """Every stated sum that differs from its parts, and every stated maximum from the
    instrument's, in the order of the rows.
    """
    sums = sums_of(outline, points_of(given))
    found = []
    for each in given:
        node = outline.node(each.level, each.code)
        if each.level != QUESTION and each.points is not None:
            ours = {
                INDICATOR: sums.indicators.get(each.code),
                CLUSTER: sums.clusters.get(each.code),
                TOTAL: sums.total,
            }[each.level]
            if ours is not None and ours != each.points:
                found.append(Mismatch(each.row, each.level, node.code, SUM, each.points, ours))
        if each.maximum is not None and each.maximum != node.maximum:
            found.append(
                Mismatch(each.row, each.level, node.code, MAXIMUM, each.maximum, node.maximum)
            )
    return found


@transaction.atomic
def store_stage(
    assessment: Assessment,
    *,
    name: str,
    held_on: date | None,
    given: Sequence[Given],
    accept: bool,
    by: User | None,
    now: datetime,
    version: int | None = None,
    source: str = "",
) -> Stage:
    """Store what a stage gave, whole or not at all; a stage of that name gets the new points.

    `version` is that of the stage whose place it takes, as it was read (0: there was none); None,
    from the shell, replaces whatever is there. Raises MismatchError while sums do not fit and that
    was not accepted. `by` is None only from the server's shell.
    """
    if by is not None:
        require(by, PERMISSION, assessment)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise RefusedError(f"Tulis nama tahapnya, paling panjang {NAME_LENGTH} huruf.")
    outline = outline_of(assessment.instrument)
    points = points_of(given)
    _refuse_wrong(outline, given)
    if not points:
        raise RefusedError("Tidak ada nilai pertanyaan dalam berkas ini.")
    differ = mismatches(outline, given)
    if differ and not accept:
        raise MismatchError(differ)
    accepted = [each.as_json() for each in differ]
    stage, before = _held(assessment, name, version)
    if stage is not None and _same(stage, before, points, held_on, accepted):
        return stage
    stage = _kept(stage, assessment, name, held_on=held_on, accepted=accepted, by=by, now=now)
    StageResult.objects.filter(stage=stage).delete()
    StageResult.objects.bulk_create(
        StageResult(stage=stage, question_id=outline.questions[code].pk, points=each)
        for code, each in points.items()
    )
    record(
        Verb.STAGE,
        by=by,
        assessment=assessment,
        at=now,
        stage=name,
        held_on=held_on.isoformat() if held_on else None,
        source=source[:120],
        questions=len(points),
        total=str(sums_of(outline, points).total),
        accepted=accepted,
        before={code: str(each) for code, each in before.items()},
        after={code: str(each) for code, each in points.items()},
    )
    return stage


def _refuse_wrong(outline: Outline, given: Sequence[Given]) -> None:
    """What no acceptance heals: an unknown code, a question that stands twice, points out of
    bounds.
    """
    seen: set[str] = set()
    for each in given:
        try:
            node = outline.node(each.level, each.code)
        except KeyError:
            raise RefusedError(f"Baris {each.row}: kode {each.code} tidak dikenal.") from None
        if each.level != QUESTION:
            continue
        if each.code in seen:
            raise RefusedError(f"Baris {each.row}: {each.level} {each.code} ada dua kali.")
        seen.add(each.code)
        if each.points is None:
            continue
        if not 0 <= each.points <= node.maximum or each.points != each.points.quantize(CENT):
            raise RefusedError(f"Baris {each.row}: nilai {each.code} di luar batas.")


def _held(
    assessment: Assessment, name: str, version: int | None
) -> tuple[Stage | None, dict[str, Decimal]]:
    """The stage of that name, held until the end, and its points."""
    stage = Stage.objects.select_for_update().filter(assessment=assessment, name=name).first()
    if version is not None and version != (stage.version if stage else 0):
        raise RefusedError(
            f"Tahap {name} baru saja disimpan orang lain. Periksa lagi berkas Anda terhadap isi "
            "yang sekarang."
        )
    if stage is None:
        return None, {}
    rows = stage.results.values_list("question__code", "points")
    return stage, dict(rows)


def _same(
    stage: Stage,
    before: dict[str, Decimal],
    points: dict[str, Decimal],
    held_on: date | None,
    accepted: list[dict[str, str]],
) -> bool:
    """Whether nothing would change: sent twice it is stored once."""
    return (before, stage.held_on, stage.accepted) == (points, held_on, accepted)


def _kept(
    stage: Stage | None,
    assessment: Assessment,
    name: str,
    *,
    held_on: date | None,
    accepted: list[dict[str, str]],
    by: User | None,
    now: datetime,
) -> Stage:
    """The row itself, made or moved on by one version."""
    changes: dict[str, Any] = {
        "held_on": held_on,
        "accepted": accepted,
        "stored_at": now,
        "stored_by": by,
    }
    busy = RefusedError(f"Tahap {name} baru saja disimpan orang lain. Coba lagi.")
    if stage is None:
        try:
            with transaction.atomic():
                return Stage.objects.create(assessment=assessment, name=name, **changes)
        except IntegrityError:
            raise busy from None
    saved = Stage.objects.filter(pk=stage.pk, version=stage.version).update(
        version=F("version") + 1, **changes
    )
    if not saved:
        raise busy
    return Stage.objects.get(pk=stage.pk)


@transaction.atomic
def describe_stage(
    stage: Stage, *, name: str, held_on: date | None, by: User, now: datetime
) -> None:
    """Another name or day for a stage; its points stay."""
    require(by, PERMISSION, stage.assessment)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise RefusedError(f"Tulis nama tahapnya, paling panjang {NAME_LENGTH} huruf.")
    [held] = Stage.objects.select_for_update().filter(pk=stage.pk)
    if (held.name, held.held_on) == (name, held_on):
        return
    taken = Stage.objects.filter(assessment=held.assessment_id, name=name).exclude(pk=held.pk)
    if taken.exists():
        raise RefusedError(f"Tahap bernama {name} sudah ada pada tahun ini.")
    Stage.objects.filter(pk=held.pk).update(name=name, held_on=held_on, version=F("version") + 1)
    record(
        Verb.STAGE,
        by=by,
        assessment=stage.assessment,
        at=now,
        stage=name,
        held_on=held_on.isoformat() if held_on else None,
        was=held.name,
        was_on=held.held_on.isoformat() if held.held_on else None,
    )


@transaction.atomic
def remove_stage(stage: Stage, *, by: User, now: datetime) -> None:
    """Take a stage out; the history keeps its points. Taken out twice it is out."""
    require(by, PERMISSION, stage.assessment)
    held = Stage.objects.select_for_update().filter(pk=stage.pk).first()
    if held is None:
        return
    rows = dict(held.results.values_list("question__code", "points"))
    record(
        Verb.STAGE,
        by=by,
        assessment=stage.assessment,
        at=now,
        stage=held.name,
        removed=True,
        before={code: str(points) for code, points in rows.items()},
    )
    held.delete()


# --- other places --------------------------------------------------------------------------------

STAGE_NAMES = {
    "stage_EM": "Evaluasi mandiri",
    "stage_EM_provisional": "Evaluasi mandiri (sementara)",
    "stage_VA": "Verifikasi administrasi",
    "stage_VA_approx": "Verifikasi administrasi",
    "stage_before_final_approx": "Sebelum penetapan akhir",
}


@transaction.atomic
def load_places(document: Any) -> int:
    """Load what public sources told of other places; returns how many totals there are now.

    RefusedError names the first entry that cannot be read; then nothing was changed.
    """
    try:
        entries = list(document["scores"])
    except (KeyError, TypeError):
        raise RefusedError("Berkas ini tidak memuat daftar “scores”.") from None
    for number, entry in enumerate(entries, 1):
        for key, stage in STAGE_NAMES.items():
            if isinstance(entry, dict) and key in entry:
                _load_place(number, entry, key, stage)
    return PlaceTotal.objects.count()


def _load_place(number: int, entry: dict[str, Any], key: str, stage: str) -> None:
    try:
        values = {
            "points": Decimal(str(entry[key])).quantize(CENT),
            "is_approximate": key.endswith("_approx"),
            "band": str(entry.get("rank_after_VA", "")) if key.startswith("stage_VA") else "",
            "note": str(entry.get("note", "")),
            "source": str(entry["source"]),
        }
        place = PlaceTotal(
            place=str(entry["place"]), year=int(entry["year"]), stage=stage, **values
        )
        place.full_clean(validate_unique=False, validate_constraints=False)
    except (KeyError, ValueError, ArithmeticError, ValidationError) as error:
        raise RefusedError(f"Entri ke-{number} ({key}) tidak dapat dibaca: {error}.") from None
    PlaceTotal.objects.update_or_create(
        place=place.place, year=place.year, stage=stage, defaults=values
    )
