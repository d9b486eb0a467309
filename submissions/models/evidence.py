"""What an agency gave as proof, in its versions, and who may open it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies.models import Agency, AssignmentRole, User
from agencies.roles import OWN_AGENCY_ONLY, Role
from submissions.models.kept import Blob
from submissions.models.work import EvidenceLink, Response, below


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
