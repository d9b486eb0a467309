"""What is decided: a meeting, the offices that are invited to it, and what becomes of its
decisions.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from agencies.models import Agency, Region, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Cluster, Indicator, Question
from indicators.wording import jam, tanggal
from meetings.workflow import (
    KIND_LABELS,
    MEETING_LABELS,
    PENDING,
    SAID,
    STATE_LABELS,
    TONES,
    Kind,
    MeetingState,
    State,
)
from submissions.models import Assessment, Evidence, Made, MadeQuerySet, Response


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """An operator sees the meetings that the own agency is invited to, the others those of
        their region.
        """
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            mine = Invited.objects.filter(agency=user.agency_id).values("meeting")
            return self.filter(pk__in=mine)
        return self if user.region_id is None else self.filter(region=user.region_id)

    def called(self) -> MeetingQuerySet:
        """Those that were neither closed nor called off."""
        return self.filter(state=MeetingState.CALLED.value)

    def ahead(self, now: datetime) -> MeetingQuerySet:
        """Those that are still to be held, or are being held."""
        return self.called().filter(ends_at__gt=now)


class Meeting(models.Model):
    """A rakor of the Gugus Tugas about one year. Closed, it never changes again (a trigger)."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="meetings")
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, related_name="meetings", verbose_name="penilaian"
    )
    title = models.CharField("nama rakor", max_length=120)
    starts_at = models.DateTimeField("mulai")
    ends_at = models.DateTimeField("selesai")
    place = models.CharField("tempat", max_length=200)
    agenda = models.TextField("agenda", blank=True)
    clusters: models.ManyToManyField[Cluster, Any] = models.ManyToManyField(
        Cluster, related_name="meetings", blank=True, verbose_name="klaster yang dibahas"
    )
    agencies: models.ManyToManyField[Agency, Invited] = models.ManyToManyField(
        Agency, through="Invited", related_name="meetings", verbose_name="yang diundang"
    )
    state = models.CharField(
        "keadaan",
        max_length=12,
        choices=[(s.value, label) for s, label in MEETING_LABELS.items()],
        default=MeetingState.CALLED.value,
    )
    # How often the invitation was changed: calendars take a higher number for the newer word.
    sequence = models.PositiveIntegerField("perubahan undangan", default=0)
    called_at = models.DateTimeField("dipanggil", default=timezone.now, editable=False)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("berubah", default=timezone.now, editable=False)
    notes = models.TextField("catatan rapat", blank=True)
    cancel_reason = models.TextField("alasan pembatalan", blank=True)
    closed_at = models.DateTimeField("ditutup", null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "rakor"
        verbose_name_plural = "rakor"
        ordering = ["-starts_at", "-pk"]
        permissions = [
            ("hold_meeting", "Dapat memanggil, memimpin, dan menutup rakor"),
            ("confirm_reading", "Dapat menyatakan lembar tugas sudah dibaca"),
            ("attend_meeting", "Dapat menyatakan diri hadir"),
            ("choose_reminders", "Dapat memilih pengingat untuk kantor sendiri"),
            ("set_reminders", "Dapat mengatur pengingat untuk semua kantor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_it_starts",
                violation_error_message="Rakor harus selesai sesudah mulai.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in MeetingState]), name="meeting_state_known"
            ),
        ]
        indexes = [models.Index(fields=["region", "state", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.title}, {tanggal(self.starts_at)}"

    @property
    def is_called(self) -> bool:
        """Whether it can still be changed, held or called off."""
        return self.state == MeetingState.CALLED

    def standing(self, now: datetime) -> str:
        """The state in words; one that nobody closed is not ahead for ever."""
        if not self.is_called or now < self.starts_at:
            return MEETING_LABELS[MeetingState(self.state)]
        return "Sedang berlangsung" if now < self.ends_at else "Belum ditutup"

    def is_left_open(self, now: datetime) -> bool:
        """Whether it is over and was neither closed nor called off."""
        return self.is_called and now >= self.ends_at

    @property
    def when(self) -> str:
        """13 Maret 2024, pukul 09.00 sampai 12.00 WIB."""
        hours = f"{jam(self.starts_at)} sampai {jam(self.ends_at)}"
        return f"{tanggal(self.starts_at)}, pukul {hours} WIB"

    @property
    def points(self) -> list[str]:
        """The agenda, a line each."""
        return [line.strip() for line in self.agenda.splitlines() if line.strip()]


class Invited(models.Model):
    """An agency that is invited to a meeting, and whether it has read what it will be asked."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="invited")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="invitations")
    read_at = models.DateTimeField("lembar tugas dibaca", null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = "undangan rakor"
        verbose_name_plural = "undangan rakor"
        ordering = ["meeting", "agency__name"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "agency"], name="invited_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agency} pada {self.meeting_id}"


class MeetingVerb(models.TextChoices):
    """What can happen around a meeting, in the words of its history."""

    CALL = "call", "memanggil rakor"
    CHANGE = "change", "mengubah undangan"
    CANCEL = "cancel", "membatalkan rakor"
    READ = "read", "menyatakan lembar tugas sudah dibaca"
    NOTE = "note", "menulis catatan rapat"
    PACK = "pack", "meminta berkas rakor"
    EXPORT = "export", "mengunduh berkas"
    CLOSE = "close", "menutup rakor"
    ATTEND = "attend", "mencatat kehadiran"
    UNATTEND = "unattend", "menghapus kehadiran"


class MeetingEvent(models.Model):
    """What happened around a meeting, by whom. Append-only in the database itself."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="events")
    verb = models.CharField("kejadian", max_length=16, choices=MeetingVerb.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("waktu", default=timezone.now, editable=False)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict, blank=True)

    class Meta:
        verbose_name = "kejadian rakor"
        verbose_name_plural = "riwayat rakor"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_verb_display()


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> FollowUpQuerySet:
        """An operator sees what the own agency has to do, the others what their region decided."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(agency=user.agency_id)
        return self if user.region_id is None else self.filter(meeting__region=user.region_id)

    def pending(self) -> FollowUpQuerySet:
        """Those that somebody still has to do something about."""
        return self.filter(state__in=[state.value for state in PENDING])

    def overdue(self, today: date) -> FollowUpQuerySet:
        """Those that should have been done before today."""
        return self.pending().filter(due_on__lt=today)

    def proposals(self) -> FollowUpQuerySet:
        """What meetings asked to be put into the city's plans."""
        return self.filter(kind=Kind.PLAN.value)

    def by_office(self, today: date) -> list[dict[str, Any]]:
        """How many of each state every office has, those with most overdue first. One query."""
        pending = Q(state__in=[state.value for state in PENDING])
        counts = {state.value: Count("pk", filter=Q(state=state.value)) for state in STATE_LABELS}
        counted: Any = self.order_by().values("agency__code", "agency__name")
        found: list[dict[str, Any]] = list(
            counted.annotate(late=Count("pk", filter=pending & Q(due_on__lt=today)), **counts)
        )
        order = ("late", State.OPEN.value, State.WORKING.value)
        return sorted(found, key=lambda row: (*(-row[key] for key in order), row["agency__name"]))


class FollowUp(models.Model):
    """A decision of a meeting: which office does what until when, and what became of it."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="followups")
    number = models.PositiveSmallIntegerField("nomor keputusan")
    text = models.TextField("keputusan")
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="followups", verbose_name="perangkat daerah"
    )
    person = models.CharField("orang", max_length=120, blank=True)
    due_on = models.DateField("tenggat")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="indikator"
    )
    # The question within that indicator, where it is about a single one.
    question = models.ForeignKey(
        Question, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="pertanyaan"
    )
    kind = models.CharField(
        "jenis",
        max_length=8,
        choices=[(kind.value, label) for kind, label in KIND_LABELS.items()],
        default=Kind.WORK.value,
    )
    state = models.CharField(
        "keadaan",
        max_length=12,
        choices=[(s.value, label) for s, label in STATE_LABELS.items()],
        default=State.OPEN.value,
    )
    # The office said what it did, and the verifikator has not spoken yet.
    answered_at = models.DateTimeField("dijawab", null=True, blank=True)
    token = models.UUIDField("tanda kiriman", unique=True, editable=False)
    decided_at = models.DateTimeField("diputuskan", editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = "tindak lanjut"
        verbose_name_plural = "tindak lanjut"
        ordering = ["due_on", "meeting", "number"]
        permissions = [
            ("answer_followup", "Dapat menjawab tindak lanjut"),
            ("confirm_followup", "Dapat menyatakan tindak lanjut selesai atau batal"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_decision_number"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]), name="followup_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="followup_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(question__isnull=True) | Q(indicator__isnull=False),
                name="followup_question_in_indicator",
            ),
        ]
        indexes = [models.Index(fields=["agency", "state", "due_on"])]

    def __str__(self) -> str:
        return f"Keputusan {self.number}, {self.agency}"

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING

    @property
    def is_proposal(self) -> bool:
        """Whether it asks for a place in the RKPD or the RAD KLA."""
        return self.kind == Kind.PLAN

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def standing(self) -> str:
        """The state, and whose turn it is where the office has answered."""
        label = STATE_LABELS[State(self.state)]
        return f"{label} · menunggu konfirmasi" if self.answered_at and self.is_pending else label


class FollowUpEvent(models.Model):
    """What happened to a follow-up, by whom. Append-only in the database itself."""

    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="events")
    move = models.CharField("kejadian", max_length=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("waktu", editable=False)
    note = models.TextField("catatan", blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+", null=True, blank=True)
    response = models.ForeignKey(Response, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = "kejadian tindak lanjut"
        verbose_name_plural = "riwayat tindak lanjut"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """What happened, in the words of the history."""
        return SAID[self.move]


class MeetingRecord(models.Model):
    """What a meeting showed when it was closed. Never changes again: the database refuses."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="record")
    data: models.JSONField[Any, Any] = models.JSONField("isi")
    at = models.DateTimeField("waktu", editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "rekaman rakor"
        verbose_name_plural = "rekaman rakor"

    def __str__(self) -> str:
        return f"Rekaman {self.meeting_id}"


class Pack(Made):
    """The files of a meeting to take along: PDF, XLSX and PPTX of the same figures."""

    JOB = "meetings.tasks.make_pack"
    KINDS = ("pdf", "xlsx", "pptx")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="packs")
    # How many of the files are there; the page draws it.
    done = models.PositiveSmallIntegerField("berkas jadi", default=0)
    # Of the record of a closed meeting, or of figures that could still move.
    is_final = models.BooleanField("dari rekaman", default=False)
    figures_at = models.DateTimeField("angka per", null=True, blank=True)

    objects = MadeQuerySet["Pack"].as_manager()

    class Meta(Made.Meta):
        verbose_name = "berkas rakor"
        verbose_name_plural = "berkas rakor"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "by"],
                condition=Q(finished_at__isnull=True),
                name="one_pack_at_a_time",
            ),
        ]
