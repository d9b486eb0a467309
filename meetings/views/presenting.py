"""The presenter view: one slide an address, made from the figures of every other page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from indicators.wording import local
from meetings.models import FollowUp, Meeting
from meetings.views.calling import decision_form, shown_meeting
from reports.charts import HALL, BarRow, clusters_chart, stairs_chart, tags_of
from reports.ledger import Ledger, ledger_of
from reports.links import Links
from reports.plan import PlanCluster
from reports.progress import Row, offices_of, rows_of
from reports.rakor import RakorRow, table_of
from reports.scores import Line, Score
from reports.years import years_of

LINES = 4  # of each column of the official table, so that the last row of a hall can read them
OFFICES = 10
RISKS = 6
FOLLOWED = 6


@dataclass(frozen=True, slots=True)
class Slide:
    """One thought: what kind it is, its title, and what it shows. `indicator` is what a decision
    that is written here is about.
    """

    kind: str
    title: str
    shown: dict[str, Any] = field(default_factory=dict)
    indicator: int | None = None


def slides_of(meeting: Meeting, request: Request) -> list[Slide]:
    """Every slide in the order of a meeting. The same queries for any number of answers."""
    assessment, now = meeting.assessment, timezone.now()
    today = local(now).date()
    ledger = ledger_of(assessment, request.user)
    table = table_of(assessment, ledger, today=today, now=now)
    figures = table.score
    chosen = {each.code for each in meeting.clusters.all()}
    clusters = [each for each in ledger.plan.clusters if not chosen or each.code in chosen]
    rows = rows_of(ledger, figures, today=today, now=now)
    links = Links.of(assessment, request.user)
    slides = [
        Slide("cover", meeting.title),
        Slide("total", "Capaian tahun ini", {"score": figures, "drawn": _stairs(figures)}),
        Slide("clusters", "Per klaster", _clusters(meeting, figures, request)),
        Slide("risks", "Poin yang paling berisiko", {"rows": _risks(rows, links)}),
    ]
    of_code = {row.indicator.code: row for row in table.rows}
    lines = {line.code: line for line in figures.clusters}
    for cluster in clusters:
        slides += _cluster(cluster, lines[cluster.code], of_code, links)
    slides += _offices(ledger, links)
    slides += _followed(meeting, today)
    slides.append(Slide("decisions", "Keputusan rakor ini"))
    return slides


def _stairs(figures: Score) -> Any:
    return tags_of(stairs_chart(figures.total, figures.bands, canvas=HALL))


def _clusters(meeting: Meeting, figures: Score, request: Request) -> dict[str, Any]:
    """The clusters, with a mark for the year before where it was assessed here."""
    year = meeting.assessment.year
    years = [each for each in years_of(meeting.assessment, request.user) if each.year < year]
    past = next((each for each in reversed(years) if each.score), None)
    award = next((each.award for each in reversed(years) if each.award), None)
    earlier = (
        {line.code: line.proven for line in past.score.clusters} if past and past.score else {}
    )
    rows = [BarRow(f"{x.code} {x.label}", x, earlier.get(x.code)) for x in figures.clusters]
    chart = clusters_chart(rows, canvas=HALL, before=past.year if past else None)
    return {"drawn": tags_of(chart), "finding": chart.finding, "award": award}


def _risks(rows: Sequence[Row], links: Links) -> list[tuple[Row, str]]:
    found = sorted((row for row in rows if row.line.at_risk), key=lambda row: -row.line.at_risk)
    return [(row, _way(links, row.question.indicator, row.question.code)) for row in found[:RISKS]]


def _way(links: Links, indicator: str, question: str = "") -> str:
    """Straight to the answers and their evidence."""
    page = links.to("indicator_report", indicator)
    return f"{page}#p-{question}" if question else page


def _cluster(
    cluster: PlanCluster, line: Line, rows: dict[str, RakorRow], links: Links
) -> list[Slide]:
    """A cluster in one look, then each of its indicators in the columns of the official table."""
    title = f"Klaster {cluster.code}: {cluster.name}"
    mine = [rows[each.code] for each in cluster.indicators if each.code in rows]
    made = [
        Slide(
            "cluster",
            title,
            {"line": line, "rows": [(each, _way(links, each.indicator.code)) for each in mine]},
        )
    ]
    for each in mine:
        columns = (each.done, each.undone, each.offices, each.needed)
        heads = ("Telah dilaksanakan", "Belum", "Penanggung jawab", "Data yang dibutuhkan")
        made.append(
            Slide(
                "indicator",
                f"{each.indicator.code}. {each.indicator.name}",
                {
                    "line": each.line,
                    "href": _way(links, each.indicator.code),
                    "columns": [
                        (head, said[:LINES], max(len(said) - LINES, 0))
                        for head, said in zip(heads, columns, strict=True)
                    ],
                },
                indicator=each.indicator.pk,
            )
        )
    return made


def _offices(ledger: Ledger, links: Links) -> list[Slide]:
    """Those with most at stake first, so many as can be read at once."""
    found = sorted(
        (each for each in offices_of(ledger, timezone.localdate()) if each.maximum),
        key=lambda each: (-each.stake, each.name),
    )
    parts = [found[at : at + OFFICES] for at in range(0, len(found), OFFICES)]
    return [
        Slide(
            "offices",
            f"Perangkat daerah menurut poin dipertaruhkan ({place} dari {len(parts)})",
            {"rows": [(each, links.questions(perangkat=each.code)) for each in part]},
        )
        for place, part in enumerate(parts, 1)
    ]


def _followed(meeting: Meeting, today: Any) -> list[Slide]:
    """What the meetings before decided, and what became of it: the unfinished first."""
    before = FollowUp.objects.filter(
        meeting__region=meeting.region_id, meeting__starts_at__lt=meeting.starts_at
    ).select_related("agency", "meeting")
    found = sorted(before, key=lambda each: (not each.is_pending, each.due_on, each.pk))
    done = sum(not each.is_pending for each in found)
    parts = [found[at : at + FOLLOWED] for at in range(0, len(found), FOLLOWED)]
    title = f"Tindak lanjut rakor lalu: {done} dari {len(found)} selesai"
    return [Slide("followups", title, {"rows": part, "today": today}) for part in parts]


@require_GET
def present(request: Request, pk: int) -> HttpResponse:
    """The slide that `?slide=` names, with the ways to the others."""
    meeting = shown_meeting(request, pk)
    slides = slides_of(meeting, request)
    asked = request.GET.get("slide", "1")
    at = min(max(int(asked), 1), len(slides)) if asked.isdecimal() and len(asked) < 5 else 1
    slide = slides[at - 1]
    may_hold = request.user.has_perm("meetings.hold_meeting", meeting)
    decisions = meeting.followups.select_related("agency").order_by("number")
    if slide.indicator is not None:
        decisions = decisions.filter(indicator=slide.indicator)
    form = decision_form(meeting) if may_hold and meeting.is_called else None
    if form is not None:
        form.initial["indikator"] = slide.indicator
    context = {
        "meeting": meeting,
        "slide": slide,
        "at": at,
        "count": len(slides),
        "before": at - 1,
        "after": at + 1 if at < len(slides) else 0,
        "index": list(enumerate((each.title for each in slides), 1)),
        "total": slides[1].shown["score"],
        "decisions": list(decisions),
        "form": form,
        "is_example": meeting.assessment.is_example,
    }
    return render(request, "meetings/present.html", context)
