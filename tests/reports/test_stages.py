"""The stages side by side, against a year worked out by hand, and the page that shows them."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from reports.ledger import ledger_of
from reports.stages import board_of, said_of
from submissions.actions.stages import load_places
from submissions.models import Stage, StageResult
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db

GIVEN = {"1.1": "5.00", "1.2": "6.00", "1.3": "9.00", "2.1": "8.00", "2.2": "7.00"}


def add_stage(found, name="Verifikasi administrasi", held_on=date(2024, 6, 1), **points):
    stage = Stage.objects.create(assessment=found.assessment, name=name, held_on=held_on)
    questions = {each.code: each for each in found.assessment.instrument.questions.all()}
    StageResult.objects.bulk_create(
        StageResult(stage=stage, question=questions[code], points=Decimal(each))
        for code, each in (points or GIVEN).items()
    )
    return stage


def board(found, user=None, **asked):
    return board_of(
        found.assessment, ledger_of(found.assessment, user), now=timezone.now(), **asked
    )


def test_each_level_stands_beside_what_was_claimed_and_proven():
    found = by_hand.world()
    add_stage(found)
    shown = board(found)
    assert [str(each) for each in shown.total.figures] == ["44.25", "26.50", "30.00"]
    figures = {
        each.line.code: [None if f is None else str(f) for f in each.line.figures]
        for each in shown.clusters
    }
    assert figures == {"KA": ["34.50", "23.50", "30.00"], "KB": ["9.75", "3.00", None]}
    capped = next(i for c in shown.clusters for i in c.indicators if i.code == "2")
    assert [str(each) for each in capped.figures] == ["10.00", "10.00", "10.00"]


def test_a_part_that_a_stage_did_not_look_at_has_no_figure_there():
    found = by_hand.world()
    add_stage(found)
    shown = board(found)
    third = next(i for c in shown.clusters for i in c.indicators if i.code == "3")
    assert third.figures[2] is None
    assert shown.columns[2].covered == 5


def test_what_was_lost_stands_first_where_most_was_lost():
    found = by_hand.world()
    add_stage(found)
    shown = board(found)
    assert [(each.row.question.code, str(each.lost)) for each in shown.losses] == [
        ("1.2", "3.00"), ("1.1", "2.50"),
    ]  # fmt: skip
    assert (shown.lost, shown.gained) == (Decimal("5.50"), Decimal("1.00"))


def test_two_columns_can_be_chosen_and_unknown_ones_are_passed_over():
    found = by_hand.world()
    first = add_stage(found, "Evaluasi mandiri", date(2024, 3, 1), **{"1.1": "7.50"})
    second = add_stage(found, **{"1.1": "2.00"})
    usual = board(found, start="x", end="999999")
    assert (usual.start.stage, usual.end.stage) == (first, second)
    assert [str(each.lost) for each in usual.losses] == ["5.50"]
    asked = board(found, start="terbukti", end=str(first.pk))
    assert (asked.start.key, asked.losses) == ("terbukti", ())


def test_the_reviewer_s_verdict_before_the_stage_stands_beside_a_loss():
    found = by_hand.world()
    add_stage(found)
    ledger = ledger_of(found.assessment, None)
    shown = board_of(found.assessment, ledger, now=timezone.now())
    said = said_of(ledger, shown.losses)
    texts = {each.row.question.code: said[each.row.question.pk].text for each in shown.losses}
    assert {code: text.split(":")[0] for code, text in texts.items()} == {
        "1.1": "Diterima", "1.2": "Diterima",
    }  # fmt: skip


def address(found):
    return f"/penilaian/{found.assessment.year}/tahap/"


def test_the_page_takes_the_same_queries_for_one_loss_and_for_many(
    client, django_assert_num_queries
):
    found = by_hand.world()
    client.force_login(found.users["verifikator"])
    stage = add_stage(found, **{"1.1": "5.00"})
    client.get(address(found))
    with django_assert_num_queries(10):
        client.get(address(found))
    stage.delete()
    add_stage(found)
    with django_assert_num_queries(10):
        client.get(address(found))


def test_before_there_is_a_stage_the_page_says_what_comes(client):
    found = by_hand.world()
    client.force_login(found.users["pimpinan"])
    page = client.get(address(found)).content.decode()
    assert "Belum ada tahap luar" in page
    assert "Muat hasil tahap" not in page


def test_an_office_sees_its_own_questions_and_no_sum_of_the_city(client):
    found = by_hand.world()
    add_stage(found)
    client.force_login(found.users["operator"])
    page = client.get(address(found)).content.decode()
    assert "Pertanyaan yang diampu" in page
    assert "Per klaster dan indikator" not in page
    assert found.badan.name not in page


def test_public_totals_of_other_places_stand_beside_one_s_own(client):
    found = by_hand.world()
    add_stage(found)
    load_places(
        {
            "scores": [
                {
                    "place": "Kab. Contoh", "year": 2022, "stage_EM": 973.9, "stage_VA": 697.4,
                    "source": "https://berita.example/kla",
                }
            ]
        }
    )  # fmt: skip
    client.force_login(found.users["pimpinan"])
    page = client.get(address(found)).content.decode()
    assert "Evaluasi mandiri 973,90; Verifikasi administrasi 697,40" in page
    assert "-276,50" in page
    assert "berita.example" in page
