"""From an empty database to the first answer: what the page says, step by step, and to whom."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.actions import assign_standing
from agencies.models import Kind, User
from agencies.roles import Role
from kla_tracker import preparing
from submissions.actions.year import open_year
from tests.factories import (
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

CONSOLE = "django.core.mail.backends.console.EmailBackend"
pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    """The first one, of no region, before there is any."""
    return User.objects.create(username="kepala", role=Role.ADMINISTRATOR.value, name="Kepala")


def open_steps(user):
    """The numbers of the steps that are not done; mail is never set in tests."""
    region = preparing.region_of(user, "")
    found = preparing.steps(user, region)
    return [number for number, step in enumerate(found, 1) if not step.is_done]


@pytest.mark.parametrize("place", ["/", "/perangkat-daerah/"])
def test_the_first_administrator_of_an_empty_server_is_told_where_to_begin(
    client, administrator, place
):
    client.force_login(administrator)
    assert client.get(place)["Location"] == "/persiapan/"
    page = client.get("/persiapan/").content.decode()
    assert "Belum ada yang terbit" in page
    assert page.count("btn small primary") == 1


def test_each_step_is_done_in_its_turn_until_the_office_may_answer(client, administrator, settings):
    settings.EMAIL_HOST = "surel.kota.example"
    said = [open_steps(administrator)]
    indicator = make_indicator(make_instrument())
    make_question(indicator, lead_agency="Dinas Kesehatan")
    make_question(indicator, level="kelurahan", lead_agency="Kelurahan")
    instrument = publish(indicator.instrument)
    said.append(open_steps(administrator))
    region = make_region()
    said.append(open_steps(administrator))
    office = make_agency(region, name="Dinas Kesehatan", is_secretariat=True)
    area = make_agency(region, kind=Kind.KELURAHAN)
    said.append(open_steps(administrator))
    assign_standing(region, instrument, by=None)
    said.append(open_steps(administrator))
    settings.EMAIL_HOST, settings.EMAIL_BACKEND = "", CONSOLE  # which only the server can mend
    told = preparing.steps(administrator, region)
    still_open = [step.title for step in told if not step.is_done]
    assert still_open == ["Surel", "Orang", "Tahun penilaian"]
    assert [step.title for step in told if step.is_next] == ["Orang"]
    settings.EMAIL_HOST = "surel.kota.example"
    make_user(Role.VERIFIKATOR, region=region, agency=office)
    make_user(agency=office)
    make_user(agency=area)
    said.append(open_steps(administrator))
    open_year(region, instrument, year=2026, data_year=2025, closes_on=date(2026, 3, 1), by=None)
    said.append(open_steps(administrator))
    assert said == [
        [1, 2, 3, 4, 6, 7],
        [2, 3, 4, 6, 7],
        [3, 4, 6, 7],
        [4, 6, 7],
        [6, 7],
        [7],
        [],
    ]
    client.force_login(administrator)
    assert client.get("/")["Location"] == "/perangkat-daerah/"


def test_a_verifikator_is_led_there_too_and_sees_no_way_that_is_closed_to_them(client):
    user = make_user(Role.VERIFIKATOR)
    client.force_login(user)
    assert client.get("/")["Location"] == "/persiapan/"
    ways = client.get("/persiapan/").context["steps"]
    closed = [
        way.href
        for step in ways
        for way in step.ways
        if client.get(way.href, follow=True).status_code != 200
    ]
    assert closed == []


def test_a_region_that_was_picked_stays_in_the_addresses(client, administrator):
    make_region(code="11.11", name="A")
    make_region(code="22.22", name="B")
    client.force_login(administrator)
    page = client.get("/persiapan/?wilayah=22.22").content.decode()
    assert "/perangkat-daerah/?wilayah=22.22" in page


def test_it_takes_the_same_queries_for_a_city_of_any_size(client):
    region = make_region()
    user = make_user(Role.VERIFIKATOR, region=region)
    indicator = make_indicator(make_instrument())
    make_question(indicator, lead_agency="Dinas Bulan")
    publish(indicator.instrument)
    counts = []
    for many in (1, 10):
        for _ in range(many):
            make_user(agency=make_agency(region))
        with CaptureQueriesContext(connection) as queries:
            preparing.steps(user, region)
        counts.append(len(queries))
    assert counts[0] == counts[1]
