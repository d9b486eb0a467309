"""Partners: their own rows, the register of partnerships, and what their help counts for."""

import uuid

import pytest
from django.utils import timezone

from agencies.models import AssignmentRole, Kind
from agencies.roles import Role
from submissions.actions.answering import for_answering
from submissions.actions.carrying import offers_of
from submissions.actions.evidence import takeable
from submissions.actions.record import RefusedError
from submissions.actions.registers import Cells, add_row, import_rows
from submissions.actions.ticking import fitting, tick_rows
from submissions.models import (
    PARTNERSHIP,
    Evidence,
    EvidenceLink,
    Response,
    ResponseRow,
    RowEvidence,
)
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

    def tick(self, row, code="3.1", *, on=True):
        return tick_rows(
            self.answer(code), wanted=[row.pk] if on else [], shown=[row.pk], by=self.lead,
            now=timezone.now(),
        )  # fmt: skip

    def prove(self, row, **changes):
        evidence = Evidence.objects.create(
            agency=row.agency, name="MoU", url="https://contoh.example/mou",
            created_by=self.partner, **changes,
        )  # fmt: skip
        RowEvidence.objects.create(row=row, evidence=evidence, added_by=self.partner)
        return evidence

    def pick(self):
        answer = self.answer()
        return f"/isian/{answer.submission_id}/{answer.pk}/baris/"

    def seen(self):
        return set(Evidence.objects.visible_to(self.lead))


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
    names = [(each.name, each.line.row.agency.name) for each in page.context["helps"]]
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
    with django_assert_num_queries(11):
        client.get("/kemitraan/")


def test_a_lead_sees_and_attaches_what_proves_the_rows_that_it_counts_and_no_other(client, city):
    row, idle = city.row("Beasiswa"), city.row("Bus sekolah")
    shown, hidden, other = city.prove(row), city.prove(row, restricted=True), city.prove(idle)
    assert city.seen() == set()
    client.force_login(city.lead)
    assert "2 berkas, dapat dibuka setelah dihitung" in client.get(city.pick()).content.decode()
    city.tick(row)
    assert city.seen() == {shown}
    choice = next(
        each for each in client.get(city.pick()).context["choices"] if each.line.row == row
    )
    assert choice.documents == (("MoU", shown.url),)
    assert set(takeable(city.answer())) == {shown, hidden}  # what of it one sees, the view asks
    given = {"baris": [row.pk], "tampil": [row.pk, idle.pk], "lampirkan": "1"}
    client.post(city.pick(), given)
    assert [link.evidence for link in EvidenceLink.objects.all()] == [shown]
    assert EvidenceLink.objects.get().evidence.agency == city.business  # whose it is stays
    assert other not in city.seen()


def test_what_is_no_longer_counted_is_closed_again(city):
    row = city.row()
    evidence = city.prove(row)
    city.tick(row)
    assert city.seen() == {evidence}
    city.tick(row, on=False)
    assert city.seen() == set()


def test_another_office_does_not_see_what_a_lead_counts(city):
    row = city.row()
    city.prove(row)
    city.tick(row)
    stranger = make_user(agency=make_agency(city.region))
    assert list(Evidence.objects.visible_to(stranger)) == []


def test_the_page_opens_on_the_newest_open_year_that_counts_any_and_another_can_be_chosen(
    client, city
):
    city.tick(city.row())
    make_assessment(city.region, city.assessment.instrument, year=2025, data_year=2024)
    client.force_login(city.partner)
    page = client.get("/kemitraan/")
    assert (page.context["current"], page.context["counted"]) == ("?tahun=2024", 1)
    assert [each["label"] for each in page.context["years"]] == ["2025", "2024"]
    later = client.get("/kemitraan/?tahun=2025")
    assert (later.context["current"], later.context["counted"]) == ("?tahun=2025", 0)
    for wrong in ("besok", "99999999", "1999", "²²²²"):
        assert client.get("/kemitraan/", {"tahun": wrong}).context["current"] == "?tahun=2024"


def test_a_lead_finds_its_questions_there_and_the_city_who_recorded_nothing(client, city):
    city.tick(city.row())
    client.force_login(city.lead)
    page = client.get("/kemitraan/")
    leads = [(each.response.question.code, each.counted) for each in page.context["leads"]]
    assert leads == [("3.1", 1), ("3.2", 0)]
    assert city.pick() in page.content.decode()
    client.force_login(make_user(Role.VERIFIKATOR, region=city.region))
    page = client.get("/kemitraan/")
    assert (page.context["silent"], page.context["leads"]) == (["Forum Anak"], [])


def test_what_a_partner_brought_last_year_is_offered_for_the_next(city):
    row = city.row()
    city.tick(row)
    later = make_assessment(city.region, city.assessment.instrument, year=2025, data_year=2024)
    answers = Response.objects.filter(assessment=later, submission__agency=city.office)
    found = for_answering(answers.filter(question__code="3.1"))
    [offer] = offers_of(city.office, later, list(found))
    assert offer.rows == [row]
