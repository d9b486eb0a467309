"""The pack on paper: what a meeting shows, as the texts and drawings that `pack.typ` sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from indicators.scoring import ZERO
from indicators.wording import NOTHING, jam, local, points, points0, tanggal, waktu
from reports.charts import (
    PAPER,
    BarRow,
    Chart,
    burn_up_chart,
    clusters_chart,
    heat_chart,
    offices_chart,
    stairs_chart,
    to_svg,
    years_chart,
)
from reports.charts.bars import Figures
from reports.charts.heat import gathered as gathered_cells
from reports.shown.reading import Shown, ShownDecision, ShownIndicator

GAPS, OFFICES = 18, 10
AREAS = re.compile(r"[0-9]+ ([a-z]+)")  # how a question says that many areas owe it
Plain = dict[str, Any]
Pair = tuple[str, str]  # a code or codes, and what is said of them
# How many lines a row of the official table may have, and about how many letters a line of each
# of its lists.
ROW_LINES, LETTERS = 15, (43, 46, 17, 26)


def charts_of(shown: Shown, *, at: datetime) -> list[Chart]:
    """Those that the papers draw, in the order in which one would ask; what a record does not hold
    is not drawn.
    """
    drawn: list[Chart] = []
    if shown.bands:
        drawn.append(stairs_chart(shown.total, shown.bands, canvas=PAPER))
    if shown.pace is not None:
        drawn.append(
            burn_up_chart(
                shown.pace,
                today=local(at).date(),
                bands=shown.bands,
                maximum=shown.total.maximum,
                before=shown.pace_before,
                canvas=PAPER,
            )
        )
    before = shown.past.clusters
    rows = [BarRow(f"{x.code} {x.label}", x, before.get(x.code)) for x in shown.clusters]
    drawn.append(clusters_chart(rows, canvas=PAPER, before=shown.past.year if before else None))
    risky = sorted(shown.holders, key=lambda each: (-each.at_risk, -each.maximum, each.name))
    if risky:
        drawn.append(
            offices_chart([BarRow(each.name, each) for each in risky], canvas=PAPER, shown=10)
        )
    if shown.questions:
        drawn.append(_heat(shown))
    if sum(bool(year.bars) for year in shown.years) > 1:
        drawn.append(
            years_chart(shown.years, shown.bands, maximum=shown.total.maximum, canvas=PAPER)
        )
    return drawn


def _heat(shown: Shown) -> Chart:
    """Who answers for what, as the questions of a record tell it: each at its lead, and all that
    every kelurahan answers in one row.
    """
    areas = {
        each.indicator: f"Semua {found[1]}"
        for each in shown.questions
        if (found := AREAS.fullmatch(each.who))
    }
    named = [(areas.get(each.indicator, each.who), each) for each in shown.questions]
    cells = gathered_cells(((who, each.indicator), each.line) for who, each in named)
    sums = gathered_cells(((who, ""), each.line) for who, each in named)
    rows = sorted(sums.items(), key=lambda x: (-x[1].at_risk, -x[1].maximum, x[0]))
    columns = {each.code: each.cluster for each in shown.indicators}
    return heat_chart([who for (who, _), _ in rows], columns, cells, canvas=PAPER)


def standing_of(shown: Shown, *, at: datetime, final: bool) -> str:
    """Whether the figures may still move, in a sentence."""
    if final:
        return f"Angka dan keputusan seperti saat rakor ditutup, {waktu(at)}; tidak berubah lagi."
    return (
        f"Angka sebagaimana adanya {waktu(at)}. Rakor belum ditutup: angka masih dapat berubah, "
        "dan berkas yang sah dibuat setelah rakor ditutup."
    )


def pack_paper(
    shown: Shown, *, at: datetime, made: datetime, final: bool, secretariat: str, chair: str
) -> Plain:
    """`at`: the moment of the figures; `made`: that of the paper."""
    facts = shown.facts
    names = {each.code: each.label for each in shown.clusters}
    return {
        "kind": f"Bahan rakor {facts['year']}" if not final else f"Berkas rakor {facts['year']}",
        "final": final,
        "stand": standing_of(shown, at=at, final=final),
        "made": waktu(made),
        **{key: facts[key] for key in ("title", "region", "when", "place", "agenda")},
        **{key: facts[key] for key in ("year", "data_year", "example", "instrument")},
        "chosen": [f"Klaster {code}: {names.get(code, '')}" for code in shown.chosen],
        "total": {**bar(shown.total), "label": "Seluruh penilaian"},
        "band": shown.band or "belum ada",
        "next": _next(shown),
        "findings": findings_of(shown),
        "charts": [
            {"question": x.question, "finding": x.finding, "desc": x.desc, "svg": to_svg(x)}
            for x in charts_of(shown, at=at)
        ],
        "past": str(shown.past.year or "") if shown.past.clusters else "",
        "estimated": "Sebagian poin bersifat perkiraan: pembagian resmi tingkatnya belum terbuka."
        if any(each.is_estimate for each in shown.clusters)
        else "",
        "clusters": _clusters(shown),
        "offices": [
            {**bar(each), "name": each.name, "answered": f"{each.answered} / {each.asked}"}
            for each in shown.holders
        ],
        "table": _table(shown),
        "gaps": _gaps(shown),
        "followups": [_decision(each, earlier=True) for each in shown.followups],
        "decisions": [_decision(each, earlier=False) for each in shown.decisions],
        **_people(shown),
        "notes": [each.strip() for each in facts.get("notes", "").splitlines() if each.strip()],
        "signing": "Berkas ini dibaca dan disahkan sebagai hasil rapat koordinasi."
        if final
        else "Disahkan setelah rakor ditutup; lembar sementara ini tidak untuk ditandatangani.",
        "signers": [
            {"role": "Ketua Gugus Tugas KLA,", "office": chair or NOTHING},
            {"role": "Sekretariat Gugus Tugas KLA,", "office": secretariat or NOTHING},
        ],
    }


def _clusters(shown: Shown) -> list[Plain]:
    return [
        {
            **bar(each),
            "code": each.code,
            "label": each.label,
            "before": points(shown.past.clusters.get(each.code)),
        }
        for each in shown.clusters
    ]


def _gaps(shown: Shown) -> list[Plain]:
    return [
        {
            "code": each.line.code,
            "text": each.line.label,
            "who": each.who,
            "state": each.state,
            "open": points(each.open),
            "maximum": points0(each.line.maximum),
        }
        for each in shown.gaps(GAPS)
    ]


def _people(shown: Shown) -> Plain:
    """Who was asked to come, who came and how, and who did not."""
    come = {each["agency"] for each in shown.attendance}
    invited = [each["agency"] for each in shown.invited]
    return {
        "attendance": [
            {
                "agency": each["agency"],
                "person": each["person"],
                "how": ", ".join(filter(None, (how_of(each), _moment(each.get("at"))))),
            }
            for each in shown.attendance
        ],
        "missing": [each for each in invited if each not in come],
        "invited": invited,
    }


def bar(figures: Figures) -> Plain:
    """Figures as texts, and how much of the bar is solid and hatched."""
    whole = figures.maximum or Decimal(1)
    solid = min(figures.proven / whole, Decimal(1))
    return {
        "proven": points(figures.proven),
        "claimed": points(figures.claimed),
        "risk": points(figures.at_risk),
        "maximum": points0(figures.maximum),
        "solid": float(max(solid, ZERO)),
        "hatched": float(min(figures.at_risk / whole, 1 - solid)),
    }


def _next(shown: Shown) -> str:
    ahead = shown.next
    return f"{points(ahead['missing'])} poin lagi menuju {ahead['name']}" if ahead else ""


def findings_of(shown: Shown) -> list[str]:
    """What one should have read when one reads nothing else."""
    said = []
    if shown.next:
        said.append(f"{_next(shown)}.")
    worst = max(shown.clusters, key=lambda each: each.at_risk, default=None)
    if worst is not None and worst.at_risk:
        said.append(
            f"Klaster {worst.code} ({worst.label}) menyimpan poin berisiko terbanyak: "
            f"{points(worst.at_risk)}."
        )
    if shown.holders:
        first = shown.holders[0]
        said.append(
            f"{first.name} memegang paling banyak poin yang belum terbukti: {points(first.stake)}."
        )
    late = [each for each in shown.followups if each.pending]
    if shown.followups:
        said.append(
            f"{len(late)} dari {len(shown.followups)} tindak lanjut rakor sebelumnya belum selesai."
        )
    return said


def _table(shown: Shown) -> list[Plain]:
    """The official table, a part for each cluster."""
    return [
        {
            "code": cluster.code,
            "label": cluster.label,
            "rows": [row for each in rows for row in _rows(each)],
        }
        for cluster in shown.clusters
        if (rows := shown.of_cluster(cluster.code))
    ]


def _rows(each: ShownIndicator) -> Iterator[Plain]:
    """An indicator as rows that a page can hold whole: what goes on says so, with its name."""
    lists = (
        [_parted(said) for said in each.done],
        [_parted(said) for said in each.undone],
        [("", said) for said in each.offices],
        gathered(each.needed),
    )
    parts = [_parts(said, letters) for said, letters in zip(lists, LETTERS, strict=True)]
    for at, cells in enumerate(zip_longest(*parts, fillvalue=[])):
        yield {
            **bar(each.line),
            "number": each.number,
            "value": f"{points(each.line.proven)} / {points0(each.line.maximum)}",
            "name": f"{each.code} {each.label}",
            "goes_on": at > 0,
            **dict(zip(("done", "undone", "offices", "needed"), cells, strict=True)),
        }


def _parts(said: Sequence[Pair], letters: int) -> list[list[Pair]]:
    """A list in pieces of so many lines as a row may have, at `letters` a line."""
    parts: list[list[Pair]] = [[]]
    room = ROW_LINES
    for code, rest in said:
        lines = -(-(len(code) + 1 + len(rest)) // letters)
        if lines > room and parts[-1]:
            parts.append([])
            room = ROW_LINES
        parts[-1].append((code, rest))
        room -= lines
    return parts


def _parted(said: str) -> tuple[str, str]:
    """A question's code, and the rest."""
    code, _, rest = said.partition(" ")
    return code, rest


def gathered(said: Sequence[str]) -> list[tuple[str, str]]:
    """The same document is named once, with all the questions that ask for it."""
    codes: dict[str, list[str]] = {}
    for code, rest in map(_parted, said):
        codes.setdefault(rest, []).append(code)
    return [(", ".join(each), rest) for rest, each in codes.items()]


def _decision(each: ShownDecision, *, earlier: bool) -> Plain:
    about = [f"Indikator {each.indicator}"] if each.indicator else []
    if earlier:
        about.append(each.meeting)
    return {
        "number": str(each.number),
        "text": each.text,
        "about": " · ".join(filter(None, about)),
        "who": ", ".join(filter(None, (each.agency, each.person))),
        "due": tanggal(each.due_on),
        "standing": each.standing,
    }


HOW = {"kode": "dengan kode", "dicatat": "dicatat sekretariat"}


def how_of(attendance: Plain) -> str:
    """How it is known that somebody was there, in words."""
    said = str(attendance.get("how", ""))
    return HOW.get(said, said)


def _moment(value: str | datetime | None) -> str:
    """When somebody came on the day, of a record or not."""
    if not value:
        return ""
    return f"pukul {jam(value if isinstance(value, datetime) else datetime.fromisoformat(value))}"
