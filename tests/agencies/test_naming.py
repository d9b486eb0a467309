"""Names of the instrument that no office bears: said once which office is meant, then known."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.actions import (
    RefusedError,
    assign_standing,
    load_region,
    merge_agency,
    name_offices,
    retire_agency,
    strange_names,
)
from agencies.models import Assignment, Change, Kind, Region
from agencies.roles import Role
from tests.factories import (
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db
PLACE = "/pengampuan/nama/"


@pytest.fixture
def city():
    """A city without an office called DP3AP2KB, which its instrument names in two places."""
    region = make_region()
    make_agency(region, code="dinkes", name="Dinas Kesehatan")
    women = make_agency(region, code="dp3a", name="DP3A Kota Contoh")
    indicator = make_indicator(make_instrument())
    make_question(indicator, code="1.1", lead_agency="DP3AP2KB")
    make_question(
        indicator,
        code="1.2",
        lead_agency="Dinas Kesehatan",
        supporting_agencies=["DP3AP2KB", "BNN"],
    )
    make_question(indicator, code="1.3", level="kelurahan", lead_agency="Kelurahan")
    publish(indicator.instrument)
    assign_standing(region, indicator.instrument, by=None)
    return region, indicator.instrument, women


def given(region):
    rows = Assignment.objects.filter(region=region).order_by("question__code", "role")
    return list(rows.values_list("question__code", "agency__code", "role"))


def strange(region, instrument):
    return [(each.name, each.leads, each.supports) for each in strange_names(region, instrument)]


def test_strange_names_are_told_with_what_hangs_on_them(city):
    region, instrument, _ = city
    assert strange(region, instrument) == [("DP3AP2KB", 1, 1), ("BNN", 0, 1)]


def test_who_is_meant_leads_what_nobody_leads_and_supports_what_others_lead(city):
    region, instrument, women = city
    by = make_user(Role.VERIFIKATOR, region=region)
    assert name_offices(region, instrument, {"DP3AP2KB": women}, by=by) == 2
    assert given(region) == [
        ("1.1", "dp3a", "lead"),
        ("1.2", "dinkes", "lead"),
        ("1.2", "dp3a", "support"),
    ]
    assert strange(region, instrument) == [("BNN", 0, 1)]
    told = Change.objects.filter(verb="assign_standing").latest("pk")
    assert (told.by, told.data["names"], told.data["added"]) == (by, {"DP3AP2KB": "dp3a"}, 2)


def test_a_name_that_was_said_once_is_known_to_the_next_version(city):
    region, instrument, women = city
    name_offices(region, instrument, {"DP3AP2KB": women}, by=None)
    newer = make_indicator(make_instrument(year=2030))
    make_question(newer, code="9.1", lead_agency="dp3ap2kb")
    assert assign_standing(Region.objects.get(), publish(newer.instrument), by=None) == []
    assert ("9.1", "dp3a", "lead") in given(region)


def test_an_office_that_ended_is_meant_no_more(city):
    region, instrument, women = city
    name_offices(region, instrument, {"BNN": women}, by=None)
    Assignment.objects.filter(agency=women).delete()
    by = make_user(Role.ADMINISTRATOR, region=region)
    retire_agency(women, by=by, now=Change.objects.latest("pk").at)
    assert ("BNN", 0, 1) in strange(Region.objects.get(), instrument)
    with pytest.raises(RefusedError, match="tidak dipakai"):
        name_offices(region, instrument, {"BNN": women}, by=None)


def test_what_an_office_was_called_means_its_successor_once_it_was_merged(city):
    region, instrument, women = city
    name_offices(region, instrument, {"DP3AP2KB": women}, by=None)
    by = make_user(Role.ADMINISTRATOR, region=region)
    successor = make_agency(region, code="dinsos", name="Dinas Sosial")
    merge_agency(women, successor, by=by, now=Change.objects.latest("pk").at)
    newer = make_indicator(make_instrument(year=2030))
    make_question(newer, code="9.1", lead_agency="DP3AP2KB")
    make_question(newer, code="9.2", lead_agency="DP3A Kota Contoh")
    assert assign_standing(Region.objects.get(), publish(newer.instrument), by=None) == []
    assert given(region)[-2:] == [("9.1", "dinsos", "lead"), ("9.2", "dinsos", "lead")]


@pytest.mark.parametrize("where", ["another region", "an area"])
def test_who_cannot_answer_for_the_city_is_not_meant(city, where):
    region, instrument, _ = city
    other = (
        make_agency(region, kind=Kind.KELURAHAN)
        if where == "an area"
        else make_agency(make_region())
    )
    with pytest.raises(RefusedError):
        name_offices(region, instrument, {"DP3AP2KB": other}, by=None)
    assert Region.objects.get(pk=region.pk).office_names == {}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PIMPINAN])
def test_who_only_reads_names_nobody(city, role):
    region, instrument, women = city
    with pytest.raises(PermissionDenied):
        name_offices(
            region, instrument, {"DP3AP2KB": women}, by=make_user(role, region=region, agency=women)
        )


def test_the_page_takes_what_was_chosen_and_leaves_the_rest(client, city):
    region, instrument, _ = city
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    page = client.get(PLACE)
    keys = list(page.context["form"].fields)
    assert "Pilih paling sedikit satu" in client.post(PLACE, {}).content.decode()
    assert client.post(PLACE, {keys[0]: "tidak-ada"}).status_code == 422
    assert client.post(PLACE, {keys[0]: "dp3a", keys[1]: ""}).status_code == 302
    assert strange(Region.objects.get(), instrument) == [("BNN", 0, 1)]
    assert "1 nama tersimpan, 2 tugas dibagi." in client.get(PLACE).content.decode()


def test_sharing_out_leads_to_the_names_that_are_left(client, city):
    client.force_login(make_user(Role.VERIFIKATOR, region=city[0]))
    assert client.post("/pengampuan/bagi/")["Location"] == PLACE


def test_the_page_takes_the_same_queries_for_any_number(client, city):
    region = city[0]
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    client.get(PLACE)
    counts = []
    for many in (0, 20):
        for _ in range(many):
            make_agency(region)
        with CaptureQueriesContext(connection) as queries:
            client.get(PLACE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_regions_file_may_say_what_its_offices_are_called_in_the_instrument():
    file = {
        "region": {"code": "1", "name": "Kota", "kind": "kota"},
        "agencies": [
            {"name": "DP3A", "kind": "perangkat_daerah", "answers_as": ["DP3AP2KB", "UPTD PPA"]}
        ],
        "secretariat": "DP3A",
    }
    region = load_region(file, by=None)
    assert region.office_names == {"DP3AP2KB": "dp3a", "UPTD PPA": "dp3a"}
    region.office_names |= {"UPTD PPA": "lain"}
    region.save()
    assert load_region(file, by=None).office_names == {"DP3AP2KB": "dp3a", "UPTD PPA": "lain"}
