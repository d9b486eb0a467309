"""The presenter view: one slide an address, made from what the meeting shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from indicators.wording import local
from meetings.actions.showing import shown_of
from meetings.models import Meeting
from meetings.views.calling import decision_form, shown_meeting
from reports.charts import HALL, BarRow, clusters_chart, stairs_chart, tags_of
from reports.links import Links
from reports.plan import Plan, plan_of
from reports.shown import (
    Past,
    Shown,
    ShownLine,
    finished,
    past_of,
    past_shown,
)

LINES = 4  # of each column of the official table, so that the last row of a hall can read them
OFFICES = 9
BESIDE = 2  # decisions below their rows; all of them stand on the last slide
RISKS = 6
FOLLOWED = 6
HEADS = ("Telah dilaksanakan", "Belum", "Penanggung jawab", "Data yang dibutuhkan")
ABOUT = ("soal", "indikator", "kantor")


@dataclass(frozen=True, slots=True)
class Slide:
    """One thought: what kind it is, its title, and what it shows. `indicator` is what a decision
    that is written here is about; `field` and `keys` say whose decisions belong here.
    """

    kind: str
    title: str
    shown: dict[str, Any] = field(default_factory=dict)
    indicator: str = ""
    field: str = ""
    keys: tuple[str, ...] = ()


def slides_of(meeting: Meeting, shown: Shown, links: Links, *, today: date) -> list[Slide]:
    """Every slide in the order of a meeting, all but drawn. No query."""
    slides = [
        Slide("cover", meeting.title),
        Slide("total", "Capaian tahun ini"),
        Slide("clusters", "Per klaster"),
        _risky(shown, links),
    ]
    for cluster in shown.shown_clusters:
        slides += _cluster(cluster, shown, links)
    slides += _offices(shown, links)
    slides += _followed(shown, today)
    slides.append(Slide("decisions", "Keputusan rakor ini"))
    return slides


def _drawn(slide: Slide, shown: Shown, past: Past) -> dict[str, Any]:
    """What the slide that is looked at needs beside its rows."""
    if slide.kind == "total":
        return {"drawn": tags_of(stairs_chart(shown.total, shown.bands, canvas=HALL))}
    rows = [BarRow(f"{x.code} {x.label}", x, past.clusters.get(x.code)) for x in shown.clusters]
    chart = clusters_chart(rows, canvas=HALL, before=past.year)
    return {"drawn": tags_of(chart), "finding": chart.finding, "award": past.award}


def _risky(shown: Shown, links: Links) -> Slide:
    found = shown.risks(RISKS)
    rows = [(row, _way(links, row.indicator, row.line.code)) for row in found]
    keys = tuple(row.line.code for row in found)
    return Slide("risks", "Poin yang paling berisiko", {"rows": rows}, field="question", keys=keys)


def _way(links: Links, indicator: str, question: str = "") -> str:
    """Straight to the answers and their evidence."""
    page = links.to("indicator_report", indicator)
    return f"{page}#p-{question}" if question else page


def _cluster(cluster: ShownLine, shown: Shown, links: Links) -> list[Slide]:
    """A cluster in one look, then each of its indicators in the columns of the official table: a
    line less of each where decisions stand below.
    """
    rows = [(each, _way(links, each.code)) for each in shown.of_cluster(cluster.code)]
    decided = {each.indicator for each in shown.decisions}
    if not rows:  # a record of the time when only figures were kept
        return []
    title = f"Klaster {cluster.code}: {cluster.label}"
    codes = tuple(each.code for each, _ in rows)
    made = [Slide("cluster", title, {"line": cluster, "rows": rows}, field="indicator", keys=codes)]
    for each, href in rows:
        columns = (each.done, each.undone, each.offices, each.needed)
        lines = LINES - (each.code in decided)
        made.append(
            Slide(
                "indicator",
                f"{each.code}. {each.label}",
                {
                    "line": each.line,
                    "href": href,
                    "columns": [
                        (head, said[:lines], max(len(said) - lines, 0))
                        for head, said in zip(HEADS, columns, strict=True)
                    ],
                },
                indicator=each.code,
                field="indicator",
                keys=(each.code,),
            )
        )
    return made


def _offices(shown: Shown, links: Links) -> list[Slide]:
    """Those with most at stake first, so many as can be read at once."""
    found = shown.holders
    parts = [found[at : at + OFFICES] for at in range(0, len(found), OFFICES)]
    return [
        Slide(
            "offices",
            f"Perangkat daerah menurut poin dipertaruhkan ({place} dari {len(parts)})",
            {"rows": [(each, links.questions(perangkat=each.code)) for each in part]},
            field="office",
            keys=tuple(each.code for each in part),
        )
        for place, part in enumerate(parts, 1)
    ]


def _followed(shown: Shown, today: date) -> list[Slide]:
    """What the meetings before decided, and what became of it: the unfinished first."""
    found = shown.followups
    parts = [found[at : at + FOLLOWED] for at in range(0, len(found), FOLLOWED)]
    title = f"Tindak lanjut rakor lalu: {finished(found)}"
    return [Slide("followups", title, {"rows": part, "today": today}) for part in parts]


def _about(request: Request) -> dict[str, str]:
    """The row beside which a decision is written, as its link says; the form checks it."""
    return {name: request.GET[name][:64] for name in ABOUT if request.GET.get(name)}


@require_GET
def present(request: Request, pk: int) -> HttpResponse:
    """The slide that `?slide=` names, with the ways to the others. Closed, from the record."""
    meeting, now = shown_meeting(request, pk), timezone.now()
    shown, kept = shown_of(meeting, user=request.user, now=now)
    today = local(kept.at if kept else now).date()
    slides = slides_of(meeting, shown, Links.of(meeting.assessment, request.user), today=today)
    asked = request.GET.get("slide", "1")
    at = min(max(int(asked), 1), len(slides)) if asked.isdecimal() and len(asked) < 5 else 1
    slide = slides[at - 1]
    if slide.kind in {"total", "clusters"}:
        past = shown.past
        if kept is None and slide.kind == "clusters":
            past = past_of(past_shown(meeting.assessment, request.user))
        slide.shown.update(_drawn(slide, shown, past))
    may_hold = request.user.has_perm("meetings.hold_meeting", meeting)
    about = _about(request)
    form = _form(meeting, slide, about) if may_hold and meeting.is_called else None
    decisions = [
        each
        for each in shown.decisions
        if slide.kind == "decisions" or (slide.field and getattr(each, slide.field) in slide.keys)
    ]
    beside = decisions if slide.kind == "decisions" else decisions[-BESIDE:]
    context = {
        "meeting": meeting,
        "record": kept,
        "slide": slide,
        "at": at,
        "count": len(slides),
        "before": at - 1,
        "after": at + 1 if at < len(slides) else 0,
        "index": list(enumerate((each.title for each in slides), 1)),
        "total": shown.total,
        "band": shown.band,
        "next": shown.next,
        "decisions": beside,
        "earlier": len(decisions) - len(beside),
        "form": form,
        "opened": bool(about),
        "is_example": meeting.assessment.is_example,
    }
    return render(request, "meetings/present.html", context)


def _form(meeting: Meeting, slide: Slide, about: dict[str, str]) -> Any:
    """A decision about the row that was chosen, else about what the slide is about; the indicators
    come without a query.
    """
    form = decision_form(meeting)
    plan: Plan = plan_of(meeting.assessment.instrument)
    numbers = {each.code: each.pk for each in plan.indicators}
    form.initial["indikator"] = numbers.get(about.get("indikator", slide.indicator))
    form.initial["soal"] = about.get("soal", "")
    if "kantor" in about:
        offices: Any = form.fields["kantor"]
        form.initial["kantor"] = offices.queryset.filter(code=about["kantor"]).first()
    choices = [(each.pk, f"{each.code} {each.name}") for each in plan.indicators]
    form.fields["indikator"].widget.choices = [("", "(tidak tentang satu indikator)"), *choices]
    return form
