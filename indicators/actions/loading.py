"""Checked data becomes rows, whole or not at all; a published instrument is never touched again."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from indicators.actions.checking import (
    BandData,
    ClusterData,
    IndicatorData,
    InstrumentData,
    LevelData,
    QuestionData,
    RegisterData,
    RubricData,
    read_instrument,
)
from indicators.actions.mapping import give_back, keep_of_draft
from indicators.actions.nodes import InstrumentError
from indicators.actions.record import Actor, leave, require
from indicators.models import (
    Band,
    Cluster,
    Indicator,
    Instrument,
    InstrumentVerb,
    Question,
    Register,
    Rubric,
    RubricLevel,
)

STORED = {"new": InstrumentVerb.LOAD, "replaced": InstrumentVerb.REPLACE}
HEAD = ("title", "year", "language", "basis", "total_max_points", "bands_note")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: `new`, `replaced` (a draft) or `unchanged`; and whether it published."""

    instrument: Instrument
    outcome: str
    published: bool
    questions: int


def load_instrument(source: str | bytes, *, by: Actor | None, publish: bool = False) -> Loaded:
    """Store the instrument of a file as a draft, and publish it if asked.

    `by` is None only from the server's shell. A draft of the same code is replaced whole; equal
    content changes nothing. Raises InstrumentError with every problem, or PermissionDenied.
    """
    require(by, "indicators.change_instrument")
    data = read_instrument(source)
    with transaction.atomic():
        instrument, outcome = _settle(data)
        if outcome in STORED:
            leave(STORED[outcome], instrument, by=by, title=data.title)
        published = publish and instrument.published_at is None
        if published:
            publish_instrument(instrument, by=by)
    count = sum(len(each.questions) for cluster in data.clusters for each in cluster.indicators)
    return Loaded(instrument, outcome, published, count)


@transaction.atomic
def publish_instrument(instrument: Instrument, *, by: Actor | None) -> Instrument:
    """Make an instrument final: from now on the database refuses every change of it.

    `by` is None only from the server's shell. Raises InstrumentError if it is published or empty.
    """
    require(by, "indicators.publish_instrument")
    if not instrument.questions.exists():
        raise InstrumentError([f"Instrumen {instrument.code} belum punya pertanyaan."])
    drafts = Instrument.objects.filter(pk=instrument.pk, published_at__isnull=True)
    if not drafts.update(published_at=Now()):
        raise InstrumentError([f"Instrumen {instrument.code} sudah diterbitkan."])
    instrument.refresh_from_db(fields=["published_at"])
    leave(InstrumentVerb.PUBLISH, instrument, by=by)
    return instrument


def _settle(data: InstrumentData) -> tuple[Instrument, str]:
    """The stored instrument that equals the data, and how it came to be so."""
    instrument = Instrument.objects.select_for_update().filter(code=data.code).first()
    head = {name: getattr(data, name) for name in HEAD}
    if instrument is None:
        instrument = Instrument.objects.create(code=data.code, **head)
        _store(instrument, data)
        return instrument, "new"
    if stored_data(instrument) == data:
        return instrument, "unchanged"
    if instrument.published_at is not None:
        raise InstrumentError(
            [
                f"Instrumen {data.code} sudah diterbitkan dan isi berkas ini berbeda. "
                "Beri kode baru untuk versi baru."
            ]
        )
    mapped = keep_of_draft(instrument)
    _clear(instrument)
    for name, value in head.items():
        setattr(instrument, name, value)
    instrument.save(update_fields=list(head))
    _store(instrument, data)
    give_back(instrument, mapped)
    return instrument, "replaced"


def _clear(instrument: Instrument) -> None:
    """Empty a draft, leaves first; refused while somebody is assigned to its questions."""
    try:
        instrument.questions.all().delete()
    except ProtectedError:
        raise InstrumentError(
            [
                f"Draf {instrument.code} sudah dipakai: ada pengampuan untuk pertanyaannya. "
                "Hapus dahulu pengampuannya, atau beri kode baru."
            ]
        ) from None
    RubricLevel.objects.filter(rubric__instrument=instrument).delete()
    for rows in (instrument.rubrics, instrument.registers, instrument.bands):
        rows.all().delete()
    instrument.indicators.all().delete()
    instrument.clusters.all().delete()


# --- in: eight inserts for any number of questions ----------------------------------------------


def _store(instrument: Instrument, data: InstrumentData) -> None:
    Band.objects.bulk_create(
        Band(instrument=instrument, order=order, **asdict(band))
        for order, band in enumerate(data.bands)
    )
    registers = Register.objects.bulk_create(
        Register(instrument=instrument, code=each.code, name=each.name, columns=list(each.columns))
        for each in data.registers
    )
    rubrics = _store_rubrics(instrument, data)
    clusters = Cluster.objects.bulk_create(
        Cluster(
            instrument=instrument,
            order=order,
            code=each.code,
            name=each.name,
            max_points=each.max_points,
            coordinator=each.coordinator,
        )
        for order, each in enumerate(data.clusters)
    )
    pairs = [
        (cluster, each)
        for cluster, group in zip(clusters, data.clusters, strict=True)
        for each in group.indicators
    ]
    indicators = Indicator.objects.bulk_create(
        _indicator_row(instrument, cluster, order, each)
        for order, (cluster, each) in enumerate(pairs)
    )
    by_code = {register.code: register for register in registers}
    asked = [
        (indicator, question)
        for indicator, (_, group) in zip(indicators, pairs, strict=True)
        for question in group.questions
    ]
    Question.objects.bulk_create(
        _question_row(
            instrument,
            indicator,
            order,
            each,
            rubric=rubrics[each.rubric],
            register=by_code.get(each.register),
        )
        for order, (indicator, each) in enumerate(asked)
    )


def _store_rubrics(instrument: Instrument, data: InstrumentData) -> dict[str, Rubric]:
    rubrics = Rubric.objects.bulk_create(
        Rubric(
            instrument=instrument,
            **{name: value for name, value in asdict(each).items() if name != "levels"},
        )
        for each in data.rubrics
    )
    RubricLevel.objects.bulk_create(
        RubricLevel(rubric=rubric, order=order, **asdict(level))
        for rubric, each in zip(rubrics, data.rubrics, strict=True)
        for order, level in enumerate(each.levels)
    )
    return {rubric.code: rubric for rubric in rubrics}


def _indicator_row(
    instrument: Instrument, cluster: Cluster, order: int, data: IndicatorData
) -> Indicator:
    return Indicator(
        instrument=instrument,
        cluster=cluster,
        order=order,
        code=data.code,
        official_number=data.official_number,
        name=data.name,
        alt_names=list(data.alt_names),
        max_points=data.max_points,
        lead_agency=data.lead_agency,
        note=data.note,
    )


def _question_row(  # noqa: PLR0913, RUF100  (a row has this many parents)
    instrument: Instrument,
    indicator: Indicator,
    order: int,
    data: QuestionData,
    *,
    rubric: Rubric,
    register: Register | None,
) -> Question:
    return Question(
        instrument=instrument,
        indicator=indicator,
        order=order,
        code=data.code,
        text=data.text,
        answer_type=data.answer_type,
        level=data.level,
        rubric=rubric,
        max_points=data.max_points,
        evidence_required=data.evidence_required,
        evidence_kinds=list(data.evidence_kinds),
        expected_evidence=list(data.expected_evidence),
        lead_agency=data.lead_agency,
        supporting_agencies=list(data.supporting_agencies),
        register=register,
        note=data.note,
    )


# --- out: the same data again, to compare ------------------------------------------------------


def stored_data(instrument: Instrument) -> InstrumentData:
    """What is stored, in the shape of the file: equal when nothing changed. Eight queries."""
    questions: dict[int, list[QuestionData]] = {}
    for question in instrument.questions.select_related("rubric", "register"):
        questions.setdefault(question.indicator_id, []).append(_question_data(question))
    indicators: dict[int, list[IndicatorData]] = {}
    for indicator in instrument.indicators.all():
        asked = tuple(questions.get(indicator.pk, ()))
        indicators.setdefault(indicator.cluster_id, []).append(_indicator_data(indicator, asked))
    return InstrumentData(
        code=instrument.code,
        **{name: getattr(instrument, name) for name in HEAD},
        bands=tuple(
            BandData(band.name, band.minimum, band.inclusive) for band in instrument.bands.all()
        ),
        rubrics=tuple(map(_rubric_data, instrument.rubrics.prefetch_related("levels"))),
        registers=tuple(
            RegisterData(each.code, each.name, tuple(each.columns))
            for each in instrument.registers.all()
        ),
        clusters=tuple(
            ClusterData(
                each.code,
                each.name,
                each.max_points,
                each.coordinator,
                tuple(indicators.get(each.pk, ())),
            )
            for each in instrument.clusters.all()
        ),
    )


def _rubric_data(rubric: Rubric) -> RubricData:
    return RubricData(
        code=rubric.code,
        mode=rubric.mode,
        basis=rubric.basis,
        unit=rubric.unit,
        higher_is_better=rubric.higher_is_better,
        min_inclusive=rubric.min_inclusive,
        years=rubric.years,
        note=rubric.note,
        levels=tuple(
            LevelData(level.label, level.share, level.minimum) for level in rubric.levels.all()
        ),
    )


def _indicator_data(indicator: Indicator, questions: tuple[QuestionData, ...]) -> IndicatorData:
    return IndicatorData(
        code=indicator.code,
        official_number=indicator.official_number,
        name=indicator.name,
        alt_names=tuple(indicator.alt_names),
        max_points=indicator.max_points,
        lead_agency=indicator.lead_agency,
        note=indicator.note,
        questions=questions,
    )


def _question_data(question: Question) -> QuestionData:
    return QuestionData(
        code=question.code,
        text=question.text,
        answer_type=question.answer_type,
        level=question.level,
        rubric=question.rubric.code,
        max_points=question.max_points,
        evidence_required=question.evidence_required,
        evidence_kinds=tuple(question.evidence_kinds),
        expected_evidence=tuple(question.expected_evidence),
        lead_agency=question.lead_agency,
        supporting_agencies=tuple(question.supporting_agencies),
        register=question.register.code if question.register else "",
        note=question.note,
    )
