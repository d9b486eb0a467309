"""From an empty database to the first answer: each step, how it stands, and where one does it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from agencies.actions import strange_names
from agencies.models import Agency, Assignment, AssignmentRole, Kind, Region, User
from agencies.roles import Role
from agencies.tasks import can_mail
from indicators.models import AreaLevel, Instrument
from indicators.wording import number, tanggal
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class Way:
    """Where a step is done."""

    label: str
    href: str


@dataclass(slots=True)
class Step:
    """One step; `is_next` is the first open one that the user can do."""

    title: str
    told: str
    ways: list[Way]
    is_done: bool = False
    is_next: bool = False


def is_begun(user: User) -> bool:
    """Whether a year was ever opened where the user sees it."""
    return Assessment.objects.visible_to(user).exists()


def region_of(user: User, code: str) -> Region | None:
    """The user's own; who has none names one, or gets the first."""
    if user.region is not None:
        return user.region
    return Region.objects.filter(**({"code": code} if code else {})).first()


def steps(user: User, region: Region | None) -> list[Step]:
    """In the order in which they are done. The same queries for a city of any size."""
    instrument = Instrument.objects.published().first()
    found = [
        _instrument(user, instrument),
        _region(user, region),
        _offices(user, region),
        _assignments(user, region, instrument),
        _mail(),
        _people(user, region),
        _year(user, region),
    ]
    for step in found:
        if step.ways and not step.is_done:
            step.is_next = True
            break
    return found


def _way(label: str, name: str, user: User, region: Region | None, *args: object) -> Way:
    """An address that keeps the region which who has none has picked."""
    query = "" if user.region_id or region is None else "?" + urlencode({"wilayah": region.code})
    return Way(label, reverse(name, args=args) + query)


def _instrument(user: User, instrument: Instrument | None) -> Step:
    told = (
        f"{instrument.title}."
        if instrument
        else "Belum ada yang terbit. Di server: manage.py load_instrument "
        "indicators/instruments/kla-2024.json --publish; atau kirim buku kerja Kementerian."
    )
    ways = [Way("Versi instrumen", reverse("instrument_versions"))]
    if user.has_perm("indicators.change_instrument") and instrument is None:
        ways = [Way("Impor buku kerja", reverse("instrument_import")), *ways]
    return Step("Instrumen", told, ways, is_done=instrument is not None)


def _region(user: User, region: Region | None) -> Step:
    may = user.has_perm("agencies.change_agency")
    if region is None:
        told = "Belum ada. Isi di Admin, atau di server: manage.py load_region BERKAS."
        way = [Way("Tambah kabupaten/kota", reverse("admin:agencies_region_add"))]
        return Step("Kabupaten/kota", told, way if may else [])
    told = f"{region}."
    if not region.contact:
        told += " Kontak sekretariat belum ditulis; operator melihatnya bila ada yang salah."
    way = [Way("Ubah", reverse("admin:agencies_region_change", args=[region.pk]))]
    return Step("Kabupaten/kota", told, way if may else [], is_done=True)


def _offices(user: User, region: Region | None) -> Step:
    kinds: dict[str, int] = {}
    chief = None
    if region is not None:
        active = Agency.objects.filter(region=region).active().order_by()
        kinds = dict(
            active.values_list("kind").annotate(Count("pk")).values_list("kind", "pk__count")
        )
        chief = active.filter(is_secretariat=True).first()
    areas = {kind: kinds.get(kind.value, 0) for kind in (Kind.KECAMATAN, Kind.KELURAHAN)}
    offices = sum(kinds.values()) - sum(areas.values())
    told = (
        f"{number(offices)} perangkat daerah dan mitra, {number(areas[Kind.KECAMATAN])} kecamatan, "
        f"{number(areas[Kind.KELURAHAN])} kelurahan atau desa. "
    )
    told += f"Sekretariat: {chief}." if chief else "Sekretariat belum ditandai."
    ways = []
    if user.has_perm("agencies.change_agency"):
        ways = [
            Way("Kirim lembar kerja", reverse("admin:agencies_agency_import")),
            Way("Tambah satu per satu", reverse("admin:agencies_agency_add")),
        ]
    if region is not None:
        ways.append(_way("Daftar", "agencies", user, region))
    return Step("Perangkat daerah dan wilayah", told, ways, is_done=bool(offices and chief))


def _assignments(user: User, region: Region | None, instrument: Instrument | None) -> Step:
    title = "Pengampuan"
    if region is None or instrument is None:
        return Step(title, "Menunggu instrumen dan kabupaten/kota.", [])
    if not Agency.objects.filter(region=region).active().exists():
        return Step(title, "Menunggu perangkat daerah.", [])
    city = instrument.questions.filter(level=AreaLevel.KOTA)
    led = Assignment.objects.standing(region, instrument).filter(role=AssignmentRole.LEAD)
    counted = city.aggregate(
        all=Count("pk"), led=Count("pk", filter=Q(pk__in=led.values("question")))
    )
    strange = len(strange_names(region, instrument))
    told = (
        f"{number(counted['led'])} dari {number(counted['all'])} pertanyaan kota punya penanggung "
        "jawab."
    )
    ways = [_way("Pengampuan per indikator", "assignments", user, region)]
    if strange:
        told += f" {number(strange)} nama dalam instrumen tidak dipakai di sini."
        ways = [_way("Nama dalam instrumen", "assignments_names", user, region), *ways]
    return Step(title, told, ways, is_done=counted["led"] == counted["all"])


def _mail() -> Step:
    told = (
        "Undangan dan pengingat dikirim."
        if can_mail()
        else "Server surel belum diatur (EMAIL_HOST), jadi undangan belum dapat terkirim."
    )
    return Step("Surel", told, [], is_done=can_mail())


def _people(user: User, region: Region | None) -> Step:
    title = "Orang"
    if region is None:
        return Step(title, "Menunggu kabupaten/kota.", [])
    people = User.objects.filter(region=region, is_active=True)
    counted = people.aggregate(
        verifikator=Count("pk", filter=Q(role=Role.VERIFIKATOR.value)),
        pimpinan=Count("pk", filter=Q(role=Role.PIMPINAN.value)),
    )
    answering = (
        Agency.objects.filter(region=region)
        .active()
        .filter(assignments__role__in=[AssignmentRole.LEAD, AssignmentRole.AREA])
        .distinct()
    )
    staffed = people.filter(role=Role.OPERATOR.value).values("agency")
    all_offices, with_people = answering.count(), answering.filter(pk__in=staffed).count()
    told = (
        f"{number(counted['verifikator'])} verifikator, {number(counted['pimpinan'])} pimpinan; "
        f"{number(with_people)} dari {number(all_offices)} yang menjawab punya operator. Undang "
        "dari halaman perangkat daerahnya; banyak orang sekaligus lewat lembar kerja."
    )
    ways = [_way("Undang", "agencies", user, region)]
    if user.has_perm("agencies.change_user"):
        ways.append(Way("Kirim lembar kerja", reverse("admin:agencies_user_import")))
    done = bool(counted["verifikator"] and all_offices) and with_people == all_offices
    return Step(title, told, ways, is_done=done)


def _year(user: User, region: Region | None) -> Step:
    title = "Tahun penilaian"
    opened = Assessment.objects.filter(region=region).order_by("-year").first()
    if opened is not None:
        told = f"Penilaian {opened.year} dibuka, tenggat {tanggal(opened.closes_on)}."
        ways = [_way("Lihat", "dashboard", user, region, opened.year)]
        return Step(title, told, ways, is_done=True)
    told = "Belum dibuka. Sesudah dibuka, tiap kantor melihat isiannya dan dapat menjawab."
    return Step(title, told, [_way("Buka tahun penilaian", "open_year", user, region)])
