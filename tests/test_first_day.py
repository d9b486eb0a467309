"""A city's first days: nothing stored yet, a region without a year, a year without an answer. Every
address answers, says what to do, and makes nothing up.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import NoReverseMatch
from django.utils import timezone
from lxml import html

from agencies.models import AssignmentRole, Kind
from agencies.roles import Role
from meetings.actions.calling import Plan, call_meeting
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    publish,
)
from tests.test_access import ARGUMENTS, CODES, TABLE, VIEWERS, address, body_of, code_of

pytestmark = pytest.mark.django_db
WHO = ("own", "area", "partner", "verifikator", "pimpinan", "admin")
REGISTERS = ("kegiatan", "kemitraan", "program-anggaran")
MENU = (
    *("work", "review_queue", "review_due", "assessments", "exports", "meetings", "meeting_call"),
    *("followups", "partnerships", "evidence_list", "reminders"),
)
MISSING = re.compile(r"[Bb]elum|[Tt]idak ada|[Bb]uka tahun")
# What Python and templates say where a figure or a name is missing, and points out of nothing.
SLIPS = re.compile(r"\b(None|nan|NaN|inf|Infinity|undefined|Decimal)\b|\{\{|\}\}|\{%|-0,00")


def nothing() -> SimpleNamespace:
    """The people, and no instrument."""
    region = make_region(name="Kota Baru")
    offices = {
        "own": make_agency(region, name="Dinas Baru"),
        "area": make_agency(region, name="Kelurahan Baru", kind=Kind.KELURAHAN),
        "partner": make_agency(region, name="Usaha Baru", kind=Kind.DUNIA_USAHA),
    }
    people = {who: make_user(agency=each) for who, each in offices.items()}
    for role in (Role.VERIFIKATOR, Role.PIMPINAN):
        people[role.value] = make_user(role, region=region)
    people["admin"] = make_user(Role.ADMINISTRATOR, region=region)
    return SimpleNamespace(region=region, agency=offices["own"], offices=offices, people=people)


def no_year() -> SimpleNamespace:
    """An instrument, and who answers what; nobody opened a year."""
    world = nothing()
    world.instrument = make_instrument()
    world.indicator = make_indicator(world.instrument, code="4")
    for number, code in enumerate(REGISTERS, 1):
        register = make_register(world.instrument, code=code)
        question = make_question(world.indicator, "graded", code=f"4.{number}", register=register)
        assign(question, world.agency)
    world.register, world.question = register, question
    indicator = make_indicator(world.instrument, code="26")
    area = make_question(indicator, "area_share", code="26.1", level="kelurahan")
    assign(area, world.offices["area"], AssignmentRole.AREA)
    world.area_code = area.code
    publish(world.instrument)
    return world


def first_day() -> SimpleNamespace:
    """A year that was just opened, and a rakor that was called for tomorrow."""
    world, now = no_year(), timezone.now()
    world.assessment = make_assessment(world.region, world.instrument)
    world.submission = world.assessment.submissions.get(agency=world.agency)
    world.response = world.submission.responses.order_by("pk")[0]
    plan = Plan(
        "Rakor pertama", now + timedelta(minutes=30), now + timedelta(hours=3), "Aula", "Pembukaan",
        list(world.instrument.clusters.all()), list(world.offices.values()),
    )  # fmt: skip
    world.meeting = call_meeting(
        world.assessment, plan, by=world.people["verifikator"], now=now - timedelta(days=1)
    )
    return world


# What answers otherwise on such a day: no year to go to, nothing to download or to carry over, no
# instrument to give to offices, nothing public.
LESS = {
    nothing: {"assessments", "assignments", "assignments_names", "carry_office", "work_sheet"},
    no_year: {"assessments", "carry_office", "work_sheet"},
    first_day: {"public", "public_json", "public_csv"},
}


def asked(world: SimpleNamespace, who: str) -> Iterator[tuple[str, Any]]:
    """Every address of which the thing is there or that names none, as it answers this person."""
    client = Client()
    client.force_login(world.people[who])
    for name in TABLE:
        try:
            path = address(world, name)
        except (AttributeError, NoReverseMatch):
            continue  # it is about a thing that does not exist on this day
        yield name, client.get(path)


def words(response: Any) -> str:
    """What a page says, without what no person reads."""
    page = html.fromstring(body_of(response))
    for each in page.xpath("//script | //style | //head"):
        each.drop_tree()
    return " ".join(page.text_content().split())


def is_page(response: Any) -> bool:
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")


def links(response: Any) -> set[str]:
    """Where a page of ours leads, to pages of ours."""
    found = html.fromstring(body_of(response)).xpath("//main//a/@href | //nav//a/@href")
    return {urljoin(response.request["PATH_INFO"], each).partition("#")[0] for each in found}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("day", [nothing, no_year, first_day])
def test_every_address_answers_makes_nothing_up_and_leads_to_what_is_there(
    day: Callable[[], SimpleNamespace], who: str
):
    """As on any other day, but for what is about a year that nobody opened or released. In one
    walk: some 180 addresses for each of 18 people and days.
    """
    world, slips, other, seen, ways = day(), {}, set(), set(), set()
    column = VIEWERS.index(who if who in VIEWERS else "other")
    for name, response in asked(world, who):
        code, usual = code_of(response), TABLE[name][0][column]
        if code != usual and who in VIEWERS and (day is first_day or name not in ARGUMENTS):
            other.add(name)
        assert code in CODES.values() or code == "-", name
        if is_page(response):
            seen.add(response.request["PATH_INFO"])
            ways |= links(response)
            if found := SLIPS.search(words(response)):
                slips[name] = found.group()
    assert slips == {}
    assert other - LESS[day] == set()
    assert len(ways) > 10
    client = Client()
    client.force_login(world.people[who])
    ours = {each for each in ways if each.startswith("/") and not each.startswith("/admin/")}
    dead = {each: client.get(each).status_code for each in sorted(ours - seen)}
    assert {each: code for each, code in dead.items() if code >= 400} == {}


@pytest.mark.parametrize("who", WHO)
def test_before_there_is_a_year_each_page_of_the_menu_says_what_is_missing(who: str):
    world = no_year()
    client = Client()
    client.force_login(world.people[who])
    for name in MENU:
        response = client.get(address(world, name), follow=True)
        if TABLE[name][0][VIEWERS.index(who if who in VIEWERS else "own")] != "x":
            assert response.status_code == 200, name
            assert MISSING.search(words(response)), name


def test_a_year_without_an_answer_has_no_category_and_no_point():
    world = first_day()
    client = Client()
    client.force_login(world.people["verifikator"])

    def said(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200
        return words(response)

    wall = f"/rakor/{world.meeting.pk}/tayang/"
    assert "Belum ada kategori" in said(f"{wall}?slide=2")
    assert "Tidak ada poin yang diklaim tanpa terbukti" in said(f"{wall}?slide=4")
    charts = said("/penilaian/2024/grafik/")
    assert "Belum ada poin yang diklaim" in charts
    assert " tercapai" not in charts
    shown = [said(path) for path in ("/penilaian/2024/", wall, "/penilaian/2024/grafik/")]
    points = {
        each for page in shown for each in re.findall(r"\b\d+,\d\d\b(?= (?:poin )?terbukti)", page)
    }
    assert points == {"0,00"}
