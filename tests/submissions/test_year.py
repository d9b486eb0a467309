"""Opening a year, from the page and from the shell."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from agencies.models import AssignmentRole
from agencies.roles import Role
from submissions.models import Assessment, Event, Verb
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    make_work,
    publish,
)

pytestmark = pytest.mark.django_db

PATH = "/penilaian/buka/"


def standing(*, published=True):
    """A region with one office that leads one of two city questions, and one kelurahan."""
    instrument = make_instrument()
    indicator = make_indicator(instrument)
    led, orphan = make_question(indicator), make_question(indicator)
    area = make_question(indicator, "area_share", level="kelurahan")
    agency = make_agency()
    assign(led, agency)
    assign(area, make_agency(agency.region, kind="kelurahan"), AssignmentRole.AREA)
    if published:
        publish(instrument)
    return agency.region, instrument, orphan


def sent(region, instrument, **changes):
    values = {
        "wilayah": region.pk,
        "tahun": 2024,
        "tahun_data": 2023,
        "instrumen": instrument.pk,
        "tenggat": (timezone.localdate() + timedelta(days=30)).isoformat(),
    }
    return values | changes


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 302),
        (Role.OPERATOR, 403),
        (Role.PIMPINAN, 403),
        (Role.ADMINISTRATOR, 200),
        (Role.VERIFIKATOR, 200),
    ],
)
def test_who_may_open_a_year(client, role, status):
    region, instrument, _ = standing()
    if role is Role.OPERATOR:
        client.force_login(make_user(role, agency=region.agencies.first()))
    elif role is not None:
        client.force_login(make_user(role, region=region))
    assert client.get(PATH).status_code == status
    client.post(PATH, sent(region, instrument))
    assert Assessment.objects.count() == (1 if status == 200 else 0)


def test_the_page_shows_what_would_be_opened_and_what_nobody_leads(client):
    region, _, orphan = standing()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    preview = client.get(PATH).context["preview"]
    assert (preview.agencies, preview.questions) == (2, 3)
    assert (preview.scoring, preview.supports) == (2, 0)
    assert preview.without_lead == [orphan]


def test_opening_leads_to_the_year_and_copies_the_standing_assignments(client):
    region, instrument, _ = standing()
    user = make_user(Role.VERIFIKATOR, region=region)
    client.force_login(user)
    reply = client.post(PATH, sent(region, instrument))
    assessment = Assessment.objects.get()
    assert reply.url == reverse("dashboard", args=[2024])
    assert (assessment.year, assessment.data_year, assessment.opened_by) == (2024, 2023, user)
    assert assessment.responses.count() == 2
    assert Event.objects.get().verb == Verb.OPEN_YEAR


# fmt: off
REFUSED = [
    ({"tenggat": "2001-01-01"}, "Tenggat tidak boleh sebelum hari ini."),
    ({"tahun_data": 2025},      "Tahun data tidak boleh sesudah tahun penilaian."),
    ({"tahun": "dua ribu"},     "Tulis tahun dengan empat angka."),
    ({"tahun": 2062, "tahun_data": 2061}, "Paling jauh tahun depan, "),
    ({"tahun_data": 2002},      "Paling lama 5 tahun sebelum tahun penilaian."),
    ({"instrumen": 0},          "Pilih instrumen yang sudah diterbitkan."),
    ({"wilayah": 0},            "Pilih kabupaten/kota dari daftar."),
]
# fmt: on


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_a_year_that_cannot_be_is_refused_with_a_sentence(client, changes, sentence):
    region, instrument, _ = standing()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    reply = client.post(PATH, sent(region, instrument, **changes))
    assert reply.status_code == 422
    assert sentence in reply.content.decode()
    assert Assessment.objects.count() == 0


def test_the_same_year_is_not_opened_twice(client):
    region, instrument, _ = standing()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    client.post(PATH, sent(region, instrument))
    reply = client.post(PATH, sent(region, instrument, tenggat="2099-03-30"))
    assert "Penilaian 2024 sudah dibuka." in reply.content.decode()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    reply = client.post(PATH, sent(region, instrument))
    assert "Penilaian 2024 sudah dibuka." in reply.content.decode()
    assert Assessment.objects.count() == 1


def test_a_second_click_arrives_at_the_year_that_the_first_one_opened(client):
    region, instrument, _ = standing()
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    replies = [client.post(PATH, sent(region, instrument)) for _ in range(2)]
    assert [each.headers["Location"] for each in replies] == ["/penilaian/2024/"] * 2
    assert Assessment.objects.count() == 1
    Assessment.objects.update(opened_at=timezone.now() - timedelta(minutes=2))
    reply = client.post(PATH, sent(region, instrument))
    assert "Penilaian 2024 sudah dibuka." in reply.content.decode()


def test_a_verifikator_opens_the_own_region_only(client):
    region, instrument, _ = standing()
    client.force_login(make_user(Role.VERIFIKATOR))
    assert client.post(PATH, sent(region, instrument)).status_code == 422
    assert Assessment.objects.count() == 0


def test_a_draft_instrument_is_not_offered(client):
    region, instrument, _ = standing(published=False)
    client.force_login(make_user(Role.VERIFIKATOR, region=region))
    assert "Belum ada instrumen yang diterbitkan." in client.get(PATH).content.decode()
    assert client.post(PATH, sent(region, instrument)).status_code == 422
    assert Assessment.objects.count() == 0


def test_the_page_costs_the_same_for_one_question_and_for_many(
    client, django_assert_max_num_queries
):
    found = []
    for count in (0, 20):
        region, instrument, _ = standing(published=False)
        indicator = make_indicator(instrument)
        for _ in range(count):
            make_question(indicator)
        publish(instrument)
        client.force_login(make_user(Role.VERIFIKATOR, region=region))
        with django_assert_max_num_queries(18) as asked:
            client.get(PATH)
        found.append(len(asked))
    assert found[0] == found[1]


def test_the_command_opens_a_year(capsys):
    region, instrument, _ = standing()
    call_command("open_year", 2024, region=region.code, closes=date(2024, 3, 31))
    assessment = Assessment.objects.get()
    assert (assessment.region, assessment.instrument) == (region, instrument)
    assert (assessment.data_year, assessment.closes_on) == (2023, date(2024, 3, 31))
    assert "2 jawaban" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"region": "00.00"}, "no region"),
        ({"instrument": "entah"}, "no instrument"),
    ],
)
def test_the_command_refuses_what_is_not_there(options, sentence):
    region, _, _ = standing()
    with pytest.raises(CommandError, match=sentence):
        call_command("open_year", 2024, **({"region": region.code} | options))
    assert Assessment.objects.count() == 0


def test_the_command_refuses_without_a_published_instrument():
    region, instrument, _ = standing(published=False)
    with pytest.raises(CommandError, match="No instrument is published"):
        call_command("open_year", 2024, region=region.code)
    with pytest.raises(CommandError, match="masih draf"):
        call_command("open_year", 2024, region=region.code, instrument=instrument.code)


def test_the_command_refuses_a_year_that_is_open():
    region, _, _ = standing()
    call_command("open_year", 2024, region=region.code)
    with pytest.raises(CommandError, match="sudah dibuka"):
        call_command("open_year", 2024, region=region.code)


def test_a_region_where_nobody_answers_is_refused():
    standing()
    with pytest.raises(CommandError, match="Belum ada perangkat daerah yang mengampu"):
        call_command("open_year", 2024, region=make_region().code)


@pytest.mark.parametrize("path", ["/isian/", "/verifikasi/"])
def test_a_year_still_being_mended_stays_within_reach_when_the_next_is_open(client, path):
    older = make_work()
    region, instrument = older.assessment.region, older.assessment.instrument
    make_assessment(region, instrument, year=2025, data_year=2024)
    if path == "/isian/":
        client.force_login(make_user(agency=older.agency))
    else:
        client.force_login(make_user(Role.VERIFIKATOR, region=region))
    newest, named = client.get(path), client.get(path, {"tahun": "2024"})
    assert newest.context["assessment"].year == 2025
    assert '<a href="?tahun=2024"' in newest.content.decode()
    assert named.context["assessment"] == older.assessment


@pytest.mark.parametrize("path", ["/isian/", "/verifikasi/"])
def test_one_open_year_offers_no_choice_and_an_odd_year_is_passed_over(client, path):
    work = make_work()
    if path == "/isian/":
        client.force_login(make_user(agency=work.agency))
    else:
        client.force_login(make_user(Role.VERIFIKATOR, region=work.assessment.region))
    for odd in ("1999", "x", "20240000000000000000"):
        page = client.get(path, {"tahun": odd})
        assert page.context["assessment"] == work.assessment
        assert "Tahun yang masih dibuka" not in page.content.decode()
