"""The pages: what each role sees, that figures lead to their rows, and that lists stay cheap."""

import gzip
import re
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import AssignmentRole
from agencies.roles import Role
from indicators.scoring import BandEdge
from reports import overview
from reports.ledger import ledger_of
from reports.links import Links
from reports.matrix import matrix_of, units
from submissions.models import Event, Response, Submission
from tests import factories as make
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db

PAGES = {
    "dashboard": (),
    "question_list": (),
    "matrix": (),
    "indicator_report": ("1",),
}


def page(client, user, name, *parts, **query):
    client.force_login(user)
    return client.get(reverse(name, args=[2024, *parts]), query)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# --- what the dashboard says -------------------------------------------------------------------


def test_the_dashboard_shows_the_points_worked_out_by_hand(client):
    found = by_hand.world()
    said = text_of(page(client, found.users["pimpinan"], "dashboard"))
    assert "Terbukti 26,50 belum ada kategori" in said
    assert "+17,75 poin berisiko" in said
    assert "44,25 dari 58" in said
    assert "473,50 poin lagi menuju Pratama ." in said
    assert "7,00 poin diterima tanpa data dukung yang diwajibkan" in said
    assert "89 % nilai memakai bobot perkiraan" in said.replace("\u00a0", " ")
    assert "Klaster KA menyimpan 11,00 poin berisiko" in said
    assert "2023 Madya" in said


def test_a_capped_indicator_is_not_counted_beyond_its_maximum_for_the_next_category():
    """The largest gaps are 12, 10, 9, 8 and 8, then 7 of an indicator that gives 10, where 8 of
    the others is: so the sixth gives 2, and 50 points take the 5 of the seventh too.
    """
    found = by_hand.city(by_hand.instrument())
    ledger, user = ledger_of(found.assessment, None), found.users["pimpinan"]
    links = Links.of(found.assessment, user)
    made = overview.page_of(found.assessment, ledger, links, now=timezone.now())
    said = [
        overview._enough(made.gaps, (BandEdge("Uji", Decimal(points)), Decimal(points)), made.score)
        for points in (12, 49, 50, 59)
    ]
    assert [each.partition(" ")[0] for each in said] == ["Pertanyaan", "Enam", "Tujuh", ""]


def test_the_gaps_are_the_most_valuable_first_with_who_owes_them_and_what_is_wrong(client):
    found = by_hand.world()
    today = timezone.localdate()
    Submission.objects.filter(indicator__code="3").update(due_on=today - timedelta(days=2))
    gaps = page(client, found.users["verifikator"], "dashboard").context["page"].gaps
    assert [
        (gap.row.question.code, gap.worth, gap.row.who, gap.row.badge.text) for gap in gaps
    ] == [
        ("1.3", Decimal(8), "Dinas Kesehatan", "Belum diverifikasi · 3 hari"),
        ("3.1", Decimal(6), "2 kelurahan", "Belum diisi · lewat 2 hari · 1 dari 3 wilayah"),
        ("3.2", Decimal(5), "Badan Perencanaan", "Diklaim tanpa data dukung"),
        ("3.3", Decimal(4), "Badan Perencanaan", "Belum diisi · lewat 2 hari"),
    ]


def test_a_returned_answer_says_why(client):
    found = by_hand.world()
    by_hand.give_back(found.response("1.3"), "matriks tanpa tanggal", by=found.users["verifikator"])
    gaps = page(client, found.users["pimpinan"], "dashboard").context["page"].gaps
    assert gaps[0].row.badge.text == "Dikembalikan: matriks tanpa tanggal"


def test_the_offices_that_are_behind_are_those_whose_turn_it_is_the_latest_first(client):
    found = by_hand.world()
    today = timezone.localdate()
    found.badan.submissions.update(due_on=today - timedelta(days=9))
    rows = page(client, found.users["pimpinan"], "dashboard").context["page"].behind
    assert [(row.office.name, row.share) for row in rows] == [
        ("Badan Perencanaan", "1 dari 3"),
        ("Dinas Kesehatan", "5 dari 6"),  # it owes what it supports of 3.2
        ("Kelurahan c", "0 dari 1"),
    ]
    assert rows[0].due == "lewat 9 hari"


@pytest.mark.parametrize(
    ("figure", "count"),
    [("bare", 1), ("empty", 2), ("unproven", 1), ("returned", 0), ("waiting", 2)],
)
def test_each_count_is_the_number_of_answers_in_the_list_it_leads_to(client, figure, count):
    found = by_hand.world()
    shown = page(client, found.users["verifikator"], "dashboard").context["page"]
    counts = shown.counts
    number = counts.waiting_answers if figure == "waiting" else getattr(counts, figure)
    listed = client.get(shown.ways[figure]).context["found"].answers
    assert (number, listed) == (count, count)


def test_points_lead_to_rows_that_add_up_to_them(client):
    found = by_hand.world()
    shown = page(client, found.users["verifikator"], "dashboard").context["page"]
    risky = client.get(shown.ways["risk"]).context["found"]
    assert risky.tally.at_risk == shown.score.total.at_risk == Decimal(by_hand.AT_RISK)
    for row in shown.clusters:
        listed = client.get(row.risk_href).context["found"]
        assert listed.tally.at_risk == row.at_risk


def test_an_empty_year_says_so_and_shows_zeros(client):
    found = by_hand.city(by_hand.instrument())
    said = text_of(page(client, found.users["pimpinan"], "dashboard"))
    assert "Tahun ini baru dibuka" in said
    assert "Terbukti 0,00 belum ada kategori" in said
    assert "500,00 poin lagi menuju Pratama" in said
    assert "Belum ada poin yang diklaim" in said
    assert "perkiraan." not in said.split("Apa arti perkiraan?")[0]
    for name, parts in PAGES.items():
        assert page(client, found.users["pimpinan"], name, *parts).status_code == 200


def test_example_data_say_that_they_are_examples(client):
    found = by_hand.world()
    found.assessment.is_example = True
    found.assessment.save()
    for name, parts in PAGES.items():
        said = page(client, found.users["verifikator"], name, *parts).content.decode()
        assert "data contoh" in said


# --- the list, the matrix, one indicator -------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({}, ["1.1", "1.2", "1.3", "2.1", "2.2", "3.1", "3.2", "3.3"]),
        ({"klaster": "KB"}, ["3.1", "3.2", "3.3"]),
        ({"indikator": "2"}, ["2.1", "2.2"]),
        ({"perangkat": "badan"}, ["1.1", "3.2", "3.3"]),
        ({"perangkat": "kel-a"}, ["3.1"]),
        ({"keadaan": "berisiko"}, ["1.2", "1.3", "3.1", "3.2"]),
        ({"keadaan": "berisiko", "urut": "risiko"}, ["1.3", "3.2", "1.2", "3.1"]),
        ({"keadaan": "diterima-tanpa-data-dukung"}, ["2.2"]),
        ({"keadaan": "diterima-lebih-rendah"}, ["1.2"]),
        ({"keadaan": "tanpa-pengampu"}, []),
        ({"keadaan": "apa-saja", "agency__user__password__startswith": "p"}, list("*")),
        ({"page": "100000", "page_size": "100000"}, list("*")),
    ],
)
def test_the_list_keeps_what_was_asked_for_and_ignores_what_it_does_not_know(client, query, codes):
    found = by_hand.world()
    rows = page(client, found.users["verifikator"], "question_list", **query).context["rows"]
    every = list(by_hand.QUESTIONS) if codes == ["*"] else codes
    assert [row.question.code for row, _ in rows] == every


def test_the_part_of_one_office_shows_that_offices_points(client):
    found = by_hand.world()
    shown = page(client, found.users["verifikator"], "question_list", perangkat="kel-a")
    assert shown.context["found"].tally.maximum == Decimal(3)
    assert "Kelurahan a" in text_of(shown)


def test_the_matrix_has_a_row_for_each_office_and_says_each_state(client):
    found = by_hand.world()
    Submission.objects.filter(agency=found.badan).update(due_on=date(2020, 1, 1))
    shown = page(client, found.users["pimpinan"], "matrix")
    html = shown.content.decode()
    assert [row.office.name for row in shown.context["matrix"].rows] == [
        "Badan Perencanaan",
        "Dinas Kesehatan",
        "Kelurahan a",
        "Kelurahan b",
        "Kelurahan c",
    ]
    cells = re.findall(r'<td class="(\w)"><a href="[^"]*"><i>(\S+) </i>(\S+?)</a> (\d*%?)<', html)
    assert cells == [
        ("B", "1", "B!", "0%"),
        ("D", "3", "D!", "50%"),
        ("A", "1", "A", ""),
        ("A", "2", "A", ""),
        ("B", "3", "B", "0%"),
        ("A", "3", "A", ""),
        ("A", "3", "A", ""),
        ("B", "3", "B", "0%"),
    ]
    risky = page(client, found.users["pimpinan"], "matrix", urut="risiko").context["matrix"].rows
    assert [row.office.name for row in risky[:2]] == ["Dinas Kesehatan", "Badan Perencanaan"]


def test_a_bar_never_hides_that_something_is_there_or_missing():
    assert [units(Decimal(part), Decimal(100)) for part in (0, "0.01", 50, "99.99", 100)] == [
        0,
        1,
        10,
        19,
        20,
    ]


def test_one_indicator_shows_answers_verdicts_evidence_and_history(client):
    found = by_hand.world()
    evidence = Response.objects.get(question__code="1.1", role="lead").evidence.get()
    Event.objects.create(
        assessment=found.assessment,
        submission=found.response("1.2").submission,
        response=found.response("1.2"),
        verb="review",
        by=found.users["verifikator"],
        data={"note": "Penyebutnya 18."},
    )
    shown = page(client, found.users["pimpinan"], "indicator_report", "1")
    said = text_of(shown)
    assert "Sebagian besar" in said
    assert "9 dari 12 (75,00" in said
    assert "“Penyebutnya 18.”" in said
    assert "memeriksa jawaban 1.2" in said
    assert reverse("evidence", args=[evidence.pk]) in shown.content.decode()


# --- who sees what -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 302),
        ("operator", 200),
        ("operator_badan", 200),
        ("verifikator", 200),
        ("pimpinan", 200),
        ("administrator", 200),
        ("far_operator", 404),
        ("far_verifikator", 404),
        ("far_pimpinan", 404),
    ],
)
def test_who_reaches_which_page(client, name, who, status):
    found = by_hand.world()
    far = make.make_region()
    users = {
        **found.users,
        "administrator": make.make_user(Role.ADMINISTRATOR, region=found.region),
        "far_operator": make.make_user(agency=make.make_agency(far)),
        "far_verifikator": make.make_user(Role.VERIFIKATOR, region=far),
        "far_pimpinan": make.make_user(Role.PIMPINAN, region=far),
    }
    if who:
        client.force_login(users[who])
    address = reverse(name, args=[2024, *PAGES[name]])
    assert client.get(address).status_code == status
    assert client.get(address, {"wilayah": found.region.code}).status_code == status
    if who and not who.startswith("far"):
        assert client.get(address, {"wilayah": far.code}).status_code == 404


def test_an_operator_sees_the_own_part_and_nothing_of_the_others(client):
    found = by_hand.world()
    operator = found.users["operator_badan"]
    shown = page(client, operator, "dashboard")
    assert shown.context["page"].score.total.maximum == Decimal(9)
    for name in ("dashboard", "question_list", "matrix"):
        said = page(client, operator, name).content.decode()
        assert "Dinas Kesehatan" not in said
        assert "Kelurahan" not in said.replace("kelurahan", "")
    # Badan supports 1.1 of the dinas: it sees its own support there, not the dinas's answers.
    said = page(client, operator, "indicator_report", "1").content.decode()
    assert "Sebagian besar" not in said
    assert "Peraturan Wali Kota" not in said


def test_an_operator_does_not_find_an_indicator_of_others(client):
    found = by_hand.world()
    hidden = page(client, found.users["operator_area"], "indicator_report", "1")
    missing = page(client, found.users["operator_area"], "indicator_report", "99")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.content == missing.content


def test_an_operator_without_questions_reads_whom_to_ask(client):
    found = by_hand.world()
    idle = make.make_user(agency=make.make_agency(found.region))
    for name in ("question_list", "matrix"):
        assert "Hubungi verifikator" in text_of(page(client, idle, name))
    assert page(client, idle, "dashboard").status_code == 200


def test_an_administrator_of_no_region_chooses_one_and_keeps_it_in_every_link(client):
    found = by_hand.world()
    other = by_hand.city(found.assessment.instrument)
    admin = make.make_user(Role.ADMINISTRATOR)
    type(admin).objects.filter(pk=admin.pk).update(region=None)
    admin.refresh_from_db()
    choice = page(client, admin, "dashboard")
    assert [region.pk for region in choice.context["page"]] == [
        each.region.pk for each in sorted((found, other), key=lambda each: each.region.name)
    ]
    shown = page(client, admin, "dashboard", wilayah=found.region.code)
    assert shown.context["page"].score.total.proven == Decimal(by_hand.PROVEN)
    ways = re.findall(r'href="(/penilaian/2024/[^"#]*)', shown.content.decode())
    assert ways
    assert [way for way in ways if f"wilayah={found.region.code}" not in way] == []


def test_penilaian_leads_to_the_newest_year_or_says_what_to_do(client):
    verifikator = make.make_user(Role.VERIFIKATOR)
    client.force_login(verifikator)
    assert "/penilaian/buka/" in client.get("/penilaian/").content.decode()
    client.force_login(make.make_user(agency=make.make_agency(verifikator.region)))
    empty = client.get("/penilaian/").content.decode()
    assert "Belum ada tahun penilaian" in empty
    assert "/penilaian/buka/" not in empty
    found = by_hand.world()
    client.force_login(found.users["operator"])
    assert client.get("/penilaian/").headers["Location"] == "/penilaian/2024/"


# --- the export --------------------------------------------------------------------------------


def test_the_export_sends_the_workbook_and_leaves_an_event(client):
    found = by_hand.world()
    client.force_login(found.users["pimpinan"])
    address = "/ekspor/2024/penilaian.xlsx"
    assert address in client.get("/ekspor/").content.decode()
    sent = client.post(address)
    assert sent.headers["Content-Disposition"].startswith("attachment; filename=")
    (target := open_book(sent)).close()
    assert target.sheetnames == ["Ringkasan", "Penilaian", "Progres", "Data dukung"]
    assert Event.objects.get(verb="export").by == found.users["pimpinan"]


def open_book(response):
    from io import BytesIO  # noqa: PLC0415

    return openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))


def test_following_the_bare_address_writes_nothing_and_shows_the_button(client):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    assert client.get("/ekspor/2024/penilaian.xlsx").headers["Location"] == "/ekspor/"
    assert not Event.objects.filter(verb="export").exists()


def test_an_operator_downloads_the_own_part_and_nobody_another_regions(client):
    found = by_hand.world()
    client.force_login(found.users["operator_badan"])
    book = open_book(client.post("/ekspor/2024/penilaian.xlsx"))
    assert [row[0].value for row in book["Penilaian"].iter_rows(min_row=2)] == ["3.2", "3.3"]
    client.force_login(make.make_user(Role.VERIFIKATOR))
    assert client.post("/ekspor/2024/penilaian.xlsx").status_code == 404


def test_an_export_that_breaks_sends_no_half_workbook_and_leaves_no_event(client, monkeypatch):
    found = by_hand.world()

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("reports.workbook._evidence", broken)  # the last sheet
    client.force_login(found.users["verifikator"])
    client.raise_request_exception = False
    assert client.post("/ekspor/2024/penilaian.xlsx").status_code == 500
    assert not Event.objects.filter(verb="export").exists()


# --- what it costs -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["verifikator", "operator", "operator_area"])
def test_every_page_takes_the_same_queries_for_one_answer_or_all_and_for_five_regions(
    client, name, who
):
    parts = ("3",) if name == "indicator_report" and who == "operator_area" else PAGES[name]
    found = by_hand.city(by_hand.instrument())
    page(client, found.users[who], name, *parts)  # the instrument is read once
    counts = []
    for step in ("one", "many", "regions"):
        if step == "one":
            by_hand.claim(found.response("1.1"), {"level": 0})
        elif step == "many":
            by_hand.fill(found)
        else:
            for _ in range(4):
                by_hand.fill(by_hand.city(found.assessment.instrument))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert page(client, found.users[who], name, *parts).status_code == 200
        counts.append(len([q for q in queries if "django_session" not in q["sql"]]))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 12  # and one for the session


def big(offices, indicators):
    """A region of the full size, without questions beyond one for each cell."""
    made = make.make_instrument()
    clusters = [make.make_indicator(made, code=str(n), order=n) for n in range(indicators)]
    questions = [make.make_question(each) for each in clusters]
    make.publish(made)
    region = make.make_region()
    agencies = [
        make.make_agency(region, name=f"Dinas Pekerjaan Umum Nomor {n}", code=f"dpu-{n}")
        for n in range(offices)
    ]
    for question in questions:
        for agency in agencies:
            make.assign(question, agency, AssignmentRole.AREA)
    return make.make_assessment(region, made)


def test_a_full_matrix_weighs_at_most_15_kilobytes_on_the_wire(client):
    assessment = big(46, 31)
    Response.objects.filter(assessment=assessment, question__order__gte=0).update(
        claim_share=1, claim_level=0
    )
    user = make.make_user(Role.PIMPINAN, region=assessment.region)
    sent = page(client, user, "matrix")
    assert sent.content.count(b"</a> <svg") == 46 * 31
    assert len(gzip.compress(sent.content)) <= 15 * 1024


# --- harm --------------------------------------------------------------------------------------

HARM = '"><svg onload=alert(1)>{{7*7}}'


@pytest.mark.parametrize("name", PAGES)
def test_names_notes_and_texts_are_never_markup(client, name):
    found = by_hand.city(by_hand.instrument(code="uji"))
    found.dinas.name = found.areas[0].name = HARM
    found.dinas.save()
    by_hand.fill(found)
    by_hand.attach(found.response("1.2"), HARM, found.users["operator"])
    by_hand.give_back(found.response("1.3"), HARM, by=found.users["verifikator"])
    Response.objects.filter(pk=found.response("1.1").pk).update(note=HARM)
    html = page(client, found.users["verifikator"], name, *PAGES[name]).content.decode()
    assert "<svg onload" not in html
    assert "&lt;svg onload=alert(1)&gt;{{7*7}}" in html


def test_the_names_of_an_instrument_are_never_markup_in_bars_and_heads(client):
    made = make.make_instrument()
    indicator = make.make_indicator(made, code="1", name=HARM)
    indicator.cluster.name = indicator.cluster.code = HARM[:16]
    indicator.cluster.save()
    make.assign(make.make_question(indicator, text=HARM), agency := make.make_agency())
    make.publish(made)
    make.make_assessment(agency.region, made)
    user = make.make_user(Role.PIMPINAN, region=agency.region)
    for name, parts in PAGES.items():
        html = page(client, user, name, *parts).content.decode()
        assert "<svg onload" not in html


def test_links_carry_the_region_only_for_someone_without_one():
    found = by_hand.world()
    user = found.users["pimpinan"]
    ledger = ledger_of(found.assessment, user)
    drawn = matrix_of(ledger, Links.of(found.assessment, user), today=date(2024, 1, 1))
    assert "wilayah" not in drawn.rows[0].name


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.VERIFIKATOR, True), (Role.ADMINISTRATOR, True), (Role.PIMPINAN, False)],
)
def test_other_years_are_one_link_away_and_a_new_one_for_those_who_may_open_it(
    client, role, offered
):
    submission = make.make_work()
    assessment = submission.assessment
    make.make_assessment(assessment.region, assessment.instrument, year=2025, data_year=2024)
    client.force_login(make.make_user(role, region=assessment.region))
    body = client.get(reverse("dashboard", args=[2025])).content.decode()
    assert (reverse("dashboard", args=[2024]) in body, reverse("open_year") in body) == (
        True,
        offered,
    )


def test_an_operator_goes_from_an_indicator_straight_to_the_own_form(client):
    found = by_hand.world()
    operator = found.users["operator_badan"]
    own = Submission.objects.get(agency=operator.agency, indicator__code="1")
    shown = page(client, operator, "indicator_report", "1").content.decode()
    assert f'href="/isian/{own.pk}/">Buka isian indikator ini</a>' in shown
    shown = page(client, found.users["pimpinan"], "indicator_report", "1").content.decode()
    assert "Buka isian" not in shown
