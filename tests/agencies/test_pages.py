"""The directory, one agency, and who answers what: who sees it, what it says, what it costs."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.actions import RefusedError, assign_indicator, unassign
from agencies.actions import assign as give
from agencies.models import Assignment, Change, Kind, User
from agencies.roles import Role
from tests.factories import (
    assign,
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db


class City:
    """One region with a lead, a support and two kelurahan, on one published indicator."""

    def __init__(self, questions=1):
        self.region = make_region()
        self.lead = make_agency(self.region, code="dinkes", name="Dinas Kesehatan")
        self.support = make_agency(self.region, code="disdik", name="Dinas Pendidikan")
        self.kec = make_agency(self.region, code="kec-a", name="Kecamatan A", kind=Kind.KECAMATAN)
        self.kel = [
            make_agency(
                self.region,
                code=f"kel-{each}",
                name=f"Kelurahan {each}",
                kind=Kind.KELURAHAN,
                parent=self.kec,
            )
            for each in "bc"
        ]
        self.instrument = make_instrument()
        self.indicator = make_indicator(self.instrument, code="7")
        self.questions = [
            make_question(self.indicator, code=f"7.{number}") for number in range(questions)
        ]
        self.area = make_question(self.indicator, code="7.90", level="kelurahan")
        for question in self.questions:
            assign(question, self.lead, "lead")
            assign(question, self.support, "support")
        for each in self.kel:
            assign(self.area, each, "area")
        publish(self.instrument)


@pytest.fixture
def city():
    return City()


def signed_in(client, role, region, agency=None):
    user = make_user(role, region=region, agency=agency or make_agency(region))
    client.force_login(user)
    return user


# --- who sees what ------------------------------------------------------------------------------

# fmt: off
SEES = {  # page: what an operator (of the lead), a verifikator, pimpinan and administrator get
    "/perangkat-daerah/":          (302, 200, 200, 200),
    "/perangkat-daerah/dinkes/":   (200, 200, 200, 200),
    "/perangkat-daerah/disdik/":   (404, 200, 200, 200),
    "/pengampuan/":                (404, 200, 200, 200),
    "/pengampuan/indikator/7/":    (404, 200, 200, 200),
    "/pengampuan/pertanyaan/7.0/": (404, 200, 200, 200),
    "/akun/":                      (200, 200, 200, 200),
}
DOES = {  # address: the same, for a POST
    "/perangkat-daerah/dinkes/undang/":                (403, 422, 403, 422),
    "/perangkat-daerah/disdik/undang/":                (404, 422, 403, 422),
    "/perangkat-daerah/dinkes/orang/{pk}/nonaktifkan/": (403, 302, 403, 302),
    "/perangkat-daerah/dinkes/orang/{pk}/undang-lagi/": (403, 302, 403, 302),
    "/perangkat-daerah/disdik/orang/{pk}/nonaktifkan/": (404, 404, 404, 404),
    "/pengampuan/bagi/":                               (404, 302, 403, 302),
    "/pengampuan/indikator/7/":                        (404, 422, 403, 422),
    "/pengampuan/pertanyaan/7.0/":                     (404, 422, 403, 422),
    "/pengampuan/pertanyaan/7.0/lepas/":               (404, 404, 403, 404),
}
# fmt: on
READS = ("SELECT", "DECLARE")  # the latter is a cursor of PostgreSQL
ROLES = (Role.OPERATOR, Role.VERIFIKATOR, Role.PIMPINAN, Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", SEES)
def test_who_sees_a_page_of_the_own_region(client, city, page, role):
    signed_in(client, role, city.region, city.lead)
    assert client.get(page).status_code == SEES[page][ROLES.index(role)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", DOES)
def test_who_may_post_in_the_own_region(client, city, page, role):
    other = make_user(agency=city.lead)
    signed_in(client, role, city.region, city.lead)
    status = client.post(page.format(pk=other.pk)).status_code
    assert status == DOES[page][ROLES.index(role)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", [*SEES, *DOES])
def test_nobody_is_let_in_without_signing_in(client, city, page, role):
    address = page.format(pk=1)
    assert client.get(address)["Location"] == f"/masuk/?next={address}"
    assert client.post(address).status_code == 302


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", [page for page in (*SEES, *DOES) if "dinkes" in page])
def test_another_region_looks_like_a_number_that_never_existed(client, city, page, role):
    other = make_user(agency=city.lead)
    signed_in(client, role, make_region())
    send = client.post if page in DOES else client.get
    found = send(page.format(pk=other.pk))
    missing = send(page.format(pk=other.pk).replace("dinkes", "tidak-ada"))
    assert (found.status_code, missing.status_code) == (404, 404)
    assert found.content.replace(b"dinkes", b"") == missing.content.replace(b"tidak-ada", b"")
    other.refresh_from_db()
    assert other.is_active


@pytest.mark.parametrize("page", SEES)
def test_looking_writes_nothing(client, city, page):
    signed_in(client, Role.VERIFIKATOR, city.region)
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        client.get(page)
    assert [each["sql"] for each in queries if not each["sql"].startswith(READS)] == []


def test_an_operator_is_sent_to_the_own_office(client, city):
    signed_in(client, Role.OPERATOR, city.region, city.lead)
    assert client.get("/perangkat-daerah/")["Location"] == "/perangkat-daerah/dinkes/"


def test_an_administrator_of_all_regions_picks_one(client, city):
    user = signed_in(client, Role.ADMINISTRATOR, city.region)
    User.objects.filter(pk=user.pk).update(region=None, agency=None)
    other = make_agency(make_region(code="11.11"), name="Dinas Jauh")
    page = client.get("/perangkat-daerah/?wilayah=11.11").content.decode()
    assert "Dinas Jauh" in page
    assert "Dinas Kesehatan" not in page
    assert f"/perangkat-daerah/{other.code}/?wilayah=11.11" in page
    assert client.get(f"/perangkat-daerah/{other.code}/?wilayah=11.11").status_code == 200
    assert client.get("/perangkat-daerah/?wilayah=99").status_code == 404


# --- what it says -------------------------------------------------------------------------------


def rows_of(client, **query):
    response = client.get("/perangkat-daerah/", query)
    assert response.status_code == 200
    return {row.agency.code: row for row in response.context["rows"]}


def test_the_list_counts_people_questions_and_the_points_that_hang_on_them(client, city):
    make_user(agency=city.lead)
    make_user(agency=city.lead, is_active=False)
    signed_in(client, Role.PIMPINAN, city.region, city.support)
    rows = rows_of(client)
    hanging = {
        code: (row.hanging.leads, row.hanging.supports, row.hanging.areas, row.hanging.points)
        for code, row in rows.items()
    }
    assert hanging == {
        "dinkes": (1, 0, 0, Decimal(10)),
        "disdik": (0, 1, 0, Decimal(0)),
        "kec-a": (0, 0, 0, Decimal(0)),
        "kel-b": (0, 0, 1, Decimal(5)),
        "kel-c": (0, 0, 1, Decimal(5)),
    }
    assert (rows["dinkes"].agency.people, rows["disdik"].agency.people) == (1, 1)


def test_all_points_of_the_instrument_hang_on_somebody(client, city):
    signed_in(client, Role.PIMPINAN, city.region, city.support)
    assert sum(row.hanging.points for row in rows_of(client).values()) == Decimal(20)


def test_each_kecamatan_is_followed_by_its_kelurahan(client, city):
    second = make_agency(city.region, code="kec-0", name="Kecamatan 0", kind=Kind.KECAMATAN)
    make_agency(city.region, code="kel-z", name="Kelurahan Z", kind=Kind.KELURAHAN, parent=second)
    signed_in(client, Role.PIMPINAN, city.region, city.support)
    codes = list(rows_of(client))
    assert codes == ["dinkes", "disdik", "kec-0", "kel-z", "kec-a", "kel-b", "kel-c"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"q": "didik"}, ["disdik"]),
        ({"jenis": "kelurahan"}, ["kel-b", "kel-c"]),
        ({"jenis": "partai"}, ["dinkes", "disdik", "kec-a", "kel-b", "kel-c"]),
        ({"page": "999"}, ["dinkes", "disdik", "kec-a", "kel-b", "kel-c"]),
        (
            {"agency__users__password__startswith": "a"},
            ["dinkes", "disdik", "kec-a", "kel-b", "kel-c"],
        ),
    ],
)
def test_the_list_filters_by_words_and_kind_and_ignores_the_rest(client, city, query, codes):
    signed_in(client, Role.PIMPINAN, city.region, city.support)
    assert list(rows_of(client, **query)) == codes


def test_the_empty_list_says_why(client, city):
    signed_in(client, Role.PIMPINAN, city.region, city.support)
    page = client.get("/perangkat-daerah/?q=xyz").content.decode()
    assert "Tidak ada yang cocok" in page


def test_a_question_without_a_lead_is_told(client, city):
    Assignment.objects.filter(role="lead").delete()
    signed_in(client, Role.VERIFIKATOR, city.region)
    page = client.get("/perangkat-daerah/").content.decode()
    assert "1 pertanyaan kota belum punya penanggung jawab" in page


def test_the_page_of_an_agency_names_its_people_and_its_questions(client, city):
    make_user(agency=city.lead, name="Ibu Sari")
    signed_in(client, Role.OPERATOR, city.region, city.lead)
    page = client.get("/perangkat-daerah/dinkes/")
    text = page.content.decode()
    assert "Ibu Sari" in text
    assert "Pertanyaan uji" in text
    assert page.context["hanging"].points == Decimal(10)
    assert "Undang orang" not in text
    assert "Nonaktifkan" not in text


def test_names_are_text_and_never_markup(client, city):
    bad = '"><svg onload=alert(1)>{{7*7}}'
    city.lead.name = bad
    city.lead.save()
    make_user(agency=city.lead, name=bad)
    signed_in(client, Role.VERIFIKATOR, city.region, city.support)
    for page in ("/perangkat-daerah/", "/perangkat-daerah/dinkes/", "/pengampuan/"):
        text = client.get(page).content.decode()
        assert "<svg onload" not in text
        assert "{{7*7}}" in text


# --- what it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("/perangkat-daerah/", 9),
        ("/perangkat-daerah/dinkes/", 10),
        ("/pengampuan/", 8),
        ("/pengampuan/indikator/7/", 7),
        ("/pengampuan/pertanyaan/7.0/", 6),
    ],
)
@pytest.mark.parametrize("many", [1, 12])
def test_a_page_takes_the_same_queries_for_any_number(
    client, page, number, many, django_assert_num_queries
):
    city = City(questions=many)
    for _ in range(many):
        make_user(agency=city.lead)
        make_agency(city.region, kind=Kind.KELURAHAN, parent=city.kec)
    signed_in(client, Role.VERIFIKATOR, city.region, city.support)
    client.get(page)
    with django_assert_num_queries(number):
        assert client.get(page).status_code == 200


# --- changing who answers -----------------------------------------------------------------------


def held(city, code="7.0"):
    return dict(
        Assignment.objects.filter(region=city.region, question__code=code).values_list(
            "agency__code", "role"
        )
    )


@pytest.mark.parametrize(
    ("keep", "after"),
    [
        ("on", {"disdik": "lead", "dinkes": "support"}),
        ("", {"disdik": "lead"}),
    ],
)
def test_another_lead_replaces_the_old_one_which_stays_or_goes(client, city, keep, after):
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {"agency": city.support.pk, "part": "lead", "keep": keep}
    response = client.post("/pengampuan/pertanyaan/7.0/", data)
    assert response["Location"] == "/pengampuan/pertanyaan/7.0/"
    assert held(city) == after
    assert Change.objects.get(verb="assign").data["replaced"] == ["dinkes"]


def test_a_whole_indicator_changes_hands_but_not_its_area_questions(client):
    city = City(questions=3)
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {"agency": city.support.pk, "part": "lead", "keep": "on"}
    assert client.post("/pengampuan/indikator/7/", data)["Location"] == "/pengampuan/indikator/7/"
    for number in range(3):
        assert held(city, f"7.{number}") == {"disdik": "lead", "dinkes": "support"}
    assert held(city, "7.90") == {"kel-b": "area", "kel-c": "area"}


def test_support_is_added_to_and_taken_from_a_whole_indicator(city):
    new = make_agency(city.region, code="dlh")
    by = make_user(Role.VERIFIKATOR, region=city.region)
    assert assign_indicator(city.indicator, new, "support", by=by) == 1
    assert assign_indicator(city.indicator, new, "support", by=by) == 0
    assert held(city)["dlh"] == "support"
    assert assign_indicator(city.indicator, new, None, by=by) == 1
    assert "dlh" not in held(city)


def test_the_page_takes_support_from_a_whole_indicator(client, city):
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {"agency": city.support.pk, "part": "none"}
    assert client.post("/pengampuan/indikator/7/", data).status_code == 302
    assert held(city) == {"dinkes": "lead"}


def test_support_is_taken_from_one_question(client, city):
    signed_in(client, Role.VERIFIKATOR, city.region)
    client.post("/pengampuan/pertanyaan/7.0/lepas/", {"agency": "disdik"})
    assert held(city) == {"dinkes": "lead"}


@pytest.mark.parametrize(
    ("code", "question", "role", "sentence"),
    [
        ("kel-b", "7.0", "lead", "Kecamatan dan kelurahan tidak menjadi penanggung jawab"),
        ("dinkes", "7.90", "lead", "dijawab wilayah"),
        ("dinkes", "7.90", "area", "bukan wilayah"),
        ("kec-a", "7.90", "area", "bukan wilayah"),
        ("dinkes", "7.0", "support", "tunjuk penanggung jawab lain"),
        ("kel-b", "7.90", "support", "tunjuk penanggung jawab lain"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(city, code, question, role, sentence):
    by = make_user(Role.VERIFIKATOR, region=city.region)
    before = held(city, question)
    with pytest.raises(RefusedError, match=sentence):
        give(
            city.instrument.questions.get(code=question),
            city.region.agencies.get(code=code),
            role,
            by=by,
        )
    assert held(city, question) == before


@pytest.mark.parametrize(
    ("code", "question", "sentence"),
    [("dinkes", "7.0", "Tunjuk dahulu"), ("kel-b", "7.90", "Pertanyaan wilayah")],
)
def test_a_lead_or_an_area_is_not_just_taken_away(city, code, question, sentence):
    by = make_user(Role.VERIFIKATOR, region=city.region)
    with pytest.raises(RefusedError, match=sentence):
        unassign(
            city.instrument.questions.get(code=question),
            city.region.agencies.get(code=code),
            by=by,
        )
    assert code in held(city, question)


def test_an_agency_of_another_region_cannot_be_chosen(client, city):
    foreign = make_agency()
    signed_in(client, Role.VERIFIKATOR, city.region)
    response = client.post("/pengampuan/pertanyaan/7.0/", {"agency": foreign.pk, "part": "support"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"agency"}
    assert not foreign.assignments.exists()


def test_two_regions_have_each_their_own_lead(city):
    other = make_agency()
    give(city.questions[0], other, "lead", by=None)
    assert held(city)["dinkes"] == "lead"
    assert other.assignments.get().role == "lead"


def test_what_an_invitation_posts_beyond_its_fields_is_ignored(client, city):
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {
        "name": "Budi",
        "email": "budi@contoh.example",
        "username": "Budi",
        "role": "operator",
        "agency": city.support.pk,
        "region": make_region().pk,
        "is_staff": "on",
        "is_superuser": "on",
        "password": "x",
        "is_active": "",
    }
    assert client.post("/perangkat-daerah/dinkes/undang/", data).status_code == 302
    made = User.objects.get(username="budi")
    assert (made.agency, made.region, made.is_staff, made.is_superuser, made.is_active) == (
        city.lead,
        city.region,
        False,
        False,
        True,
    )
    assert not made.has_usable_password()


@pytest.mark.parametrize("role", ["administrator", "pimpinan", "raja"])
def test_a_verifikator_cannot_choose_a_higher_role(client, city, role):
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {"name": "B", "email": "b@contoh.example", "username": "budi", "role": role}
    response = client.post("/perangkat-daerah/dinkes/undang/", data)
    assert (response.status_code, set(response.context["form"].errors)) == (422, {"role"})
    assert not User.objects.filter(username="budi").exists()


def test_a_taken_name_is_said_in_indonesian(client, city):
    make_user(username="budi")
    signed_in(client, Role.VERIFIKATOR, city.region)
    data = {"name": "B", "email": "bukan-surel", "username": "BUDI", "role": "operator"}
    errors = client.post("/perangkat-daerah/dinkes/undang/", data).context["form"].errors
    assert errors["username"] == ["Nama pengguna itu sudah dipakai. Pilih yang lain."]
    assert errors["email"] == ["Masukkan alamat email yang valid."]


def test_every_post_of_the_room_wants_its_token(city):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(Role.ADMINISTRATOR, region=city.region))
    own = ["/keluar/", "/akun/data/", "/akun/sandi/", "/akun/keluar-semua/"]
    open_ones = ["/masuk/", "/sandi/", "/sandi/MQ/a-b/", "/undangan/MQ/a-b/"]
    for page in [*DOES, *own, *open_ones]:
        assert strict.post(page.format(pk=1)).status_code == 403, page
