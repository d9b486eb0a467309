"""What was answered: a year, the work of each agency in it, answers with their evidence, and
verdicts.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies.models import Agency, AssignmentRole, Kind, Region, User
from agencies.roles import OWN_AGENCY_ONLY, Role
from indicators.models import Indicator, Instrument, Question
from submissions.models.kept import Addition, Blob, once
from submissions.workflow import EDITABLE, STATE_LABELS, VERDICT_LABELS, State, Verdict


def below(user: User, agency: str) -> Q:
    """The kelurahan of the user's own kecamatan; `agency` is the path to the agency's columns.
    Nothing for everybody else. No query: the user's agency is loaded.
    """
    own = user.agency if user.is_active and user.role in OWN_AGENCY_ONLY else None
    if own is None or own.kind != Kind.KECAMATAN:
        return Q(pk__in=[])
    return Q(**{f"{agency}__parent": own.pk, f"{agency}__kind": Kind.KELURAHAN.value})


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> AssessmentQuerySet:
        """The years of the user's region; every year for an administrator without one."""
        if not user.is_active:
            return self.none()
        return self if user.region_id is None else self.filter(region=user.region_id)


class Assessment(models.Model):
    """One region, one year of assessment, on one instrument; the data are usually of the year
    before.
    """

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="assessments", verbose_name="kabupaten/kota"
    )
    year = models.PositiveSmallIntegerField("tahun penilaian")
    data_year = models.PositiveSmallIntegerField("tahun data")
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="assessments", verbose_name="instrumen"
    )
    closes_on = models.DateField("tenggat isian", help_text="Sampai pukul 24.00 WIB hari itu.")
    is_example = models.BooleanField("data contoh", default=False)
    opened_at = models.DateTimeField("dibuka", default=timezone.now, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="dibuka oleh",
    )
    closed_at = models.DateTimeField("ditutup", null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "penilaian"
        verbose_name_plural = "penilaian"
        ordering = ["region", "-year"]
        permissions = [
            ("open_year", "Dapat membuka tahun penilaian"),
            ("close_year", "Dapat menutup tahun penilaian"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year"],
                name="one_assessment_a_year",
                violation_error_message="Penilaian tahun itu sudah dibuka.",
            ),
        ]

    def __str__(self) -> str:
        return f"Penilaian {self.year} {self.region}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def in_use(self) -> SubmissionQuerySet:
        """Without those whose last question went to another agency: kept for their history only."""
        return self.filter(emptied_at__isnull=True)

    def visible_to(self, user: User) -> SubmissionQuerySet:
        """an operator sees the own agency's work, the others that of their region."""
        if not user.is_active:
            return self.none()
        found = self.in_use()
        if user.role in OWN_AGENCY_ONLY:
            return found.filter(agency=user.agency_id)
        return found if user.region_id is None else found.filter(assessment__region=user.region_id)

    def reached_by(self, user: User) -> SubmissionQuerySet:
        """What the user sees, and for a kecamatan the area answers of its kelurahan: the door of
        one isian and of the pages of areas. No list, figure or export goes through it.
        """
        if user.role not in OWN_AGENCY_ONLY or not user.is_active:
            return self.visible_to(user)
        answers = Response.objects.filter(submission=OuterRef("pk"))
        area = Q(role=AssignmentRole.AREA)
        only_areas = Q(Exists(answers.filter(area))) & ~Q(Exists(answers.filter(~area)))
        theirs = below(user, "agency") & only_areas
        return self.in_use().filter(Q(agency=user.agency_id) | theirs)

    def for_work(self) -> SubmissionQuerySet:
        """What a permission check and a heading need: assessment, region, indicator, agency."""
        return self.select_related(
            "assessment__region", "assessment__instrument", "indicator__cluster", "agency"
        )


class Submission(models.Model):
    """One agency's work on one indicator. The state moves only by `actions`, along
    `workflow.TRANSITIONS`.
    """

    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="submissions", verbose_name="penilaian"
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="submissions", verbose_name="indikator"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="submissions", verbose_name="perangkat daerah"
    )
    state = models.CharField(
        "status",
        max_length=16,
        choices=[(s.value, label) for s, label in STATE_LABELS.items()],
        default=State.EMPTY.value,
    )
    due_on = models.DateField("tenggat", help_text="Sampai pukul 24.00 WIB hari itu.")
    changed_at = models.DateTimeField("berubah", auto_now=True)
    submitted_at = models.DateTimeField("diajukan", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="diajukan oleh",
    )
    submit_reason = models.TextField("alasan mengajukan yang belum lengkap", blank=True)
    decided_at = models.DateTimeField("selesai diperiksa", null=True, blank=True)
    emptied_at = models.DateTimeField("dikosongkan", null=True, blank=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "isian"
        verbose_name_plural = "isian"
        ordering = ["assessment", "indicator__order", "agency__name"]
        permissions = [
            ("answer_submission", "Dapat mengisi jawaban"),
            ("submit_submission", "Dapat mengajukan isian"),
            ("verify_submission", "Dapat memverifikasi isian"),
            ("extend_submission", "Dapat memperpanjang tenggat"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator", "agency"], name="one_submission"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]), name="submission_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["assessment", "state", "submitted_at"]),
            models.Index(fields=["agency", "assessment"]),
        ]

    def __str__(self) -> str:
        return f"Indikator {self.indicator.code}, {self.agency}"

    # A kecamatan may answer for its kelurahan; its door reaches only what areas answer.
    parent_may_answer = True

    @property
    def is_editable(self) -> bool:
        """Whether the agency may still type: while it is not with the verifikator, and not
        accepted.
        """
        return self.state in EDITABLE


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: User) -> ResponseQuerySet:
        """The answers of submissions that the user sees."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(submission__agency=user.agency_id)
        return self if user.region_id is None else self.filter(assessment__region=user.region_id)

    def reached_by(self, user: User) -> ResponseQuerySet:
        """What the user sees, and for a kecamatan the area answers of its kelurahan: the door of
        one answer and of the pages of areas. No list, figure or export goes through it.
        """
        if user.role not in OWN_AGENCY_ONLY or not user.is_active:
            return self.visible_to(user)
        theirs = below(user, "submission__agency") & Q(role=AssignmentRole.AREA)
        return self.filter(Q(submission__agency=user.agency_id) | theirs)

    def areas(self) -> ResponseQuerySet:
        """The answers that areas give for themselves."""
        return self.filter(role=AssignmentRole.AREA, submission__emptied_at__isnull=True)

    def with_evidence_flag(self) -> ResponseQuerySet:
        """Adds `has_evidence`: whether anything is attached now."""
        live = EvidenceLink.objects.filter(response=OuterRef("pk"), removed_at__isnull=True)
        return self.annotate(has_evidence=Exists(live))

    def proved(self) -> set[int]:
        """The keys of those with anything attached now. One query, for many answers.

        The flag above is for few: for a page of them PostgreSQL would read every region's
        attachments.
        """
        attached = EvidenceLink.objects.filter(
            removed_at__isnull=True, response__in=self.order_by()
        )
        return set(attached.order_by().values_list("response_id", flat=True))

    def official(self) -> ResponseQuerySet:
        """Answers that score: the lead's, and each area's. A support's has no points."""
        return self.exclude(role=AssignmentRole.SUPPORT)


class Response(models.Model):
    """One agency's answer to one question. `version` counts saves; shares are derived from `value`
    by `scoring`.
    """

    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="responses", verbose_name="isian"
    )
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="responses", verbose_name="penilaian"
    )
    question = models.ForeignKey(
        Question, models.PROTECT, related_name="responses", verbose_name="pertanyaan"
    )
    role = models.CharField("tugas", max_length=8, choices=AssignmentRole.choices)
    value: models.JSONField[Any, Any] = models.JSONField("jawaban", null=True, blank=True)
    note = models.TextField("catatan", blank=True)
    claim_level = models.PositiveSmallIntegerField("tingkat diklaim", null=True, blank=True)
    claim_share = models.DecimalField(
        "bagian diklaim", max_digits=5, decimal_places=4, null=True, blank=True
    )
    version = models.PositiveIntegerField("versi", default=0)
    answered_at = models.DateTimeField("dijawab", null=True, blank=True)
    changed_at = models.DateTimeField("berubah", null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="diubah oleh",
    )
    verdict = models.CharField(
        "hasil verifikasi",
        max_length=16,
        choices=[(v.value, label) for v, label in VERDICT_LABELS.items()],
        default="",
        blank=True,
    )
    verified_level = models.PositiveSmallIntegerField("tingkat terbukti", null=True, blank=True)
    verified_share = models.DecimalField(
        "bagian terbukti", max_digits=5, decimal_places=4, null=True, blank=True
    )
    unproven_reason = models.TextField("alasan diterima tanpa data dukung", blank=True)
    last_review = models.ForeignKey(
        "Review",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="verifikasi terakhir",
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = "jawaban"
        verbose_name_plural = "jawaban"
        ordering = ["submission", "question__order"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "question"], name="one_response"),
            models.UniqueConstraint(
                fields=["assessment", "question"],
                condition=Q(role=AssignmentRole.LEAD.value),
                name="one_official_response",
            ),
            models.CheckConstraint(
                condition=Q(claim_share__isnull=True) | Q(claim_share__gte=0, claim_share__lte=1),
                name="claim_share_0_to_1",
            ),
            models.CheckConstraint(
                condition=Q(verified_share__isnull=True)
                | Q(verified_share__gte=0, verified_share__lte=1, verdict=Verdict.ACCEPTED.value),
                name="proven_only_if_accepted",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "question"])]

    def __str__(self) -> str:
        return f"{self.question.code}, {self.submission.agency}"

    @property
    def agency(self) -> Agency:
        """Whose answer it is; permission checks read it. Needs `submission__agency`."""
        return self.submission.agency

    @property
    def parent_may_answer(self) -> bool:
        """Whether a kecamatan may give it for its kelurahan: only what areas answer."""
        return self.role == AssignmentRole.AREA

    @property
    def is_editable(self) -> bool:
        """Whether the agency may change it: an accepted answer holds still even in a returned
        submission.
        """
        return self.submission.is_editable and self.verdict != Verdict.ACCEPTED


class DocumentKind(models.TextChoices):
    """What a document is, in words of our own."""

    REGULATION = "peraturan", "Peraturan"
    DECREE = "sk", "Surat keputusan (SK)"
    LETTER = "surat", "Surat atau edaran"
    PLAN = "rencana", "Rencana atau anggaran"
    AGREEMENT = "kerjasama", "Kerja sama"
    REPORT = "laporan", "Laporan"
    MINUTES = "notulen", "Notulen"
    ATTENDANCE = "hadir", "Daftar hadir"
    PHOTO = "foto", "Foto kegiatan"
    MATERIAL = "materi", "Materi atau media KIE"
    DATA = "data", "Data atau rekap"
    CERTIFICATE = "piagam", "Sertifikat atau piagam"
    OTHER = "lain", "Lainnya"


class Signed(models.TextChoices):
    """How far a document is signed; empty while nobody said."""

    STAMPED = "cap", "Bertanda tangan dan berstempel"
    SIGNED = "ttd", "Bertanda tangan, tanpa stempel"
    NOT_YET = "belum", "Belum ditandatangani"


class Scan(models.TextChoices):
    """What a scanner for malware said of a file; empty where none is set, or was not yet."""

    WAITING = "memeriksa", "sedang diperiksa dari virus"
    CLEAN = "bersih", "bersih"
    INFECTED = "terinfeksi", "mengandung virus"


def newer_version(evidence: str = "") -> Subquery:
    """The latest version after an evidence, if there is one: for `annotate`. `evidence` is the way
    to it, as `evidence__`.
    """
    root = Coalesce(OuterRef(f"{evidence}first"), OuterRef(f"{evidence}pk"))
    later = Evidence.objects.filter(first=root, number__gt=OuterRef(f"{evidence}number"))
    return Subquery(later.order_by("-number").values("pk")[:1])


HIDDEN = "Data dukung terbatas"  # in the place of a name that may itself tell too much
DESTROYED = "Data dukung dimusnahkan"  # ... and of one that had to go with its document


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def newest(self) -> EvidenceQuerySet:
        """Without the versions that another one has replaced."""
        return self.annotate(newer=newer_version()).filter(newer__isnull=True)

    def whole(self) -> EvidenceQuerySet:
        """Without what was destroyed for a person's right."""
        return self.filter(destroyed_at__isnull=True)

    def for_destroying(self, user: User) -> EvidenceQuerySet:
        """What an administrator may destroy, also what is "terbatas": known by its number, not by
        its name. Others see what they see.
        """
        if user.role != Role.ADMINISTRATOR or not user.is_active:
            return self.visible_to(user)
        return self if user.region_id is None else self.filter(agency__region=user.region_id)

    def versions_of(self, evidence: Evidence) -> EvidenceQuerySet:
        """An evidence with its earlier and later versions."""
        return self.filter(Q(pk=evidence.root) | Q(first=evidence.root))

    def visible_to(self, user: User) -> EvidenceQuerySet:
        """The only way in. What is "terbatas" only its giver's office and the verifikator see.

        An operator sees what the own agency gave, and what is attached now to an answer of the own
        agency, to a row that counts for it (a partner's), or to a question that it leads in the
        same year. Verifikator and pimpinan see what the agencies of their region gave.
        """
        if not user.is_active:
            return self.none()
        if user.role not in OWN_AGENCY_ONLY:
            seen = self if user.role == Role.VERIFIKATOR else self.filter(restricted=False)
            return seen if user.region_id is None else seen.filter(agency__region=user.region_id)
        return self._of_operator(user, Q(response__submission__agency=user.agency_id))

    def reached_by(self, user: User) -> EvidenceQuerySet:
        """What the user sees, and for a kecamatan what is attached now to the area answers of its
        kelurahan: the door of one evidence and of one answer's, not of the library.
        """
        if user.role not in OWN_AGENCY_ONLY or not user.is_active:
            return self.visible_to(user)
        theirs = Q(response__in=Response.objects.areas().filter(below(user, "submission__agency")))
        return self._of_operator(user, Q(response__submission__agency=user.agency_id) | theirs)

    def _of_operator(self, user: User, given: Q) -> EvidenceQuerySet:
        """Of the own agency, or attached now: as `given`, or to a question that it leads."""
        lead_here = Response.objects.filter(
            assessment=OuterRef("response__assessment"),
            question=OuterRef("response__question"),
            role=AssignmentRole.LEAD,
            submission__agency=user.agency_id,
        )
        given_to_us = EvidenceLink.objects.filter(
            Exists(lead_here) | given,
            evidence=OuterRef("pk"),
            removed_at__isnull=True,
        )
        counted = Evidence.objects.of_rows(response__submission__agency=user.agency_id)
        given = Q(Exists(given_to_us)) | Q(pk__in=counted.order_by().values("pk"))
        return self.filter(Q(agency=user.agency_id) | given & Q(restricted=False))

    def of_rows(self, **counting: Any) -> EvidenceQuerySet:
        """What hangs now on a row of a register that counts for such an answer."""
        return self.filter(
            row_links__removed_at__isnull=True,
            row_links__row__retired_at__isnull=True,
            row_links__row__ticks__removed_at__isnull=True,
            **{f"row_links__row__ticks__{name}": value for name, value in counting.items()},
        )


class Evidence(models.Model):
    """What an agency gave as proof: a file (through a Blob) or a link, under the name that people
    read, with what its giver says of it.

    Another file in its place is a version of its own: `first` is the version that it all began
    with, `number` counts up, and verdicts keep pointing to the version that was seen. `version`
    counts how often the description was saved.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="evidence", verbose_name="perangkat daerah"
    )
    name = models.CharField("nama", max_length=120)
    blob = models.ForeignKey(
        Blob, models.PROTECT, related_name="evidence", null=True, blank=True, verbose_name="berkas"
    )
    url = models.URLField("tautan", max_length=500, blank=True)
    first = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="later",
        null=True,
        blank=True,
        editable=False,
        verbose_name="versi pertama",
    )
    number = models.PositiveIntegerField("versi berkas", default=1, editable=False)
    kind = models.CharField(
        "jenis dokumen", max_length=16, choices=DocumentKind.choices, blank=True
    )
    document_number = models.CharField("nomor dokumen", max_length=120, blank=True)
    document_date = models.DateField("tanggal dokumen", null=True, blank=True)
    signed = models.CharField("pengesahan", max_length=8, choices=Signed.choices, blank=True)
    valid_until = models.DateField("berlaku sampai", null=True, blank=True)
    version = models.PositiveIntegerField("versi keterangan", default=0, editable=False)
    restricted = models.BooleanField("terbatas", default=False, editable=False)
    thumb = models.FileField("gambar kecil", max_length=200, blank=True, editable=False)
    preview = models.FileField("pratinjau", max_length=200, blank=True, editable=False)
    drawn_at = models.DateTimeField("digambar", null=True, blank=True, editable=False)
    scan = models.CharField(
        "pemeriksaan virus", max_length=12, choices=Scan.choices, blank=True, editable=False
    )
    scanned_at = models.DateTimeField("diperiksa", null=True, blank=True, editable=False)
    destroyed_at = models.DateTimeField("dimusnahkan", null=True, blank=True, editable=False)
    destroyed_sum = models.CharField(
        "sidik yang dimusnahkan", max_length=64, blank=True, editable=False
    )
    created_at = models.DateTimeField("diunggah", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="dibuat oleh"
    )
    responses: models.ManyToManyField[Response, EvidenceLink] = models.ManyToManyField(
        Response,
        through="EvidenceLink",
        related_name="evidence",
        verbose_name="jawaban",
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "data dukung"
        verbose_name_plural = "data dukung"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(blob__isnull=False) & Q(url="")) | (Q(blob__isnull=True) & ~Q(url="")),
                name="evidence_is_file_or_link",
            ),
            models.UniqueConstraint(fields=["first", "number"], name="one_evidence_a_version"),
            models.CheckConstraint(
                condition=Q(first__isnull=True, number=1) | Q(first__isnull=False, number__gt=1),
                name="later_versions_name_the_first",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def opens_for(self, user: User) -> bool:
        """Whether somebody who sees where it is attached may know its name and open it; the door
        itself is `visible_to`.
        """
        if not self.restricted or user.role == Role.VERIFIKATOR:
            return True
        return user.role in OWN_AGENCY_ONLY and user.agency_id == self.agency_id

    def is_held_from(self, user: User) -> bool:
        """Whether its bytes are kept back: while they are looked into from all but their sender,
        and from everybody where something was found.
        """
        if self.scan == Scan.WAITING:
            return user.pk != self.created_by_id
        return self.scan == Scan.INFECTED

    def name_for(self, user: User) -> str:
        """Its name, or only that there is something."""
        return self.name if self.opens_for(user) else HIDDEN

    @property
    def public_name(self) -> str:
        """As histories and sheets tell it, which go to more people than may open it."""
        return HIDDEN if self.restricted else self.name

    @property
    def root(self) -> int:
        """The version that it all began with, by its number in the table."""
        return self.first_id or self.pk


class EvidenceLink(Addition):
    """An evidence attached to an answer. Taken away after a review it stays, marked, since a
    verdict rested on it.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="links")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="links")

    class Meta(Addition.Meta):
        verbose_name = "lampiran"
        verbose_name_plural = "lampiran"
        constraints = [once("attached_once", "response", "evidence")]

    def __str__(self) -> str:
        return f"{self.evidence} pada {self.response_id}"


class Review(models.Model):
    """A verdict that was given, with the version it was given on. Append-only: triggers refuse
    change and delete.
    """

    response = models.ForeignKey(
        Response, models.PROTECT, related_name="reviews", verbose_name="jawaban"
    )
    version = models.PositiveIntegerField("versi jawaban")
    verdict = models.CharField(
        "hasil", max_length=16, choices=[(v.value, label) for v, label in VERDICT_LABELS.items()]
    )
    level = models.PositiveSmallIntegerField("tingkat terbukti", null=True, blank=True)
    share = models.DecimalField(
        "bagian terbukti", max_digits=5, decimal_places=4, null=True, blank=True
    )
    note = models.TextField("catatan", blank=True)
    unproven_reason = models.TextField("alasan diterima tanpa data dukung", blank=True)
    value: models.JSONField[Any, Any] = models.JSONField(
        "jawaban yang dilihat", null=True, blank=True
    )
    answer_note = models.TextField("catatan jawaban yang dilihat", blank=True)
    evidence: models.ManyToManyField[Evidence, Any] = models.ManyToManyField(
        Evidence,
        related_name="reviews",
        verbose_name="data dukung",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="pelaku"
    )
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "verifikasi"
        verbose_name_plural = "verifikasi"
        ordering = ["response", "pk"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {self.response_id}"


class ReviewDraft(models.Model):
    """What a reviewer typed and has not decided yet: saved by itself, gone with the verdict."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="drafts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField("tingkat", null=True, blank=True)
    note = models.TextField("catatan", blank=True)
    saved_at = models.DateTimeField("tersimpan", auto_now=True)

    class Meta:
        verbose_name = "draf verifikasi"
        verbose_name_plural = "draf verifikasi"
        constraints = [
            models.UniqueConstraint(fields=["response", "by"], name="one_review_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}, {self.by_id}"
