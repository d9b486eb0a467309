"""What is asked: one instrument, its questions in order, and how they score. Rows, never code."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db import models

from indicators.scoring import Level, Mode, Scale


class AreaLevel(models.TextChoices):
    """Who answers a question: the city once, or each kecamatan or kelurahan for itself."""

    KOTA = "kota", "Kota"
    KECAMATAN = "kecamatan", "Kecamatan"
    KELURAHAN = "kelurahan", "Kelurahan"


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    def published(self) -> InstrumentQuerySet:
        """Instruments that a year can be opened on, newest first."""
        return self.filter(published_at__isnull=False).order_by("-year", "-published_at")

    def visible_to(self, user: Any) -> InstrumentQuerySet:
        """The published ones; drafts too for who may change them."""
        if not user.has_perm("indicators.view_instrument"):
            return self.none()
        drafts_too = user.has_perm("indicators.change_instrument")
        return self if drafts_too else self.filter(published_at__isnull=False)


class Instrument(models.Model):
    """One version of the questions. Once published it never changes; a change is a new version."""

    code = models.SlugField("kode", max_length=64, unique=True)
    title = models.CharField("judul", max_length=200)
    year = models.PositiveSmallIntegerField("tahun")
    language = models.CharField("bahasa", max_length=8, default="id")
    basis = models.TextField("dasar", blank=True)
    total_max_points = models.DecimalField("nilai maksimum", max_digits=7, decimal_places=2)
    bands_note = models.TextField("catatan kategori", blank=True)
    loaded_at = models.DateTimeField("dimuat", auto_now_add=True)
    published_at = models.DateTimeField("diterbitkan", null=True, blank=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = "instrumen"
        verbose_name_plural = "instrumen"
        ordering = ["-year", "-pk"]
        permissions = [("publish_instrument", "Dapat menerbitkan instrumen")]

    def __str__(self) -> str:
        return self.title


class Rubric(models.Model):
    """How an answer becomes a share of the points."""

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="rubrics", verbose_name="instrumen"
    )
    code = models.SlugField("kode", max_length=64)
    mode = models.CharField("cara", max_length=16, choices=[(m.value, m.value) for m in Mode])
    basis = models.CharField("dasar nilai", max_length=16)
    unit = models.CharField("satuan", max_length=16, blank=True)
    higher_is_better = models.BooleanField("makin tinggi makin baik", default=True)
    min_inclusive = models.BooleanField("batas termasuk", default=True)
    years = models.PositiveSmallIntegerField("jumlah tahun", default=1)
    note = models.TextField("catatan", blank=True)

    class Meta:
        verbose_name = "rubrik"
        verbose_name_plural = "rubrik"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="one_rubric_code"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_estimate(self) -> bool:
        """Whether its shares are a guess of ours: every score that rests on it says "perkiraan"."""
        return self.basis == "estimasi"

    @cached_property
    def scale(self) -> Scale:
        """The rubric as plain values for `scoring`. Reads `levels`: prefetch them, or join
        `instrument`, since those of a published one are kept in the process.
        """
        prefetched = "levels" in getattr(self, "_prefetched_objects_cache", {})
        published_at = None if prefetched else self.instrument.published_at
        return Scale(
            mode=Mode(self.mode),
            levels=(
                tuple(Level(each.label, each.share, each.minimum) for each in self.levels.all())
                if published_at is None
                else _kept_levels(self.pk, self.instrument.code, published_at)
            ),
            higher_is_better=self.higher_is_better,
            min_inclusive=self.min_inclusive,
        )


@lru_cache(maxsize=256)
def _kept_levels(rubric: int, _code: str, _published_at: datetime) -> tuple[Level, ...]:
    """Levels that never change again (the database refuses), read once; the rest of the key is for
    a restored database, which may use a number again.
    """
    rows = RubricLevel.objects.filter(rubric=rubric).order_by("order")
    return tuple(Level(*row) for row in rows.values_list("label", "share", "minimum"))


class RubricLevel(models.Model):
    """One step of a rubric, best first."""

    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="levels")
    order = models.PositiveSmallIntegerField("urutan")
    label = models.CharField("tingkat", max_length=200)
    share = models.DecimalField("bagian nilai", max_digits=5, decimal_places=4)
    minimum = models.DecimalField(
        "batas (persen)", max_digits=7, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "tingkat"
        verbose_name_plural = "tingkat"
        ordering = ["rubric", "order"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "order"], name="one_level_place"),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, share__lte=1), name="level_share_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Band(models.Model):
    """A category of the total: Pratama to KLA."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="bands")
    order = models.PositiveSmallIntegerField("urutan")
    name = models.CharField("kategori", max_length=40)
    minimum = models.DecimalField("batas bawah", max_digits=7, decimal_places=2)
    inclusive = models.BooleanField("batas termasuk", default=False)

    class Meta:
        verbose_name = "kategori"
        verbose_name_plural = "kategori"
        ordering = ["instrument", "order"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "name"], name="one_band_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Register(models.Model):
    """A table that an office fills once and many questions draw on; `columns` as in the
    instrument's file.
    """

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="registers", verbose_name="instrumen"
    )
    code = models.SlugField("kode", max_length=64)
    name = models.CharField("nama", max_length=200)
    columns: models.JSONField[Any, Any] = models.JSONField("kolom", default=list)

    class Meta:
        verbose_name = "daftar induk"
        verbose_name_plural = "daftar induk"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="one_register_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Cluster(models.Model):
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="clusters", verbose_name="instrumen"
    )
    order = models.PositiveSmallIntegerField("urutan")
    code = models.CharField("kode", max_length=16)
    name = models.CharField("nama", max_length=200)
    max_points = models.DecimalField("nilai maksimum", max_digits=7, decimal_places=2)
    coordinator = models.CharField("koordinator", max_length=200, blank=True)

    class Meta:
        verbose_name = "klaster"
        verbose_name_plural = "klaster"
        ordering = ["instrument", "order"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="one_cluster_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Indicator(models.Model):
    """A scored row of the instrument; `code` names it, `official_number` is the ministry's and may
    be shared.
    """

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="indicators", verbose_name="instrumen"
    )
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="indicators", verbose_name="klaster"
    )
    order = models.PositiveSmallIntegerField("urutan")
    code = models.CharField("kode", max_length=16)
    official_number = models.PositiveSmallIntegerField("nomor resmi", null=True, blank=True)
    name = models.CharField("nama", max_length=200)
    alt_names: models.JSONField[Any, Any] = models.JSONField("nama lain", default=list, blank=True)
    max_points = models.DecimalField("nilai maksimum", max_digits=7, decimal_places=2)
    lead_agency = models.CharField("penanggung jawab", max_length=200, blank=True)
    note = models.TextField("catatan", blank=True)

    class Meta:
        verbose_name = "indikator"
        verbose_name_plural = "indikator"
        ordering = ["instrument", "order"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="one_indicator_code"),
        ]

    def __str__(self) -> str:
        return f"Indikator {self.code}: {self.name}"


class QuestionQuerySet(models.QuerySet["Question"]):
    def with_scale(self) -> QuestionQuerySet:
        """Questions with rubric, levels and register loaded: three queries for any number."""
        return self.select_related("rubric", "register").prefetch_related("rubric__levels")


class Question(models.Model):
    """One thing that the ministry asks; `order` runs through the whole instrument."""

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="questions", verbose_name="instrumen"
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="questions", verbose_name="indikator"
    )
    order = models.PositiveSmallIntegerField("urutan")
    code = models.CharField("kode", max_length=16)
    text = models.TextField("pertanyaan")
    answer_type = models.CharField("jenis jawaban", max_length=40)
    level = models.CharField(
        "tingkat wilayah", max_length=16, choices=AreaLevel.choices, default=AreaLevel.KOTA
    )
    rubric = models.ForeignKey(
        Rubric, models.PROTECT, related_name="questions", verbose_name="rubrik"
    )
    max_points = models.DecimalField("nilai maksimum", max_digits=6, decimal_places=2)
    evidence_required = models.BooleanField("wajib data dukung", default=False)
    evidence_kinds: models.JSONField[Any, Any] = models.JSONField(
        "jenis data dukung", default=list, blank=True
    )
    expected_evidence: models.JSONField[Any, Any] = models.JSONField(
        "data dukung yang diminta", default=list, blank=True
    )
    lead_agency = models.CharField("penanggung jawab", max_length=200, blank=True)
    supporting_agencies: models.JSONField[Any, Any] = models.JSONField(
        "pendukung", default=list, blank=True
    )
    register = models.ForeignKey(
        Register,
        models.PROTECT,
        related_name="questions",
        null=True,
        blank=True,
        verbose_name="daftar induk",
    )
    note = models.TextField("catatan", blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "pertanyaan"
        verbose_name_plural = "pertanyaan"
        ordering = ["instrument", "order"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="one_question_code"),
            models.CheckConstraint(
                condition=models.Q(max_points__gte=Decimal(0)), name="question_points_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def is_area(self) -> bool:
        """Whether every kecamatan or kelurahan answers it for itself."""
        return self.level != AreaLevel.KOTA


class Predecessor(models.Model):
    """Which question of an older version asked what this one asks, as a person said.

    `before` is empty where the person said that none did; a question without a row is undecided.
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="predecessors")
    older = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    before = models.ForeignKey(
        Question, models.CASCADE, related_name="successors", null=True, blank=True
    )

    class Meta:
        verbose_name = "padanan"
        verbose_name_plural = "padanan"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "older"], name="one_predecessor"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} ← {self.before_id or 'baru'}"


class InstrumentVerb(models.TextChoices):
    """What may happen to an instrument."""

    LOAD = "load", "memuat draf"
    REPLACE = "replace", "mengganti draf"
    PUBLISH = "publish", "menerbitkan"
    MAP = "map", "memetakan pertanyaan"
    EXPORT = "export", "mengunduh"


class InstrumentChange(models.Model):
    """What somebody did to an instrument or to its mapping. Append-only, by triggers."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="changes")
    verb = models.CharField("perbuatan", max_length=16, choices=InstrumentVerb.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    at = models.DateTimeField("waktu", auto_now_add=True)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict, blank=True)

    class Meta:
        verbose_name = "riwayat instrumen"
        verbose_name_plural = "riwayat instrumen"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_verb_display()
