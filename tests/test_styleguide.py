"""The style guide shows every component in every state, and the parts keep their promises."""

import gzip
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from agencies.models import Agency, Region, User
from agencies.roles import Role
from indicators.scoring import BandEdge, Tally
from kla_tracker import samples
from kla_tracker.components import bars, ways
from kla_tracker.static import lean
from submissions.workflow import STATE_LABELS, VERDICT_LABELS

ROOT = Path(__file__).parent.parent
PARTS = sorted((ROOT / "templates/components").glob("*.html"))
ERRORS = ["400", "403", "403_csrf", "404", "500", "503", "507"]


def someone(role: Role = Role.VERIFIKATOR) -> User:
    user = User(pk=7, username="seseorang", role=role)
    user.region = Region(code="32.77", name="Kota Cimahi")
    user.agency = Agency(name="Dinas Contoh")
    return user


def page(user=None) -> str:
    request = RequestFactory().get("/gaya/")
    request.user = user or someone()
    return render_to_string("styleguide.html", samples.context(), request=request)


def draw(text: str, **context: object) -> str:
    return Template(text).render(Context(context)).strip()


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.stem)
def test_every_component_is_drawn_on_the_style_guide(part, monkeypatch):
    from django.template.base import Template as Base  # noqa: PLC0415

    drawn = []
    original = Base._render

    def remember(self, context):
        drawn.append(Path(str(self.origin.name)).name)
        return original(self, context)

    monkeypatch.setattr(Base, "_render", remember)
    page()
    assert part.name in drawn


@pytest.mark.parametrize("word", [*STATE_LABELS.values(), *VERDICT_LABELS.values()])
def test_every_state_and_verdict_has_its_badge_there(word):
    assert re.search(rf'<span class="badge \w+">{word}</span>', page())


@pytest.mark.parametrize("name", [f"{error}.html" for error in ERRORS])
def test_an_error_page_needs_no_context(name):
    html = get_template(name).render()
    assert html.count("<h1>") == 1
    assert "galat" in html.lower()


def test_no_page_frame_carries_inline_script_style_or_handlers():
    for html in (page(), get_template("500.html").render()):
        tags = Tags(html).seen
        assert [attrs for _, attrs in tags if "style" in attrs] == []
        assert [name for _, attrs in tags for name in attrs if name.startswith("on")] == []
        assert [tag for tag, _ in tags if tag == "style"] == []
        assert [attrs for tag, attrs in tags if tag == "script" and not attrs.get("src")] == []


def test_no_identifier_is_used_twice():
    names = [attrs["id"] for _, attrs in Tags(page()).seen if "id" in attrs]
    assert sorted(names) == sorted(set(names))


def test_htmx_runs_nothing_it_is_sent_and_swaps_conflicts_and_form_errors():
    config = next(
        json.loads(attrs["content"])
        for tag, attrs in Tags(page()).seen
        if tag == "meta" and attrs.get("name") == "htmx-config"
    )
    safe = {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
    }
    assert {name: config[name] for name in safe} == safe

    def swapped(status: str) -> bool:
        rule = next(each for each in config["responseHandling"] if re.search(each["code"], status))
        return rule["swap"]

    answers = ["200", "204", "302", "401", "403", "404", "409", "413", "422", "429", "500", "503"]
    assert [status for status in answers if swapped(status)] == ["200", "302", "409", "422"]


def test_style_sheets_stay_within_their_budget():
    found = sorted((ROOT / "static/css").rglob("*.css"))
    sheets = b"".join(lean(sheet.read_bytes()) for sheet in found)
    assert len(gzip.compress(sheets)) <= 15 * 1024


def test_style_sheets_are_served_whole_and_without_our_comments(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "kla_tracker.static.StaticFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    for source in (ROOT / "static/css").rglob("*.css"):
        name = source.relative_to(ROOT / "static").as_posix()
        served = (tmp_path / staticfiles_storage.stored_name(name)).read_bytes()
        assert served.count(b"{") == lean(source.read_bytes()).count(b"{") > 0, name
        assert b"/*" not in served, name


@pytest.mark.parametrize("role", list(Role))
def test_the_top_bar_has_the_places_of_the_role_and_keeps_what_is_not_daily_aside(role):
    daily, aside = {
        Role.OPERATOR: (
            "Isian, Penilaian, Daftar induk, Data dukung, Rakor, Tindak lanjut",
            "Kemitraan, Pengingat, Instrumen, Ekspor, Riwayat",
        ),
        Role.VERIFIKATOR: (
            "Isian, Verifikasi, Penilaian, Rakor, Tindak lanjut",
            "Daftar induk, Kemitraan, Data dukung, Pengingat, Instrumen, "
            "Perangkat daerah, Ekspor, Riwayat, Persiapan",
        ),
        Role.PIMPINAN: (
            "Penilaian, Rakor, Tindak lanjut, Perangkat daerah, Ekspor",
            "Daftar induk, Kemitraan, Data dukung, Pengingat, Instrumen, Riwayat",
        ),
        Role.ADMINISTRATOR: (
            "Penilaian, Instrumen, Perangkat daerah, Admin",
            "Rakor, Tindak lanjut, Pengingat, Ekspor, Riwayat, Persiapan, Status server",
        ),
    }[role]
    entries = ways.nav(someone(role))
    assert ", ".join(entry.label for entry in entries if not entry.aside) == daily
    assert ", ".join(entry.label for entry in entries if entry.aside) == aside


def test_the_top_bar_marks_where_we_are():
    marked = [e.label for e in ways.nav(someone(), "/penilaian/2024/matriks/") if e.current]
    assert marked == ["Penilaian"]


def test_a_stranger_gets_no_places():
    assert ways.nav(AnonymousUser()) == []


def test_the_top_bar_says_region_and_office_or_role():
    assert ways.who(someone(Role.OPERATOR)) == "Kota Cimahi · Dinas Contoh"
    assert ways.who(someone(Role.PIMPINAN)) == "Kota Cimahi · Pimpinan Dinas Contoh"


# --- the proof bar -----------------------------------------------------------------------------


def parts_of(html: str) -> list[str]:
    """The widths of what can be had, of claimed and of proven, as they lie upon each other."""
    return [attrs["width"] for tag, attrs in Tags(html).seen if tag == "rect"]


@pytest.mark.parametrize(
    ("figures", "widths"),
    [
        ({"proven": 0, "claimed": 0, "maximum": 15}, ["100%", "0%", "0%"]),
        ({"proven": 3, "claimed": 9, "maximum": 12}, ["100%", "75%", "25%"]),
        ({"proven": 15, "claimed": 15, "maximum": 15}, ["100%", "100%", "100%"]),
        ({"proven": 9, "claimed": 3, "maximum": 12}, ["100%", "75%", "75%"]),
        ({"proven": 3, "claimed": 9, "maximum": 12, "risk": 3}, ["100%", "50%", "25%"]),
        ({"proven": 3, "claimed": 9, "maximum": 12, "of": 24}, ["50%", "37.5%", "12.5%"]),
        ({"proven": 1, "claimed": 1, "maximum": 3}, ["100%", "33.33%", "33.33%"]),
        ({"proven": 20, "claimed": 20, "maximum": 15}, ["100%", "100%", "100%"]),
        ({"proven": None, "claimed": None, "maximum": 15}, ["100%", "0%", "0%"]),
        ({"proven": 0, "claimed": 0, "maximum": 0}, ["0%", "0%", "0%"]),
    ],
)
def test_the_bar_is_as_long_as_its_figures(figures, widths):
    assert parts_of(bars.proof_bar(**figures)) == widths


def test_the_bar_can_be_heard():
    said = bars.proof_bar(proven=Decimal("8"), claimed=11, maximum=15, label="Indikator 4")
    label = "Indikator 4: terbukti 8,00, diklaim tetapi belum terbukti 3,00, dari 15 poin"
    svg = Tags(said).seen[0][1]
    assert (svg["role"], svg["aria-label"]) == ("img", label)


def test_a_bar_beside_its_figures_is_not_heard_twice():
    svg = Tags(bars.proof_bar(proven=1, claimed=2, maximum=3, hidden=True)).seen[0][1]
    assert svg == {"class": "proof proof-m", "aria-hidden": "true"}


def test_the_bar_of_a_tally_hatches_what_the_tally_calls_at_risk():
    tally = Tally(claimed=Decimal(9), proven=Decimal(3), at_risk=Decimal(3), maximum=Decimal(12))
    assert parts_of(bars.tally_bar(tally)) == ["100%", "50%", "25%"]


def test_a_label_cannot_break_out_of_the_bar():
    html = bars.proof_bar(proven=1, claimed=1, maximum=1, label='"><script>')
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("proven", "here"),
    [("499", []), ("500", []), ("500.01", ["Pratama"]), ("700", ["Madya"]), ("700.01", ["Nindya"])],
)
def test_the_total_stands_on_the_step_it_has_passed(proven, here):
    html = bars.proof_bar(
        proven=Decimal(proven), claimed=0, maximum=1000, size="total", bands=samples.BANDS
    )
    assert re.findall(r'class="\w+ here">.*?y="38">(\w+)<', html) == here


def test_a_step_that_belongs_to_its_band_is_passed_when_reached():
    bands = [BandEdge("Lulus", Decimal(500), inclusive=True)]
    html = bars.proof_bar(proven=500, claimed=0, maximum=1000, size="total", bands=bands)
    assert "here" in html


# --- contracts of the tags ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        "{% proof_bar proven=1 claimed=1 %}",
        "{% proof_bar proven=1 claimed=1 maximum=1 colour='red' %}",
        "{% card titel='x' %}{% endcard %}",
        "{% field %}",
    ],
)
def test_a_misspelt_argument_stops_the_page(wrong):
    with pytest.raises(TemplateSyntaxError):
        Template(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["{% badge 'x' tone='pink' %}", "{% proof_bar proven=1 claimed=1 maximum=1 size='x' %}"],
)
def test_an_unknown_tone_or_size_stops_the_page(wrong):
    with pytest.raises(ValueError, match="unknown"):
        draw(wrong)


def test_text_given_to_a_component_is_escaped():
    bad = "<b>x</b>"
    html = draw(
        "{% badge bad %}{% figure bad bad unit=bad href='#' %}"
        "{% file_chip name=bad kind='pdf' note=bad %}{{ bad }}{% endfile_chip %}"
        "{% card title=bad %}{{ bad }}{% endcard %}{% notice title=bad %}{{ bad }}{% endnotice %}",
        bad=bad,
    )
    assert bad not in html
    assert html.count("&lt;b&gt;x&lt;/b&gt;") == 11


def test_the_chosen_level_is_checked_and_no_other():
    html = draw("{% levels options name='n' legend='L' chosen=3 %}", options=samples.LEVELS)
    radios = [attrs for tag, attrs in Tags(html).seen if tag == "input"]
    assert [each["value"] for each in radios if "checked" in each] == ["3"]


def test_level_zero_is_chosen_although_it_is_nothing_to_python():
    html = draw("{% levels options name='n' legend='L' chosen=0 %}", options=samples.LEVELS)
    radios = [attrs for tag, attrs in Tags(html).seen if tag == "input"]
    assert [each["value"] for each in radios if "checked" in each] == ["0"]


def test_a_field_with_an_error_names_help_and_error_to_the_screen_reader():
    form = samples.SampleForm({})
    tags = Tags(draw("{% field form.name %}", form=form)).seen
    box = next(attrs for tag, attrs in tags if tag == "input")
    named = box["aria-describedby"].split()
    assert box["aria-invalid"] == "true"
    assert [name for name in named if any(attrs.get("id") == name for _, attrs in tags)] == named
    assert len(named) == 2


def test_the_pager_keeps_the_filters_of_the_address():
    request = RequestFactory().get("/isian/?klaster=I&page=3")
    rows = samples.context()["middle_page"]
    html = draw("{% pager rows name='isian' %}", rows=rows, request=request)
    links = [attrs["href"] for tag, attrs in Tags(html).seen if tag == "a"]
    assert links == ["?klaster=I&page=2", "?klaster=I&page=4"]
    assert "101–150 dari 1.030 isian" in html  # noqa: RUF001
