"""Partners: their own rows, the register of partnerships, and what their help counts for."""

import uuid

import pytest
from django.utils import timezone

from agencies.models import AssignmentRole, Kind
from agencies.roles import Role
from submissions.actions.record import RefusedError
from submissions.actions.registers import Cells, add_row, import_rows
from submissions.actions.ticking import fitting, tick_rows
from submissions.models import PARTNERSHIP, Response, ResponseRow
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

pytestmark = pytest.mark.django_db


class City:
    """An office that leads two questions about partnerships and one about activities; a business
    and a children's forum that helps with the last.
    """

    def __init__(self) -> None:
        made = make_instrument()
        self.register = make_register(made, code=PARTNERSHIP, name="Kemitraan")
        self.activities = make_register(made, code="kegiatan", name="Kegiatan")
        indicator = make_indicator(made, code="3")
        self.questions = [
            make_question(indicator, code="3.1", max_points=4, register=self.register),
            make_question(indicator, code="3.2", max_points=6, register=self.register),
        ]  # fmt: skip
        activity = make_question(indicator, code="3.3", register=self.activities)
        self.region = make_region()
        self.office = make_agency(self.region, name="Dinas Pemimpin")
        self.business = make_agency(self.region, name="PT Contoh", kind=Kind.DUNIA_USAHA)
        self.forum = make_agency(self.region, name="Forum Anak", kind=Kind.KELOMPOK_ANAK)
        for question in (*self.questions, activity):
            assign(question, self.office)
        assign(activity, self.forum, AssignmentRole.SUPPORT)
        publish(made)
        self.assessment = make_assessment(self.region, made)
        self.lead = make_user(agency=self.office)
        self.partner = make_user(agency=self.business)

    def row(self, name="Beasiswa", agency=None):
        agency = agency or self.business
        return add_row(
            agency, self.register, cells=Cells({"nama": name}), token=uuid.uuid4(),
            by=make_user(agency=agency), now=timezone.now(),
        )  # fmt: skip

    def answer(self, code="3.1"):
        found = Response.objects.select_related(
            "submission__assessment__region", "submission__agency", "question__register"
        )
        return found.get(submission__agency=self.office, question__code=code)

    def tick(self, row, code="3.1"):
        return tick_rows(
            self.answer(code), wanted=[row.pk], shown=[row.pk], by=self.lead, now=timezone.now()
        )


@pytest.fixture
def city():
    return City()


def test_a_lead_counts_what_a_partner_of_its_city_brought_and_no_other_offices_rows(city):
    row = city.row()
    office = city.row("Kantor lain", make_agency(city.region))
    far = city.row("Kota lain", make_agency(kind=Kind.MEDIA))
    assert set(fitting(city.answer())) == {row}
    assert (city.tick(row), city.tick(office), city.tick(far)) == (1, 0, 0)
    assert list(ResponseRow.objects.values_list("row", flat=True)) == [row.pk]


def test_a_partner_sees_its_rows_with_the_questions_and_points_they_count_for(client, city):
    row, idle = city.row("Beasiswa"), city.row("Bus sekolah")
    theirs = city.row("Rahasia forum", city.forum)
    city.tick(row, "3.1")
    city.tick(row, "3.2")
    city.tick(theirs, "3.1")
    Response.objects.filter(pk=city.answer().pk).update(note="catatan rahasia kantor")
    client.force_login(city.partner)
    page = client.get("/kemitraan/")
    said = page.content.decode()
    found = {each.line.row.pk: each for each in page.context["helps"]}
    assert [each.code for each in found[row.pk].questions] == ["3.1", "3.2"]
    assert (found[row.pk].points, found[idle.pk].points) == (10, 0)
    assert [(each.question.code, each.counted) for each in page.context["asked"]] == [
        ("3.1", 1),
        ("3.2", 1),
    ]
    assert ("1 dari 2" in said, "belum dihitung pertanyaan mana pun" in said) == (True, True)
    for secret in ("Rahasia forum", "catatan rahasia kantor", "Dinas Pemimpin"):
        assert secret not in said


def test_the_city_sees_what_all_its_partners_brought(client, city):
    city.tick(city.row("Beasiswa"))
    city.row("Rahasia forum", city.forum)
    city.row("Milik kantor", city.office)
    city.row("Kota lain", make_agency(kind=Kind.MEDIA))
    client.force_login(make_user(Role.PIMPINAN, region=city.region))
    page = client.get("/kemitraan/")
    names = [(each.line.name, each.line.row.agency.name) for each in page.context["helps"]]
    assert names == [("Rahasia forum", "Forum Anak"), ("Beasiswa", "PT Contoh")]
    assert (page.context["counted"], page.context["points"]) == (1, 4)


def test_a_partner_fills_the_register_of_partnerships_and_what_its_own_questions_draw_on(
    client, city
):
    client.force_login(city.partner)
    assert [each.register.code for each in client.get("/daftar-induk/").context["shelves"]] == [
        PARTNERSHIP
    ]
    assert client.get("/daftar-induk/kegiatan/").status_code == 404
    client.force_login(make_user(agency=city.forum))
    shelves = client.get("/daftar-induk/").context["shelves"]
    assert [each.register.code for each in shelves] == [PARTNERSHIP, "kegiatan"]
    client.force_login(city.lead)
    assert client.get("/daftar-induk/kegiatan/").status_code == 200


@pytest.mark.parametrize("verb", [add_row, import_rows])
def test_another_register_is_refused_by_the_verb_itself(city, verb):
    cells = Cells({"nama": "x"})
    given = {"cells": cells} if verb is add_row else {"rows": [cells]}
    with pytest.raises(RefusedError, match="Mitra mengisi daftar kemitraan"):
        verb(
            city.business, city.activities, token=uuid.uuid4(), by=city.partner,
            now=timezone.now(), **given,
        )  # fmt: skip
    assert city.business.register_rows.count() == 0


def test_home_of_a_partner_is_what_its_help_counts_for(client, city):
    client.force_login(city.partner)
    assert client.get("/").url == "/kemitraan/"
    client.force_login(make_user(agency=city.forum))
    assert client.get("/kemitraan/").context["own_questions"] == 1


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_takes_the_same_queries_for_any_number(
    client, city, count, django_assert_num_queries
):
    for number in range(count):
        city.tick(city.row(f"Bantuan {number}"))
    client.force_login(city.partner)
    client.get("/")
    with django_assert_num_queries(9):
        client.get("/kemitraan/")
