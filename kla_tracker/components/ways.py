"""Ways through the product: places, steps, sections and pages of a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page

from agencies.roles import Role
from kla_tracker import readiness

register = template.Library()


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go; `current` when we are there, `aside` when the bar has it under "Lainnya"."""

    label: str
    href: str
    current: bool = False
    count: int | None = None
    aside: bool = False


# A place and who has it: O(perator), V(erifikator), P(impinan), A(dministrator). In capitals those
# who go there daily; for the others it stands under "Lainnya", so that the bar fits a laptop.
# fmt: off
PLACES = (
    ("Isian",            "/isian/",            "OV"),
    ("Verifikasi",       "/verifikasi/",       "V"),
    ("Penilaian",        "/penilaian/",        "OVPA"),
    ("Daftar induk",     "/daftar-induk/",     "Ovp"),
    ("Kemitraan",        "/kemitraan/",        "ovp"),
    ("Data dukung",      "/data-dukung/",      "Ovp"),
    ("Rakor",            "/rakor/",            "OVPa"),
    ("Tindak lanjut",    "/tindak-lanjut/",    "OVPa"),
    ("Pengingat",        "/pengingat/",        "ovpa"),
    ("Instrumen",        "/instrumen/",        "ovpA"),
    ("Perangkat daerah", "/perangkat-daerah/", "vPA"),
    ("Ekspor",           "/ekspor/",           "ovPa"),
    ("Riwayat",          "/riwayat/",          "ovpa"),
    ("Persiapan",        "/persiapan/",        "va"),
    ("Status server",    "/status/",           "a"),
    ("Admin",            "/admin/",            "A"),
)
# fmt: on
LETTERS: dict[str, str] = {role: role.name[0].lower() for role in Role}


@register.simple_tag
def nav(user: Any, path: str = "") -> list[Entry]:
    """The places of the top bar that this role has; no query."""
    letter = LETTERS.get(getattr(user, "role", ""), "")
    return [
        Entry(label, href, current=path.startswith(href), aside=letter in who)
        for label, href, who in PLACES
        if letter and letter in who.lower()
    ]


@register.simple_tag
def disk_is_low(user: Any) -> bool:
    """Whether to warn this user of a disk that fills: an administrator, who can do something."""
    return getattr(user, "role", "") == Role.ADMINISTRATOR and readiness.is_low_on_space()


@register.simple_tag
def must_have_factor(user: Any) -> bool:
    """Whether this user goes no further without a second factor."""
    return getattr(user, "role", "") in settings.SECOND_FACTOR_FOR


@register.simple_tag
def who(user: Any) -> str:
    """Where a user belongs: region, and the office or the role."""
    region = getattr(user, "region", None)
    agency = getattr(user, "agency", None)
    role = getattr(user, "get_role_display", str)()
    place = getattr(agency, "short_name", "") or getattr(agency, "name", "")
    own = place if getattr(user, "role", "") == Role.OPERATOR else " ".join((role, place)).strip()
    return " · ".join(str(part) for part in (region, own) if part)


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: str) -> dict[str, Any]:
    """Label and address by turns, from the top; a last label without an address is where we are."""
    return {
        "steps": [
            Entry(label, parts[at + 1] if at + 1 < len(parts) else "")
            for at, label in enumerate(parts)
            if at % 2 == 0
        ]
    }


@register.inclusion_tag("components/tabs.html")
def tabs(entries: Iterable[Mapping[str, Any]], *, current: str, label: str) -> dict[str, Any]:
    """Sections of a page. An entry has `label`, `href`, may have `count`; we are at `current`."""
    return {"entries": entries, "current": current, "label": label}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(
    context: template.Context, page: Page[Any], *, name: str = "baris", parameter: str = "page"
) -> dict[str, Any]:
    """Which rows these are and the way to the others; keeps the filters of the address."""
    request = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "name": name,
        "before": address(page.previous_page_number()) if page.has_previous() else "",
        "after": address(page.next_page_number()) if page.has_next() else "",
    }
