"""What was answered: the work of each agency on an indicator, its answers, and what is attached to
them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from agencies.models import Agency, AssignmentRole, Kind, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Indicator, Question
from submissions.models.kept import Addition, once
from submissions.models.year import Assessment
from submissions.workflow import EDITABLE, STATE_LABELS, VERDICT_LABELS, State, Verdict


def below(user: User, agency: str) -> Q:
    """The kelurahan of the user's own kecamatan; `agency` is the path to the agency's columns.
    Nothing for everybody else. No query: the user's agency is loaded.
    """
    own = user.agency if user.is_active and user.role in OWN_AGENCY_ONLY else None
    if own is None or own.kind != Kind.KECAMATAN:
        return Q(pk__in=[])
    return Q(**{f"{agency}__parent": own.pk, f"{agency}__kind": Kind.KELURAHAN.value})


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


class EvidenceLink(Addition):
    """An evidence attached to an answer. Taken away after a review it stays, marked, since a
    verdict rested on it.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="links")
    evidence = models.ForeignKey("Evidence", models.PROTECT, related_name="links")

    class Meta(Addition.Meta):
        verbose_name = "lampiran"
        verbose_name_plural = "lampiran"
        constraints = [once("attached_once", "response", "evidence")]

    def __str__(self) -> str:
        return f"{self.evidence} pada {self.response_id}"
