"""The simulation: the same arithmetic as the score, optimal, never mixed with what is."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import Band
from indicators.scoring import BandEdge
from reports.ledger import ledger_of
from reports.scores import score, score_of
from reports.simulation import (
    CLAIMED,
    EFFORT,
    FEWEST,
    FULL,
    OFFICES,
    Asked,
    cheapest_way,
    gaps_of,
    outcome_of,
    supposed,
)
from submissions.models import Effort, Event, Response, Scenario
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db
ADDRESS = "/simulasi/2024/"


@pytest.fixture
def found():
    return by_hand.world()


def laid(found, efforts=None, basis=FULL):
    ledger = ledger_of(found.assessment, None)
    figures = score(ledger)
    judged = {
        found.assessment.instrument.questions.get(code=code).pk: level
        for code, level in (efforts or {}).items()
    }
    return ledger, figures, gaps_of(ledger, figures, judged, basis=basis)


def codes(gaps, numbers):
    return [gap.question.code for gap in gaps if gap.number in numbers]


def test_the_gaps_are_what_the_dashboard_says_can_still_be_won(found):
    gaps = laid(found, {"1.3": 5})[2]
    assert [(gap.question.code, gap.gain, gap.effort, gap.is_judged, gap.who) for gap in gaps] == [
        ("1.3", Decimal(8), 5, True, "Dinas Kesehatan"),
        ("3.1", Decimal(6), 3, False, "Semua kelurahan"),
        ("3.2", Decimal(5), 3, False, "Badan Perencanaan"),
        ("3.3", Decimal(4), 3, False, "Badan Perencanaan"),
    ]
    claimed = laid(found, basis=CLAIMED)[2]
    assert [(gap.question.code, gap.gain) for gap in claimed] == [
        ("1.3", Decimal(8)),
        ("3.1", Decimal(3)),
        ("3.2", Decimal("3.75")),
    ]


def test_nothing_picked_is_the_year_as_it_stands(found):
    ledger, figures, gaps = laid(found)
    outcome = outcome_of(ledger, figures, gaps, [], dates={}, today=date(2024, 3, 1))
    assert outcome.then == figures.total.tally
    assert (outcome.gained, outcome.steps) == (0, ())


def test_what_is_supposed_is_what_the_score_becomes_when_it_is_proven(found):
    """Every gap proven for real, one by one, gives what was supposed."""
    ledger, figures, gaps = laid(found)
    expected = {gap.question.code: supposed(ledger, figures, [gap]).proven for gap in gaps}
    by_hand.claim(found.response("1.3"), {"values": ["80", "90"]})
    by_hand.accept(found.response("1.3"), 0, by=found.users["verifikator"])
    assert score_of(found.assessment).total.proven == expected["1.3"]


def test_an_indicator_gives_no_more_than_its_maximum_also_in_a_simulation():
    found = by_hand.city(by_hand.instrument())
    ledger, figures, gaps = laid(found)
    two = [gap for gap in gaps if gap.question.indicator == "2"]
    assert sum(gap.gain for gap in two) == 15
    assert supposed(ledger, figures, two).proven == 10


def test_the_dates_of_offices_make_the_total_rise_step_by_step(found):
    ledger, figures, gaps = laid(found)
    outcome = outcome_of(
        ledger,
        figures,
        gaps,
        {gap.number for gap in gaps},
        dates={"dinas": date(2024, 3, 20), "badan": date(2024, 3, 12)},
        today=date(2024, 3, 1),
    )
    assert [(step.day, step.total) for step in outcome.steps] == [
        (date(2024, 3, 12), Decimal("35.50")),
        (date(2024, 3, 20), Decimal("43.50")),
        (date(2099, 3, 29), Decimal("49.50")),
    ]
    assert outcome.last == date(2099, 3, 29)


@pytest.mark.parametrize(
    ("missing", "efforts", "way", "expected"),
    [
        ("8", {}, EFFORT, ["1.3"]),
        ("8", {"1.3": 5, "3.2": 1, "3.3": 1}, EFFORT, ["3.2", "3.3"]),
        ("8", {"1.3": 5, "3.2": 1, "3.3": 1}, FEWEST, ["1.3"]),
        ("23", {}, EFFORT, ["1.3", "3.1", "3.2", "3.3"]),
        ("8", {}, OFFICES, ["1.3"]),  # either office reaches it, this one with less effort
        ("8", {"1.3": 5, "3.2": 1, "3.3": 1}, OFFICES, ["3.2", "3.3"]),
        ("6", {"1.3": 5, "3.1": 1, "3.2": 3}, OFFICES, ["1.3"]),  # three kelurahan are three
        ("16", {}, OFFICES, ["1.3", "3.2", "3.3"]),
    ],
)
def test_the_cheapest_way_by_effort_or_by_number(found, missing, efforts, way, expected):
    ledger, figures, gaps = laid(found, efforts)
    band = BandEdge("Tujuan", figures.total.proven + Decimal(missing), inclusive=True)
    numbers = cheapest_way(ledger, figures, gaps, band, way=way)
    assert codes(gaps, numbers) == expected


def test_the_way_keeps_off_offices_that_cannot_help_and_says_when_there_is_none(found):
    ledger, figures, gaps = laid(found)
    band = BandEdge("Tujuan", figures.total.proven + 8, inclusive=True)
    without = cheapest_way(ledger, figures, gaps, band, without={"dinas"})
    assert codes(gaps, without) == ["3.1", "3.2"]
    far = BandEdge("Jauh", figures.total.proven + 24, inclusive=True)
    assert cheapest_way(ledger, figures, gaps, far) is None


def test_no_other_set_reaches_the_category_with_less_effort():
    """Against every set of gaps of a year with a capped indicator, counted by the score itself."""
    found = by_hand.city(by_hand.instrument())
    efforts = {"1.1": 4, "1.2": 5, "1.3": 2, "2.1": 1, "2.2": 2, "3.1": 5, "3.2": 1, "3.3": 3}
    ledger, figures, gaps = laid(found, efforts)
    for minimum in range(1, 59, 3):
        band = BandEdge("Tujuan", Decimal(minimum), inclusive=True)
        best = min(
            sum(gap.effort for gap in subset)
            for size in range(len(gaps) + 1)
            for subset in combinations(gaps, size)
            if supposed(ledger, figures, subset).proven >= minimum
        )
        numbers = cheapest_way(ledger, figures, gaps, band)
        mine = [gap for gap in gaps if gap.number in numbers]
        assert sum(gap.effort for gap in mine) == best
        assert supposed(ledger, figures, mine).proven >= minimum


# --- the page ----------------------------------------------------------------------------------


def get(client, found, who="verifikator", **query):
    client.force_login(found.users[who])
    return client.get(ADDRESS, query)


def test_the_page_works_by_its_form_and_says_that_it_is_supposed(client, found):
    shown = get(client, found, p=["3", "7"], **{"k.dinas": "2024-03-20", "k.badan": "besok"})
    said = shown.content.decode()
    assert "Pengandaian, bukan nilai sebenarnya" in said
    assert shown.context["outcome"].then.proven == Decimal("39.50")
    assert shown.context["outcome"].now.proven == Decimal("26.50")
    assert 'value="3" aria-label="1.3" checked' in said


def test_htmx_gets_the_result_alone(client, found):
    client.force_login(found.users["verifikator"])
    part = client.get(ADDRESS, {"p": "3"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "34,50" in part
    assert 'hx-swap-oob="innerHTML:#kaki"' in part


def test_strange_words_in_the_address_count_for_nothing(client, found):
    shown = get(
        client, found, p=["x", "-1", "99999999999", "³"], dasar="apa", **{"k.": "2024-02-31"}
    )
    assert shown.status_code == 200
    assert shown.context["outcome"].picked == ()
    assert get(client, found, cari="1", tujuan="Tak ada").status_code == 404
    assert get(client, found, skenario="999999").status_code == 404


def test_the_cheapest_way_is_an_address_that_can_be_changed(client, found):
    Band.objects.filter(instrument=found.assessment.instrument, name="Pratama")
    shown = get(client, found, cari="1", tujuan="Pratama")
    assert shown.status_code == 302
    answer = client.get(shown["Location"])
    assert "Pratama tidak dapat dicapai" in answer.content.decode()


def test_what_was_asked_for_stays_in_the_form_beside_what_it_takes(client, monkeypatch):
    publish = by_hand.make.publish

    def with_a_near_band(made):
        Band.objects.create(
            instrument=made, name="Dekat", minimum=Decimal(34), inclusive=True, order=9
        )
        return publish(made)

    monkeypatch.setattr(by_hand.make, "publish", with_a_near_band)
    found = by_hand.world()
    shown = get(client, found, cari="1", tujuan="Dekat", menurut=OFFICES, tanpa="badan")
    said = client.get(shown["Location"]).content.decode()
    assert "1 pertanyaan pada 1 kantor, upaya 3." in said
    for kept in ('value="Dekat" selected', 'value="kantor" selected', 'value="badan" checked'):
        assert kept in said


def test_a_scenario_is_kept_compared_and_dropped(client, found):
    client.force_login(found.users["pimpinan"])
    sent = {"nama": "Cepat", "pilihan": "dasar=penuh&p=3&k.dinas=2024-03-20"}
    answer = client.post(f"{ADDRESS}simpan/", sent)
    assert answer["Location"] == f"{ADDRESS}?dasar=penuh&p=3&k.dinas=2024-03-20"
    stored = Scenario.objects.get()
    assert (stored.picks, stored.dates) == (["1.3"], {"dinas": "2024-03-20"})
    [row] = client.get(ADDRESS).context["scenarios"]
    assert (row.outcome.then.proven, row.settled) == (Decimal("34.50"), 0)
    assert client.get(ADDRESS, {"skenario": stored.pk}).context["outcome"].gained == 8
    by_hand.accept(found.response("1.3"), 0, by=found.users["verifikator"])
    [row] = client.get(ADDRESS).context["scenarios"]
    assert (row.outcome.gained, row.settled) == (0, 1)
    client.post(f"{ADDRESS}hapus/{stored.pk}/")
    assert Scenario.objects.count() == 0


def test_nothing_supposed_reaches_the_real_figures(client, found):
    before = score_of(found.assessment)
    answers = list(Response.objects.order_by("pk").values())
    client.force_login(found.users["verifikator"])
    client.post(f"{ADDRESS}simpan/", {"nama": "A", "pilihan": "p=3&p=6&p=7&p=8"})
    client.get(ADDRESS, {"p": ["3", "6", "7", "8"]})
    assert score_of(found.assessment) == before
    assert list(Response.objects.order_by("pk").values()) == answers


def test_the_verifikator_judges_efforts_and_pimpinan_reads_them(client, found):
    client.force_login(found.users["verifikator"])
    page = f"{ADDRESS}upaya/"
    assert client.post(page, {"u3": "5", "s3": "3", "u7": "", "u8": "x"}).status_code == 422
    assert Effort.objects.count() == 0
    assert client.post(page, {"u3": "5", "s3": "3", "u7": ""}).status_code == 302
    assert [(each.question.code, each.level) for each in Effort.objects.all()] == [("1.3", 5)]
    late = client.post(page, {"u3": "1", "s3": "3"})
    assert (late.status_code, "1.3 (kini 5)" in late.content.decode()) == (422, True)
    client.force_login(found.users["pimpinan"])
    read = client.get(page).content.decode()
    assert 'type="number"' not in read
    assert client.post(page, {"u3": "1", "s3": "5"}).status_code == 403


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}upaya/"])
def test_the_pages_take_the_same_queries_for_one_answer_or_many(client, address):
    found = by_hand.city(by_hand.instrument())
    client.force_login(found.users["verifikator"])
    client.get(address)
    counts = []
    for step in range(2):
        if step:
            by_hand.fill(found)
            for number in range(5):
                Scenario.objects.create(
                    assessment=found.assessment, name=str(number), picks=["1.3", "3.1"],
                    created_by=found.users["verifikator"],
                )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 11


def test_an_address_says_what_it_supposes():
    asked = Asked(FULL, frozenset({7, 3}), {"dinas": date(2024, 3, 20)})
    assert asked.query(wilayah="32.77") == "dasar=penuh&p=3&p=7&k.dinas=2024-03-20&wilayah=32.77"


def test_work_that_is_late_is_done_today_at_the_earliest(found):
    found.assessment.submissions.update(due_on=timezone.localdate() - timedelta(days=9))
    ledger, figures, gaps = laid(found)
    today = timezone.localdate()
    outcome = outcome_of(ledger, figures, gaps, {3}, dates={}, today=today)
    assert [share.day for share in outcome.shares] == [today]
    assert Event.objects.filter(verb="scenario").count() == 0
