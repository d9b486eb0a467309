"""The parts that pages are made of, as template tags and filters; loaded everywhere as built-ins.

Each tag's Python signature is its contract: a misspelt argument stops the page. What is drawn per
row of a long list (bars, badges) is built by `format_html` here; the rest has a template in
`templates/components/`. All of them stand, in every state, on `/gaya/`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agencies.models import User
from agencies.roles import Role
from indicators import wording
from kla_tracker import readiness
from reports.charts import tags_of
from reports.figures import Pair
from submissions.models import Evidence
from submissions.wording import rupiah as money_text
from submissions.workflow import STATE_LABELS, VERDICT_LABELS, State, Verdict

register = template.Library()

for each in (
    wording.points,
    wording.points0,
    wording.number,
    wording.percent,
    wording.tanggal,
    wording.waktu,
    wording.jam,
    wording.sisa_hari,
    wording.nada_tenggat,
    wording.ukuran,
):
    register.filter(each.__name__, each)


@register.filter
def rupiah(amount: Decimal | None) -> str:
    """1250000 becomes 1.250.000; what was not told is a dash."""
    return wording.NOTHING if amount is None else money_text(amount)


ZERO = Decimal(0)
HUNDRED = Decimal(100)
TONES = frozenset({"neutral", "ok", "risk", "returned", "info"})
SIZES = frozenset({"s", "m", "l", "total"})

STATE_TONES = {
    State.EMPTY: "neutral",
    State.DRAFT: "info",
    State.SUBMITTED: "risk",
    State.RETURNED: "returned",
    State.ACCEPTED: "ok",
}
VERDICT_TONES = {Verdict.NONE: "risk", Verdict.ACCEPTED: "ok", Verdict.RETURNED: "returned"}


class Figures(Protocol):
    """What `scoring.Tally` has, and any row that wants a bar."""

    @property
    def proven(self) -> Decimal: ...
    @property
    def claimed(self) -> Decimal: ...
    @property
    def at_risk(self) -> Decimal: ...
    @property
    def maximum(self) -> Decimal: ...


class BandStep(Protocol):
    """What `indicators.models.Band` and `scoring.Band` have."""

    @property
    def name(self) -> str: ...
    @property
    def minimum(self) -> Decimal: ...
    @property
    def inclusive(self) -> bool: ...


# --- the proof bar -----------------------------------------------------------------------------


def width_of(part: Decimal, whole: Decimal) -> str:
    """A part of a whole as an SVG percentage, held between 0 and 100."""
    if whole <= 0:
        return "0%"
    share = min(max(part / whole, ZERO), Decimal(1)) * HUNDRED
    return f"{share.quantize(Decimal('0.01')).normalize():f}%"


def spoken(label: str, proven: Decimal, risk: Decimal, maximum: Decimal) -> str:
    """The bar in words, for those who hear it."""
    start = f"{label}: terbukti" if label else "Terbukti"
    return (
        f"{start} {wording.points(proven)}, diklaim tetapi belum terbukti {wording.points(risk)}, "
        f"dari {wording.points0(maximum)} poin"
    )


@register.simple_tag
def proof_bar(
    *,
    proven: Decimal | int | None,
    claimed: Decimal | int | None,
    maximum: Decimal | int,
    risk: Decimal | int | None = None,
    label: str = "",
    size: str = "m",
    bands: Iterable[BandStep] = (),
    of: Decimal | int | None = None,
    hidden: bool = False,
) -> SafeString:
    """Solid: proven. Hatched: claimed, not proven. Empty: not claimed.

    `risk` is the hatched part; without it, what `claimed` has beyond `proven`. `of` is the longest
    maximum among bars that stand below each other, so that their lengths compare. `hidden` leaves
    the bar out of the spoken page, where its figures stand beside it in the same row.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size of a proof bar: {size}")
    top, full = Decimal(maximum), Decimal(of or maximum)
    solid = Decimal(proven or 0)
    hatched = max(Decimal(claimed or 0) - solid, ZERO) if risk is None else Decimal(risk)
    said = (
        format_html('aria-hidden="{}"', "true")
        if hidden
        else format_html('role="img" aria-label="{}"', spoken(label, solid, hatched, top))
    )
    bar = format_html(
        '<svg class="proof proof-{}" {}><rect class="p-left" width="{}" height="100%"/>'
        '<rect width="{}" height="100%" fill="url(#arsir)"/>'
        '<rect class="p-proven" width="{}" height="100%"/></svg>',
        size,
        said,
        width_of(top, full),
        width_of(min(solid + hatched, top), full),
        width_of(solid, full),
    )
    if size != "total":
        return bar
    return format_html('<div class="proof-box">{}{}</div>', bar, stairs(solid, top, bands))


@register.simple_tag
def tally_bar(
    tally: Figures,
    *,
    label: str = "",
    size: str = "m",
    bands: Iterable[BandStep] = (),
    of: Decimal | int | None = None,
    hidden: bool = False,
) -> SafeString:
    """The proof bar of a tally, with its own idea of what is at risk."""
    return proof_bar(
        proven=tally.proven,
        claimed=tally.claimed,
        maximum=tally.maximum,
        risk=tally.at_risk,
        label=label,
        size=size,
        bands=bands,
        of=of,
        hidden=hidden,
    )


def stairs(proven: Decimal, maximum: Decimal, bands: Iterable[BandStep]) -> SafeString:
    """The bands under the total; on a narrow page every second one stands a step lower."""
    steps = sorted(bands, key=lambda band: band.minimum)
    reached = [
        step
        for step in steps
        if proven > step.minimum or (step.inclusive and proven == step.minimum)
    ]
    return format_html(
        '<svg class="stairs" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<svg x="{}" class="{}{}"><line y1="3" y2="9"/><line class="deep" y1="9" y2="40"/>'
            '<text y="23">{}</text><text y="38">{}</text></svg>',
            (
                (
                    width_of(step.minimum, maximum),
                    "low" if index % 2 else "high",
                    " here" if reached and step is reached[-1] else "",
                    wording.points0(step.minimum),
                    step.name,
                )
                for index, step in enumerate(steps)
                if step.minimum > 0
            ),
        ),
    )


@register.inclusion_tag("components/legend.html")
def legend() -> dict[str, Any]:
    """What solid, hatched and empty mean; once on a page with bars."""
    return {}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(rows: Sequence[Any], *, title: str, name: str = "Klaster") -> dict[str, Any]:
    """Bars below each other, and the same figures as a table to unfold.

    A row has `code`, `label`, the four figures of a tally, and may have `href`. The title says
    the finding.
    """
    longest = max((row.maximum for row in rows), default=ZERO)
    return {"rows": rows, "title": title, "name": name, "longest": longest}


@register.inclusion_tag("components/chart.html")
def chart(pair: Pair, *, level: int = 2) -> dict[str, Any]:
    """A chart (`reports.charts`) for a desk and a phone, under its question, with its figures as a
    table to unfold.
    """
    return {
        "chart": pair.wide,
        "wide": tags_of(pair.wide),
        "narrow": tags_of(pair.narrow),
        "level": level,
    }


# --- small parts -------------------------------------------------------------------------------


@register.simple_tag
def badge(text: str, *, tone: str = "neutral") -> SafeString:
    """A state in a word; the colour only helps."""
    if tone not in TONES:
        raise ValueError(f"unknown tone of a badge: {tone}")
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.simple_tag
def state_badge(state: str, *, since: str = "") -> SafeString:
    """The badge of a submission's state (`workflow.State`), with since when or whose turn it is."""
    text, tone = STATE_LABELS[State(state)], STATE_TONES[State(state)]
    return badge(f"{text} · {since}" if since else text, tone=tone)


@register.simple_tag
def verdict_badge(verdict: str, *, since: str = "") -> SafeString:
    """The badge of an answer's verdict (`workflow.Verdict`)."""
    text, tone = VERDICT_LABELS[Verdict(verdict)], VERDICT_TONES[Verdict(verdict)]
    return badge(f"{text} · {since}" if since else text, tone=tone)


@register.simple_tag
def figure(
    label: str, value: object, *, unit: str = "", tone: str = "", big: bool = False, href: str = ""
) -> SafeString:
    """One figure of a `<dl class="figures">`; a link where it has rows behind it."""
    kind = " ".join(word for word in ("big" if big else "", tone) if word)
    shown = format_html('<a href="{}">{}</a>', href, value) if href else format_html("{}", value)
    after = format_html(" <small>{}</small>", unit) if unit else ""
    return format_html('<div class="{}"><dt>{}</dt><dd>{}{}</dd></div>', kind, label, shown, after)


@register.inclusion_tag("components/progress.html")
def progress(*, done: int, total: int, label: str, unit: str = "terjawab") -> dict[str, Any]:
    """How much is filled in; it says nothing about what is proven."""
    return {"done": done, "total": total, "label": label, "unit": unit}


@register.inclusion_tag("components/saved.html")
def saved(
    *, at: datetime | None = None, state: str = "saved", text: str = "", live: bool = True
) -> dict[str, Any]:
    """Whether what was typed is kept (`saved`, `pending`, `failed`); `text` says it otherwise."""
    tones = {"saved": "ok" if at else "", "pending": "risk", "failed": "returned"}
    return {"at": at, "state": state, "text": text, "tone": tones[state], "live": live}


# --- parts with a body -------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: SafeString,
    *,
    title: str = "",
    id: str = "",  # noqa: A002
    edge: str = "",
    level: int = 2,
) -> str:
    """A frame around one thing; `edge` marks its left side as `ok`, `risk` or `returned`."""
    inner = {"content": content, "title": title, "id": id, "edge": edge, "level": level}
    return render_to_string("components/card.html", inner)


@register.simple_block_tag
def notice(content: SafeString, *, tone: str = "info", title: str = "") -> str:
    """Something to know before going on."""
    inner = {"content": content, "tone": tone, "title": title}
    return render_to_string("components/notice.html", inner)


@register.simple_block_tag
def empty_state(content: SafeString, *, title: str, level: int = 2) -> str:
    """Nothing here: why, and what to do."""
    inner = {"content": content, "title": title, "level": level}
    return render_to_string("components/empty_state.html", inner)


@register.simple_block_tag
def confirm(content: SafeString, *, button: str, tone: str = "", small: bool = False) -> str:
    """A button that first says what will happen; its body is the sentence and the form.

    It opens without JavaScript.
    """
    inner = {"content": content, "button": button, "tone": tone, "small": small}
    return render_to_string("components/confirm.html", inner)


class AttachedFile(Protocol):
    """What the row of an evidence says beside its name."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def thumb(self) -> bool: ...
    @property
    def number(self) -> int: ...
    @property
    def expired(self) -> str: ...
    @property
    def newer(self) -> int: ...
    @property
    def restricted(self) -> bool: ...


@register.simple_tag
def file_icon(file: AttachedFile) -> SafeString:
    """A small picture of a document, or its kind in letters where there is none."""
    if file.thumb:
        return format_html(
            '<img class="file-thumb" src="/data-dukung/{}/gambar/?kecil" alt="" loading="lazy">',
            file.pk,
        )
    return format_html('<span class="file-kind" aria-hidden="true">{}</span>', file.kind)


@register.filter
def opens_for(evidence: Evidence, user: User) -> bool:
    """Whether its name may be told to this user."""
    return evidence.opens_for(user)


@register.simple_tag
def file_marks(file: AttachedFile) -> str:
    """Which version it is, whether the year needs a newer document, whether there is a later
    version that is not used here; nothing for most.
    """
    marks = []
    if file.restricted:
        marks.append(badge("terbatas", tone="risk"))
    if file.number > 1:
        marks.append(badge(f"versi {file.number}"))
    if file.expired:
        marks.append(badge(f"kedaluwarsa, berlaku sampai {file.expired}", tone="returned"))
    if file.newer:
        marks.append(badge("ada versi lebih baru", tone="risk"))
    if not marks:
        return ""
    return format_html(
        '<span class="marks">{}</span>', format_html_join(" ", "{}", ((each,) for each in marks))
    )


@register.simple_tag
def file_more(file: AttachedFile) -> SafeString:
    """The way to what a file is and where it is used, and its marks."""
    if not file.about:
        return format_html("{}", file_marks(file))
    return format_html(
        '<span class="small"><a href="{}">rincian<span class="unseen"> {}</span></a></span>{}',
        file.about,
        file.name,
        file_marks(file),
    )


@register.simple_block_tag
def file_chip(
    content: SafeString,
    *,
    name: str,
    kind: str,
    size: int | None = None,
    href: str = "",
    note: str = "",
) -> str:
    """A document: its kind in letters, name and size; the body holds what can be done with it."""
    inner = {
        "content": content,
        "name": name,
        "kind": kind,
        "size": size,
        "href": href,
        "note": note,
    }
    return render_to_string("components/file_chip.html", inner)


@register.simple_block_tag
def foot_bar(content: SafeString) -> str:
    """The foot that never goes away: what is saved and missing, and the one button."""
    return render_to_string("components/foot_bar.html", {"content": content})


# --- forms -------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, optional: bool = False) -> dict[str, Any]:
    """A field of a Django form; label, help and errors are tied together for a screen reader."""
    return {"field": bound, "optional": optional}


@register.simple_tag
def level_choices(options: Iterable[Any]) -> SafeString:
    """Levels as radio buttons within a fieldset of the page's own; drawn here as a long form has
    hundreds. An option is as in `levels`, and says itself whether it is `chosen`.
    """
    return format_html_join(
        "\n",
        '<label><input type="radio" name="tingkat" value="{}"{}><span>{}</span>'
        '<span class="pts">{}</span></label>',
        (
            (each.value, " checked" if each.chosen else "", each.label, each.points)
            for each in options
        ),
    )


@register.inclusion_tag("components/levels.html")
def levels(
    options: Sequence[Any],
    *,
    name: str,
    legend: str,
    chosen: object = None,
    disabled: bool = False,
    keys: bool = False,
    hide_legend: bool = False,
    id: str = "",  # noqa: A002
) -> dict[str, Any]:
    """Levels as radio buttons with their points.

    An option has `value`, `label` and `points` (already a text). `keys` shows the number on the
    keyboard that picks it; listening to it is the page's own script.
    """
    return {
        "options": options,
        "name": name,
        "legend": legend,
        "chosen": "" if chosen is None else str(chosen),
        "disabled": disabled,
        "keys": keys,
        "hide_legend": hide_legend,
        "id": id or name,
    }


# --- ways through the product ------------------------------------------------------------------


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
