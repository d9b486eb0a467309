"""A region's file, and the standing assignments that the instrument names."""

import json
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import agencies
from agencies.actions import (
    RefusedError,
    assign_indicator,
    assign_standing,
    load_region,
    retire_agency,
)
from agencies.actions import assign as give
from agencies.models import Agency, Assignment, AssignmentRole, Change, Kind, Region
from agencies.roles import Role
from indicators.actions.mapping import save_mapping
from tests.factories import (
    assign,
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_user,
    publish,
)

REGION = {"code": "1", "name": "Kota", "kind": "kota"}
FILE = Path(agencies.__file__).parent / "regions" / "kota-cimahi.json"
pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return json.loads(FILE.read_text())


def test_the_example_city_has_its_46_agencies(city):
    region = load_region(city, by=None)
    kinds = Counter(region.agencies.values_list("kind", flat=True))
    assert (kinds[Kind.KECAMATAN], kinds[Kind.KELURAHAN], kinds.total()) == (3, 15, 46)


def test_a_kelurahan_stands_under_its_kecamatan(city):
    region = load_region(city, by=None)
    cibabat = region.agencies.get(code="kel-cibabat")
    assert (cibabat.name, cibabat.parent.code, cibabat.parent.name) == (
        "Kelurahan Cibabat",
        "kec-cimahi-utara",
        "Kecamatan Cimahi Utara",
    )


def test_codes_are_short_and_one_office_is_the_secretariat(city):
    region = load_region(city, by=None)
    codes = set(region.agencies.values_list("code", flat=True))
    assert {"disdukcapil", "dinkes", "disdik", "dp3ap2kb", "polres-ppa", "apsai"} <= codes
    assert region.agencies.get(is_secretariat=True).code == "dp3ap2kb"


def test_awards_come_with_the_region_and_no_invented_score(city):
    region = load_region(city, by=None)
    assert list(region.awards.values_list("year", "category", "score")) == [
        (2019, "Pratama", None),
        (2017, "Pratama", None),
    ]


def test_loading_twice_changes_nothing_and_keeps_what_the_office_wrote(city):
    region = load_region(city, by=None)
    region.agencies.filter(code="dlh").update(name="Dinas Lingkungan Hidup")
    assert load_region(city, by=None) == region
    assert region.agencies.count() == 46
    assert region.agencies.get(code="dlh").name == "Dinas Lingkungan Hidup"
    assert region.awards.count() == 2


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"region": {"name": "Kota"}, "agencies": []},
        {"region": {"code": "1", "name": "Kota"}, "agencies": [{"name": "Dinas"}]},
        {"region": REGION, "agencies": [{"name": "Dinas", "kind": "partai"}]},
        {"region": REGION, "agencies": [{"name": "Dinas", "kind": "media"}] * 2},
        {"region": REGION | {"kind": "Kota"}, "agencies": []},
        {"region": REGION, "agencies": [], "secretariat": "Dinas"},
        {"region": REGION, "agencies": [{"name": "A", "kind": "media", "answers_as": 1}]},
        {"region": REGION, "agencies": [], "award_history": [{"year": "dua"}]},
        {
            "region": REGION,
            "agencies": [],
            "award_history": [{"year": 1, "category": "x", "score": "banyak"}],
        },
    ],
)
def test_a_wrong_file_is_refused_whole(broken):
    with pytest.raises(RefusedError):
        load_region(broken, by=None)
    assert (Region.objects.count(), Agency.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OPERATOR, False),
        (Role.VERIFIKATOR, False),
        (Role.PIMPINAN, False),
        (Role.ADMINISTRATOR, True),
    ],
)
def test_who_may_load_a_region(city, role, may):
    by = make_user(role)
    if role is Role.ADMINISTRATOR:
        type(by).objects.filter(pk=by.pk).update(region=None)
        by.refresh_from_db()
    if may:
        assert load_region(city, by=by).name == "Kota Cimahi"
        return
    with pytest.raises(PermissionDenied):
        load_region(city, by=by)
    assert not Region.objects.filter(code="32.77").exists()


def test_an_administrator_of_one_region_does_not_load_another(city):
    with pytest.raises(PermissionDenied):
        load_region(city, by=make_user(Role.ADMINISTRATOR))
    assert not Region.objects.filter(code="32.77").exists()


def test_desa_of_the_same_name_in_two_kecamatan_are_told_apart():
    """Common in a kabupaten; the file of the example has none."""
    region = load_region(
        {
            "region": REGION | {"kind": "kabupaten"},
            "kecamatan": [
                {"name": "Cibadak", "kelurahan": [{"name": "Sukamaju"}]},
                {"name": "Cireunghas", "desa": [{"name": "Sukamaju"}, {"name": "Tegalega"}]},
                {"name": "Sukaraja", "desa": [{"name": "Sukamaju"}]},
            ],
            "agencies": [],
        },
        by=None,
    )
    rows = region.agencies.filter(kind=Kind.KELURAHAN).order_by("code")
    assert list(rows.values_list("code", "name", "parent__code")) == [
        ("desa-sukamaju-cireunghas", "Desa Sukamaju (Cireunghas)", "kec-cireunghas"),
        ("desa-sukamaju-sukaraja", "Desa Sukamaju (Sukaraja)", "kec-sukaraja"),
        ("desa-tegalega", "Desa Tegalega", "kec-cireunghas"),
        ("kel-sukamaju", "Kelurahan Sukamaju", "kec-cibadak"),
    ]


def test_the_form_of_a_regions_file_in_the_guide_is_one_that_comes_in():
    guide = (settings.BASE_DIR / "docs" / "operate.md").read_text()
    region = load_region(json.loads(guide.split("```json\n")[1].split("```")[0]), by=None)
    assert region.office_names["DP3AP2KB"] == region.agencies.get(is_secretariat=True).code
    assert (region.agencies.count(), region.awards.count()) == (8, 1)


# --- standing assignments ----------------------------------------------------------------------


@pytest.fixture
def named(city):
    """Cimahi, and questions that name leads, supports, areas and unknown offices."""
    region = load_region(city, by=None)
    indicator = make_indicator(make_instrument())
    make_question(
        indicator,
        code="1.1",
        lead_agency="Dinas Kesehatan",
        supporting_agencies=["Dinas Pendidikan", "Dinas Kesehatan", "Dinas Antariksa"],
    )
    make_question(
        indicator,
        code="1.2",
        level="kelurahan",
        lead_agency="Kelurahan",
        supporting_agencies=["DP3AP2KB"],
    )
    make_question(indicator, code="1.3", level="kecamatan", lead_agency="Kecamatan")
    make_question(indicator, code="1.4", lead_agency="Badan Cuaca")
    return region, indicator.instrument


def test_the_instruments_names_become_assignments(named):
    region, instrument = named
    assign_standing(region, instrument, by=None)
    rows = Counter(Assignment.objects.filter(region=region).values_list("question__code", "role"))
    assert rows == {
        ("1.1", "lead"): 1,
        ("1.1", "support"): 1,
        ("1.2", "area"): 15,
        ("1.2", "support"): 1,
        ("1.3", "area"): 3,
    }


def test_names_without_an_office_are_told_once_each(named):
    assert assign_standing(*named, by=None) == ["Dinas Antariksa", "Badan Cuaca"]


def test_assigning_twice_changes_nothing_and_a_changed_lead_stays(named):
    region, instrument = named
    assign_standing(region, instrument, by=None)
    lead = Assignment.objects.get(question__code="1.1", role="lead")
    Assignment.objects.filter(pk=lead.pk).update(agency=region.agencies.get(code="dlh"))
    Assignment.objects.get(question__code="1.1", role="support").delete()
    before = set(Assignment.objects.values_list("question", "agency", "role"))
    assign_standing(region, instrument, by=None)
    assert set(Assignment.objects.values_list("question", "agency", "role")) == before


def test_a_new_kelurahan_answers_too_when_assigned_again(named):
    region, instrument = named
    assign_standing(region, instrument, by=None)
    new = make_agency(region, kind=Kind.KELURAHAN)
    assign_standing(region, instrument, by=None)
    assert list(new.assignments.values_list("question__code", "role")) == [("1.2", "area")]


def test_assigning_reads_with_the_same_queries_for_any_number(city):
    region, reads = load_region(city, by=None), []
    for count, year in ((1, 2030), (30, 2024)):  # neither has one before it
        indicator = make_indicator(make_instrument(year=year))
        for _ in range(count):
            make_question(indicator, level="kelurahan", lead_agency="Kelurahan")
        with CaptureQueriesContext(connection) as queries:
            assign_standing(region, indicator.instrument, by=None)
        reads.append(sum(each["sql"].startswith("SELECT") for each in queries))
    assert reads == [5, 5]
    assert Assignment.objects.count() == 31 * 15


def swapped(region, reworded):
    """9 and 10 changed places, and one of them was given to another office by hand: the new
    version, and how to map it.
    """
    texts = {"9.1": ("Panti terstandar", "Dinas Kesehatan"), "10.1": ("PAUD-HI", "DP3AP2KB")}
    old = make_indicator(make_instrument(year=2023))
    for code, (text, lead) in texts.items():
        make_question(old, code=code, text=text, lead_agency=lead, supporting_agencies=[lead])
    assign_standing(region, old.instrument, by=None)
    by_hand = old.questions.get(code="9.1")
    give(by_hand, region.agencies.get(code="dlh"), AssignmentRole.LEAD, by=None)
    new = make_indicator(make_instrument(year=2026))
    make_question(new, code="9.1", text="PAUD-HI", lead_agency="Dinas Kesehatan")
    later = make_question(new, code="10.1", text=reworded, lead_agency="DP3AP2KB")
    publish(old.instrument)

    def decide():
        save_mapping(
            new.instrument, old.instrument, chosen={later.pk: by_hand.pk}, seen={}, by=None
        )

    return new, decide


def given(new):
    rows = Assignment.objects.filter(question__indicator=new)
    return set(rows.values_list("question__code", "agency__code", "role"))


CARRIED = {
    ("10.1", "dlh", "lead"),  # by hand, and the one before stayed as support
    ("10.1", "dinkes", "support"),
    ("9.1", "dinkes", "lead"),  # as the version names
}


@pytest.mark.parametrize("mapped", [True, False])
def test_who_was_named_by_hand_answers_what_continues_it_in_the_next_version(named, mapped):
    region, _ = named
    new, decide = swapped(region, "Lembaga asuhan" if mapped else "Panti terstandar")
    if mapped:
        decide()
    assign_standing(region, new.instrument, by=None)
    assert given(new) == CARRIED
    told = Change.objects.filter(verb="assign_standing").latest("pk").data
    assert (told["added"], told["carried"]) == (3, 1)


def test_a_mapping_made_after_the_questions_were_given_is_followed_when_they_are_given_again(named):
    region, _ = named
    new, decide = swapped(region, "Lembaga asuhan")
    assign_standing(region, new.instrument, by=None)
    assert given(new) == {("9.1", "dinkes", "lead"), ("10.1", "dp3ap2kb", "lead")}
    decide()
    for _ in range(2):  # and the second time changes nothing
        assign_standing(region, new.instrument, by=None)
        assert given(new) == CARRIED
    told = Change.objects.filter(verb="assign_standing").order_by("pk")
    assert [(each.data["added"], each.data["carried"]) for each in told][-2:] == [(2, 0), (2, 1)]


@pytest.mark.parametrize("how", ["one", "indicator", "sheet"])
def test_what_was_decided_on_the_new_version_stays_whatever_is_mapped_later(named, how):
    region, _ = named
    new, decide = swapped(region, "Lembaga asuhan")
    assign_standing(region, new.instrument, by=None)
    question, lead = new.questions.get(code="10.1"), region.agencies.get(code="dp3ap2kb")
    if how == "sheet":
        row = Assignment.objects.get(question=question)
        facts = {"row": "Assignment", "pk": row.pk, "sheet": True}
        Change.objects.create(region=region, verb="save_row", by=None, data=facts)
    else:  # away and back by hand: as the instrument names it, but decided
        for agency in (region.agencies.get(code="dlh"), lead):
            if how == "one":
                give(question, agency, AssignmentRole.LEAD, by=None, keep=False)
            else:
                assign_indicator(new, agency, AssignmentRole.LEAD, by=None, keep=False)
    decide()
    assign_standing(region, new.instrument, by=None)
    assert ("10.1", "dp3ap2kb", "lead") in given(new)


def test_a_retired_office_gets_nothing(named):
    region, instrument = named
    region.agencies.filter(code="dinkes").update(retired_at=timezone.now())
    assert "Dinas Kesehatan" in assign_standing(region, instrument, by=None)
    assert not Assignment.objects.filter(agency__code="dinkes").exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PIMPINAN])
def test_who_reads_only_assigns_nothing(named, role):
    region, instrument = named
    agency = region.agencies.get(code="dlh")
    with pytest.raises(PermissionDenied):
        assign_standing(region, instrument, by=make_user(role, region=region, agency=agency))
    assert Assignment.objects.count() == 0


# --- retiring an agency, and the history -------------------------------------------------------


def test_an_office_that_still_leads_is_not_retired():
    agency = make_agency()
    assign(make_question(make_indicator(make_instrument())), agency)
    by = make_user(Role.ADMINISTRATOR, region=agency.region)
    with pytest.raises(RefusedError, match="Alihkan dahulu"):
        retire_agency(agency, by=by, now=timezone.now())
    agency.refresh_from_db()
    assert agency.retired_at is None


def test_an_office_without_a_lead_role_is_retired_and_the_history_says_so():
    agency = make_agency()
    by = make_user(Role.ADMINISTRATOR, region=agency.region)
    retire_agency(agency, by=by, now=timezone.now())
    assert list(Agency.objects.active()) == []
    assert Change.objects.get().data == {"agency": agency.code}


@pytest.mark.parametrize(
    "attempt", [lambda rows: rows.update(verb="invite"), lambda rows: rows.delete()]
)
def test_the_history_is_append_only_in_the_database(attempt):
    load_region({"region": {"code": "1", "name": "Kota", "kind": "kota"}, "agencies": []}, by=None)
    with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
        attempt(Change.objects.all())
    assert Change.objects.get().verb == "load_region"
