"""Nothing about one year's instrument is in the code: the old form of 31 indicators, as far as it
is known, is loaded, opened, answered, reviewed, scored and shown like any other.
"""

import json
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from agencies.roles import Role
from indicators.actions import load_instrument, read_instrument
from indicators.resources.instrument import read_workbook, write_workbook
from submissions.actions import answering
from submissions.models import Response
from tests.factories import assign, make_agency, make_assessment, make_user
from tests.submissions.review_case import answers as for_review
from tests.submissions.review_case import hand_in, say, verifikator

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "indicators/instruments/kla-2011-sebagian.json"
NOW = datetime(2012, 2, 3, 5, tzinfo=UTC)
KNOWN = {"KEL": 6, "I": 3, "II": 3, "III": 9, "IV": 5}


def case():
    """The old form in a year of its own: every second question is answered, and the first of these
    is proven.
    """
    instrument = load_instrument(FILE.read_bytes(), by=None, publish=True).instrument
    office = make_agency()
    for question in instrument.questions.all():
        assign(question, office)
    year = make_assessment(office.region, instrument, year=2012, data_year=2011)
    by = make_user(agency=office)
    mine = Response.objects.filter(assessment=year)
    answers = list(answering.for_answering(mine).order_by("question__order"))
    for at, each in enumerate(answers):
        if at % 2 == 0:
            answering.answer(each, value={"level": 0}, note="", version=0, by=by, now=NOW)
    first = answers[0].submission
    hand_in(first)
    [answer] = for_review(first)
    say(answer, verifikator(first))
    return SimpleNamespace(instrument=instrument, year=year, office=office, by=by)


def test_it_says_that_it_is_partial_and_holds_what_is_known_and_no_more():
    data = read_instrument(FILE.read_bytes())
    assert {each.code: len(each.indicators) for each in data.clusters} == KNOWN
    assert data.basis.startswith("SEBAGIAN: 26 dari 31 indikator")
    assert {each.basis for each in data.rubrics} == {"estimasi"}
    indicators = [each for cluster in data.clusters for each in cluster.indicators]
    assert {each.official_number for each in indicators} == {None}
    assert (data.bands, data.registers) == ((), ())
    assert {(q.lead_agency, q.expected_evidence) for i in indicators for q in i.questions} == {
        ("", ())
    }


def test_it_goes_through_the_workbook_unchanged():
    data = read_instrument(FILE.read_bytes())
    assert read_workbook(write_workbook(data)) == data


def test_a_year_on_it_scores():
    c = case()
    out = StringIO()
    call_command("scores", "2012", region=c.office.region.code, json=True, stdout=out)
    figures = json.loads(out.getvalue())
    assert (figures["total"], figures["clusters"]["KEL"]) == ("1.00", "1.00")
    call_command("verify_scores", stdout=StringIO())


PAGES = [
    "/", "/penilaian/2012/", "/penilaian/2012/matriks/", "/penilaian/2012/indikator/KEL-1/",
    "/penilaian/2012/tahap/", "/instrumen/", "/isian/", "/ekspor/",
]  # fmt: skip


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VERIFIKATOR, Role.PIMPINAN])
def test_every_page_of_the_year_is_drawn(client, role):
    c = case()
    client.force_login(c.by if role is Role.OPERATOR else make_user(role, region=c.office.region))
    for page in PAGES:
        reply = client.get(page, follow=True)
        assert (page, reply.status_code) == (page, 200)
    if role is not Role.OPERATOR:
        assert client.get("/simulasi/2012/").status_code == 200
    dashboard = client.get("/penilaian/2012/").content.decode()
    assert "13,00" in dashboard  # claimed: every second of 26


def test_its_form_is_drawn_and_saved_like_any_other(client):
    c = case()
    client.force_login(c.by)
    submission = c.year.submissions.order_by("pk").last()
    assert "Belum terpenuhi" in client.get(f"/isian/{submission.pk}/").content.decode()


def test_no_code_knows_an_indicator_a_cluster_or_how_many_there_are():
    """Codes and numbers of the instrument stand in its file and in the example only."""
    real = read_instrument((ROOT / "indicators/instruments/kla-2024.json").read_bytes())
    names = [each.name for cluster in real.clusters for each in cluster.indicators]
    rooms = ("indicators", "agencies", "submissions", "reports", "meetings")
    sources = [
        file
        for room in rooms
        for file in (ROOT / room).rglob("*.py")
        if "migrations" not in file.parts
    ]
    said = re.compile(r"(?<![\d/.-])(?:274|1030|1031|kla-20\d\d)(?!\d)|21A|\"KEL\"|\"KD\"|Kelana")
    found = [
        (file.name, line.strip())
        for file in sources
        for line in file.read_text().splitlines()
        if said.search(line) or any(name in line for name in names if len(name) > 9)
    ]
    assert found == []
