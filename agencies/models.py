"""Who answers: regions, their agencies, the people in them, and which agency answers which
question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils.crypto import salted_hmac

from agencies.roles import OWN_AGENCY_ONLY, ROLE_LABELS, Role
from indicators.models import Instrument, Question


class Region(models.Model):
    """A kabupaten or kota: everything below belongs to exactly one."""

    code = models.CharField("kode wilayah", max_length=16, unique=True)
    name = models.CharField("nama", max_length=120)
    kind = models.CharField(
        "jenis", max_length=16, choices=[("kota", "Kota"), ("kabupaten", "Kabupaten")]
    )
    province = models.CharField("provinsi", max_length=120, blank=True)
    contact = models.CharField(
        "kontak sekretariat",
        max_length=200,
        blank=True,
        help_text="Yang dihubungi operator bila ada yang salah: jabatan dan nomor kantor.",
    )
    # Code of the office that is meant by a name of the instrument that no office here bears.
    office_names: models.JSONField[Any, Any] = models.JSONField(
        "nama dalam instrumen", default=dict, blank=True, editable=False
    )

    class Meta:
        verbose_name = "kabupaten/kota"
        verbose_name_plural = "kabupaten/kota"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Award(models.Model):
    """A category that the region was awarded in a past year, with its public source."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="awards", verbose_name="kabupaten/kota"
    )
    year = models.PositiveSmallIntegerField("tahun")
    category = models.CharField("kategori", max_length=40)
    score = models.DecimalField("nilai", max_digits=7, decimal_places=2, null=True, blank=True)
    source = models.URLField("sumber", blank=True)

    class Meta:
        verbose_name = "penghargaan"
        verbose_name_plural = "penghargaan"
        ordering = ["region", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="one_award_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.category}"


class Kind(models.TextChoices):
    """What sort of member of the Gugus Tugas an agency is."""

    PERANGKAT_DAERAH = "perangkat_daerah", "Perangkat daerah"
    INSTANSI_VERTIKAL = "instansi_vertikal", "Instansi vertikal"
    KECAMATAN = "kecamatan", "Kecamatan"
    KELURAHAN = "kelurahan", "Kelurahan"
    DUNIA_USAHA = "dunia_usaha", "Dunia usaha"
    LEMBAGA_MASYARAKAT = "lembaga_masyarakat", "Lembaga masyarakat"
    MEDIA = "media", "Media"
    PERGURUAN_TINGGI = "perguruan_tinggi", "Perguruan tinggi"
    KELOMPOK_ANAK = "kelompok_anak", "Kelompok anak"


# Members of the Gugus Tugas that are no office of the government: they help, and say with what.
PARTNERS = frozenset(
    {
        Kind.DUNIA_USAHA,
        Kind.LEMBAGA_MASYARAKAT,
        Kind.MEDIA,
        Kind.PERGURUAN_TINGGI,
        Kind.KELOMPOK_ANAK,
    }
)


class AgencyQuerySet(models.QuerySet["Agency"]):
    def visible_to(self, user: User) -> AgencyQuerySet:
        """The only way in: an operator sees the own agency, the others those of their region."""
        if not user.is_active:
            return self.none()
        if user.role in OWN_AGENCY_ONLY:
            return self.filter(pk__in=[user.agency_id])
        return self if user.region_id is None else self.filter(region=user.region_id)

    def active(self) -> AgencyQuerySet:
        """Agencies that still answer: neither retired nor merged into another."""
        return self.filter(retired_at__isnull=True, merged_into__isnull=True)

    def partners(self) -> AgencyQuerySet:
        """Business, society, media, universities and the children's forum."""
        return self.filter(kind__in=[kind.value for kind in PARTNERS])

    def for_directory(self) -> AgencyQuerySet:
        """By kind, each kecamatan followed by its kelurahan, with the number of active people."""
        kinds = [
            models.When(kind=kind, then=models.Value(place))
            for place, kind in enumerate(Kind)
            if kind != Kind.KELURAHAN
        ]
        area = models.Q(kind__in=[Kind.KECAMATAN, Kind.KELURAHAN])
        return (
            self.select_related("parent")
            .annotate(
                people=models.Count("users", filter=models.Q(users__is_active=True)),
                place=models.Case(*kinds, default=models.Value(list(Kind).index(Kind.KECAMATAN))),
                branch=models.Case(
                    models.When(area, then=Coalesce("parent__name", "name")),
                    default=models.Value(""),
                ),
            )
            .order_by("place", "branch", "kind", Lower("name"), "pk")
        )


class Agency(models.Model):
    """A perangkat daerah, or another member of the Gugus Tugas that answers questions."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="agencies", verbose_name="kabupaten/kota"
    )
    code = models.SlugField("kode", max_length=64)
    name = models.CharField("nama", max_length=160)
    kind = models.CharField(
        "jenis", max_length=24, choices=Kind.choices, default=Kind.PERANGKAT_DAERAH
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True, verbose_name="induk"
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="predecessors",
        null=True,
        blank=True,
        verbose_name="dilebur ke",
    )
    is_secretariat = models.BooleanField("sekretariat Gugus Tugas", default=False)
    retired_at = models.DateTimeField("tidak dipakai sejak", null=True, blank=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = "perangkat daerah"
        verbose_name_plural = "perangkat daerah"
        ordering = ["region", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "code"],
                name="one_agency_code",
                violation_error_message="Kode ini sudah dipakai perangkat daerah lain.",
            ),
            models.UniqueConstraint(
                fields=["region", "name"],
                name="one_agency_name",
                violation_error_message="Nama ini sudah dipakai perangkat daerah lain.",
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=models.Q(is_secretariat=True),
                name="one_secretariat",
                violation_error_message="Wilayah ini sudah punya sekretariat.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_area(self) -> bool:
        """Whether it answers as a kecamatan or kelurahan, for itself."""
        return self.kind in {Kind.KECAMATAN, Kind.KELURAHAN}

    @property
    def is_partner(self) -> bool:
        """Whether it is no office of the government: business, society, media, children."""
        return self.kind in PARTNERS

    def answers_for(self, other: Agency) -> bool:
        """Whether this is the kecamatan of that kelurahan, and may answer its area questions."""
        return (
            self.kind == Kind.KECAMATAN
            and other.kind == Kind.KELURAHAN
            and other.parent_id == self.pk
        )


class User(AbstractUser):
    """Someone who signs in. Rights come from `role` and `roles.GRANTS`, read at each request."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("nama", max_length=150, blank=True)
    role = models.CharField(
        "peran",
        max_length=16,
        choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
        default=Role.OPERATOR.value,
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="users",
        null=True,
        blank=True,
        verbose_name="kabupaten/kota",
    )
    agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        related_name="users",
        null=True,
        blank=True,
        verbose_name="perangkat daerah",
    )

    session_epoch = models.PositiveIntegerField("angkatan sesi", default=0, editable=False)

    objects: ClassVar[UserManager[User]] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "pengguna"
        verbose_name_plural = "pengguna"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(role=Role.OPERATOR.value) | models.Q(agency__isnull=False),
                name="operator_has_an_agency",
                violation_error_message="Operator harus punya perangkat daerah.",
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.ADMINISTRATOR.value) | models.Q(region__isnull=False),
                name="only_administrator_without_region",
                violation_error_message="Pengguna ini harus punya kabupaten/kota.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The person's name, or the account's where none was given."""
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know to live: another password or epoch ends them all."""
        return salted_hmac(
            "agencies.User.session", f"{self.session_epoch}:{self.password}", secret=secret
        ).hexdigest()


class AssignmentRole(models.TextChoices):
    """What an agency does for a question; exactly one leads a city question, every area answers its
    own.
    """

    LEAD = "lead", "Penanggung jawab"
    SUPPORT = "support", "Pendukung"
    AREA = "area", "Wilayah"


@dataclass
class Hanging:
    """What hangs on one agency: how many questions in which role, and the points of them."""

    leads: int = 0
    supports: int = 0
    areas: int = 0
    lead_points: Decimal = Decimal(0)
    area_points: Decimal = Decimal(0)

    @property
    def points(self) -> Decimal:
        """The questions it leads in full; of an area question the share of one area."""
        return self.lead_points + self.area_points


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def standing(self, region: Region, instrument: Instrument) -> AssignmentQuerySet:
        """Those of one region for one instrument."""
        return self.filter(region=region, question__instrument=instrument)

    def area_shares(self) -> dict[int, Decimal]:
        """Of each area question here, the points of one area. One query."""
        rows = self.filter(role=AssignmentRole.AREA).values_list(
            "question_id", "question__max_points"
        )
        return {
            question: points / areas
            for question, points, areas in rows.annotate(areas=models.Count("pk")).order_by()
        }

    def hanging(self, agencies: Iterable[int]) -> dict[int, Hanging]:
        """What hangs on each of these agencies. Three queries for any number."""
        shares = self.area_shares()
        here = self.filter(agency__in=list(agencies)).order_by()
        found: dict[int, Hanging] = defaultdict(Hanging)
        for agency, role, count, points in (
            here.exclude(role=AssignmentRole.AREA)
            .values_list("agency_id", "role")
            .annotate(count=models.Count("pk"), points=models.Sum("question__max_points"))
        ):
            if role == AssignmentRole.LEAD:
                found[agency].leads, found[agency].lead_points = count, points
            else:
                found[agency].supports = count
        for agency, question in here.filter(role=AssignmentRole.AREA).values_list(
            "agency_id", "question_id"
        ):
            found[agency].areas += 1
            found[agency].area_points += shares[question]
        return found


class Assignment(models.Model):
    """Standing: this agency leads, supports, or answers as an area this question. A year copies it
    when opened.
    """

    question = models.ForeignKey(
        Question, models.PROTECT, related_name="assignments", verbose_name="pertanyaan"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="assignments", verbose_name="perangkat daerah"
    )
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name="kabupaten/kota"
    )
    role = models.CharField("tugas", max_length=8, choices=AssignmentRole.choices)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "pengampuan"
        verbose_name_plural = "pengampuan"
        ordering = ["question", "role", "agency"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "agency"],
                name="one_assignment",
                violation_error_message="Perangkat daerah ini sudah mengampu pertanyaan itu.",
            ),
            models.UniqueConstraint(
                fields=["question", "region"],
                condition=models.Q(role=AssignmentRole.LEAD.value),
                name="one_standing_lead",
                violation_error_message="Pertanyaan itu sudah punya penanggung jawab.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} - {self.agency} ({self.get_role_display()})"


class Invitation(models.Model):
    """A link by which somebody new sets a password; inviting again ends the link before it."""

    user = models.OneToOneField(User, models.PROTECT, related_name="invitation")
    invited_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="diundang oleh"
    )
    invited_at = models.DateTimeField("diundang")
    mailed_at = models.DateTimeField("surel terkirim", null=True, blank=True)
    failed_at = models.DateTimeField("surel gagal", null=True, blank=True)
    accepted_at = models.DateTimeField("diterima", null=True, blank=True)

    class Meta:
        verbose_name = "undangan"
        verbose_name_plural = "undangan"
        ordering = ["-invited_at"]

    def __str__(self) -> str:
        return f"{self.user}: {self.invited_at:%Y-%m-%d}"


class SignInFailure(models.Model):
    """Failed sign-ins of a user from an address, or of an address; the keyed hash names neither."""

    key = models.CharField("kunci", max_length=64, unique=True)
    failures = models.PositiveIntegerField("gagal", default=0)
    last_at = models.DateTimeField("terakhir")
    paused_until = models.DateTimeField("jeda sampai", null=True, blank=True)
    succeeded_at = models.DateTimeField("pernah berhasil", null=True, blank=True)

    class Meta:
        verbose_name = "gagal masuk"
        verbose_name_plural = "gagal masuk"

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.failures}"


class ChangeVerb(models.TextChoices):
    """What may happen to agencies, people and standing assignments."""

    LOAD_REGION = "load_region", "memuat wilayah"
    ASSIGN_STANDING = "assign_standing", "membagi pengampuan dari instrumen"
    ASSIGN = "assign", "mengubah pengampuan"
    UNASSIGN = "unassign", "melepas pengampuan"
    SAVE_ROW = "save_row", "mengubah data"
    RETIRE_AGENCY = "retire_agency", "tidak memakai lagi perangkat daerah"
    MERGE_AGENCY = "merge_agency", "melebur perangkat daerah"
    INVITE = "invite", "mengundang"
    JOIN = "join", "menerima undangan"
    RETIRE_USER = "retire_user", "menonaktifkan pengguna"
    CHANGE_USER = "change_user", "mengubah pengguna"
    ADD_FACTOR = "add_factor", "mengaktifkan faktor kedua"
    REMOVE_FACTOR = "remove_factor", "melepas faktor kedua"
    EXPORT = "export", "mengunduh"
    RETRY_JOB = "retry_job", "mengulangi pekerjaan latar"
    RETENTION = "retention", "menghapus yang lewat waktunya"


class Change(models.Model):
    """What somebody did to agencies, people or assignments. Append-only, by triggers."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="changes", null=True, verbose_name="kabupaten/kota"
    )
    verb = models.CharField("perbuatan", max_length=24, choices=ChangeVerb.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="pelaku")
    at = models.DateTimeField("waktu", auto_now_add=True)
    data: models.JSONField[Any, Any] = models.JSONField("rincian", default=dict)

    class Meta:
        verbose_name = "perubahan"
        verbose_name_plural = "perubahan"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} ({self.at:%Y-%m-%d %H:%M})"
