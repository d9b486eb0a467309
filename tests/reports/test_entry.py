"""The sheet for the ministry's form: what is to be typed, and ticks for what was."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agencies.roles import Role
from reports.bundles.contents import HIDDEN, LINK
from reports.entry import entry_of, rows_of
from reports.plan import plan_of
from submissions.actions.entering import tick_entry, untick_entry
from submissions.models import EntryTick, Event, Evidence, Response, Verb
from tests.factories import make_user
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db


def rows(found, user=None):
    plan = plan_of(found.assessment.instrument)
    return {
        row.question.code: row
        for row in rows_of(
            found.assessment, plan.questions.values(), user or found.users["verifikator"]
        )
    }


def cells(row):
    return {each.label: each.text for each in row.cells}


def test_each_kind_of_answer_stands_as_the_form_wants_it():
    found = by_hand.world()
    texts = {code: cells(row) for code, row in rows(found).items()}
    values = {
        each.question.code: each.value
        for each in Response.objects.filter(assessment=found.assessment)
        .exclude(role="support")
        .select_related("question")
    }
    ratio = next(code for code, each in values.items() if each and "numerator" in each)
    share = Decimal(values[ratio]["numerator"]) / Decimal(values[ratio]["denominator"]) * 100
    assert (texts[ratio]["Pembilang"], texts[ratio]["Penyebut"], texts[ratio]["Persen"]) == (
        values[ratio]["numerator"].replace(".", ","),
        values[ratio]["denominator"].replace(".", ","),
        f"{share:.2f}".replace(".", ","),
    )
    area = next(
        code
        for code in texts
        if Response.objects.filter(assessment=found.assessment, question__code=code).count() > 2
    )
    assert set(texts[area]) in (
        {"Wilayah yang ya", "Seluruh wilayah", "Persen"}, {"Jawaban"},
    )  # fmt: skip


def beside(found, user, cluster="KA"):
    """By question, what stands beside its answer."""
    plan = plan_of(found.assessment.instrument)
    sheet = entry_of(found.assessment, plan, user, cluster=cluster)
    return {
        row.question.code: [(each.name, each.reason) for each in row.evidence] for row in sheet.rows
    }


def test_beside_the_answer_stands_what_is_attached_and_why_it_is_not_in_the_bundle():
    found = by_hand.world()
    by = found.users["verifikator"]
    assert beside(found, by)["1.1"] == [("Peraturan Wali Kota.pdf", LINK)]
    Evidence.objects.filter(name="Peraturan Wali Kota.pdf").update(restricted=True)
    assert beside(found, by)["1.1"] == [("Peraturan Wali Kota.pdf", HIDDEN)]
    [(name, _)] = beside(found, found.users["pimpinan"])["1.1"]
    assert "Peraturan" not in name


def test_a_tick_is_one_s_own_seen_by_the_team_and_left_as_an_event():
    found = by_hand.world()
    first = found.users["verifikator"]
    second = make_user(Role.VERIFIKATOR, region=found.region)
    question = found.response("1.1").question
    told, now = rows(found)["1.1"].told, timezone.now()
    tick_entry(found.assessment, question, told=told, by=first, now=now)
    tick_entry(found.assessment, question, told=told, by=first, now=now)
    tick_entry(found.assessment, question, told=told, by=second, now=now)
    assert Event.objects.filter(verb=Verb.ENTER).count() == 2
    row = rows(found, second)["1.1"]
    assert [(each.is_mine, each.is_old) for each in row.ticks] == [(False, False), (True, False)]
    untick_entry(found.assessment, question, by=second, now=now)
    untick_entry(found.assessment, question, by=second, now=now)
    assert (EntryTick.objects.count(), Event.objects.filter(verb=Verb.ENTER).count()) == (1, 3)
    assert rows(found, second)["1.1"].is_done
    assert not rows(found, second)["1.1"].is_mine


def test_an_answer_that_changed_since_must_be_typed_once_more():
    found = by_hand.world()
    by = found.users["verifikator"]
    question = found.response("1.1").question
    now = timezone.now()
    tick_entry(found.assessment, question, told=rows(found)["1.1"].told, by=by, now=now)
    Response.objects.filter(pk=found.response("1.1").pk).update(note="lain")
    row = rows(found)["1.1"]
    assert (row.is_done, row.ticks[0].is_old) == (False, True)
    tick_entry(found.assessment, question, told=row.told, by=by, now=now)
    assert rows(found)["1.1"].is_done


def test_only_who_may_ticks():
    found = by_hand.world()
    with pytest.raises(PermissionDenied):
        tick_entry(
            found.assessment,
            found.response("1.1").question,
            told="",
            by=found.users["pimpinan"],
            now=timezone.now(),
        )


def test_progress_is_counted_by_cluster_and_by_person():
    found = by_hand.world()
    by = found.users["verifikator"]
    plan = plan_of(found.assessment.instrument)
    told = rows(found)["1.1"].told
    question = found.response("1.1").question
    tick_entry(found.assessment, question, told=told, by=by, now=timezone.now())
    sheet = entry_of(found.assessment, plan, by, cluster="KB")
    assert [(each.code, each.done, each.total) for each in sheet.clusters] == [
        ("KA", 1, 5), ("KB", 0, 3),
    ]  # fmt: skip
    assert (sheet.cluster.code, sheet.done, sheet.people) == ("KB", 1, ((by.get_full_name(), 1),))


def address(found):
    return f"/penilaian/{found.assessment.year}/entri/"


def tick(client, found, code, seal="", **more):
    seal = seal or rows(found)[code].seal
    return client.post(f"{address(found)}{code}/", {"buat": seal}, **more)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_an_answer_that_changed_since_the_page_was_opened_is_not_ticked(client, headers):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    seal = rows(found)["1.1"].seal
    Response.objects.filter(pk=found.response("1.1").pk).update(note="lain")
    answer = tick(client, found, "1.1", seal, headers=headers, follow=not headers)
    assert "jawabannya berubah sejak halaman dibuka" in answer.content.decode().lower()
    assert EntryTick.objects.count() == 0


def test_a_tick_in_the_page_also_tells_how_much_the_team_has_typed(client):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    part = tick(client, found, "1.1", headers={"HX-Request": "true"}).content.decode()
    assert ('hx-swap-oob="true"' in part, "1 dari 8 dientri" in part) == (True, True)
    assert "hx-swap-oob" not in client.get(address(found)).content.decode()


def test_the_page_ticks_and_unticks_with_and_without_javascript(client):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    page = client.get(address(found)).content.decode()
    assert "Sudah dientri" in page
    ticked = tick(client, found, "1.1")
    assert (ticked.status_code, ticked["Location"]) == (
        302,
        "/penilaian/2024/entri/?klaster=KA#p-1.1",
    )
    part = client.post(f"{address(found)}1.1/", {"buat": "batal"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert EntryTick.objects.count() == 0


def test_what_was_typed_can_be_left_out(client):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    tick(client, found, "1.1")
    page = client.get(f"{address(found)}?klaster=KA&belum=1").content.decode()
    assert 'id="p-1.1"' not in page
    assert 'id="p-1.2"' in page


def test_the_page_takes_the_same_queries_for_any_number_of_ticks(client, django_assert_num_queries):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    client.get(address(found))
    with django_assert_num_queries(8):
        client.get(address(found))
    for code in ("1.1", "1.2", "1.3"):
        tick(client, found, code)
    with django_assert_num_queries(8):
        client.get(address(found))
