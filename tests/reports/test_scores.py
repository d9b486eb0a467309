"""The figures of a year, against the sums worked out by hand in `world`."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reports.ledger import ledger_of
from reports.scores import score, score_of
from submissions.models import Response
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db


def test_the_total_is_the_sum_worked_out_by_hand():
    total = score_of(by_hand.world().assessment).total
    assert total.claimed == Decimal(by_hand.CLAIMED)
    assert total.proven == Decimal(by_hand.PROVEN)
    assert total.at_risk == Decimal(by_hand.AT_RISK)
    assert total.maximum == Decimal(58)


def test_every_question_has_the_points_worked_out_by_hand():
    found = score_of(by_hand.world().assessment)
    figures = {
        line.code: (str(line.claimed), str(line.proven)) for line in found.questions.values()
    }
    assert figures == by_hand.QUESTIONS


def test_an_indicator_never_gives_more_than_its_maximum_and_takes_its_unproven_part_along():
    capped = score_of(by_hand.world().assessment).indicators["2"]
    assert (capped.claimed, capped.proven, capped.at_risk) == (Decimal(10), Decimal(10), Decimal(0))
    assert capped.unproven == Decimal("7.00")


def test_points_accepted_without_evidence_are_carried_up_to_the_total():
    found = score_of(by_hand.world().assessment)
    assert found.total.unproven == Decimal(by_hand.UNPROVEN)
    assert {line.code: line.unproven for line in found.clusters} == {"KA": Decimal(7), "KB": 0}


def test_a_silent_area_counts_among_the_areas_and_earns_nothing():
    found = by_hand.world()
    line = score_of(found.assessment).questions[found.response("3.2").question_id - 1]
    assert (line.code, line.claimed, line.proven) == ("3.1", Decimal(6), Decimal(3))


def test_a_lower_verdict_leaves_the_rest_of_the_claim_at_risk_but_is_no_gap_any_more():
    found = by_hand.world()
    line = score_of(found.assessment).questions[found.response("1.2").question_id]
    assert (line.at_risk, line.open) == (Decimal(3), Decimal(0))


def test_a_year_just_opened_is_all_zero_and_below_every_band():
    found = score_of(by_hand.city(by_hand.instrument()).assessment)
    assert (found.total.proven, found.total.claimed, found.total.at_risk) == (0, 0, 0)
    assert found.band is None
    assert found.next[0].name == "Pratama"
    assert found.next[1] == Decimal(500)
    assert found.estimate_share is None


def test_the_estimated_share_is_of_the_proven_points_and_before_them_of_the_claimed():
    found = by_hand.city(by_hand.instrument())
    by_hand.claim(found.response("2.1"), {"level": 0})  # 8.00, a guess
    by_hand.claim(found.response("3.1", found.areas[0]), {"yes": True})  # 3.00, counted
    assert score_of(found.assessment).estimate_share == Decimal(8) / Decimal(11)
    by_hand.fill(found)
    assert score_of(found.assessment).estimate_share == Decimal("23.5") / Decimal("26.5")


def test_an_agencys_part_counts_only_its_questions_and_its_part_of_an_area_question():
    found = by_hand.world()
    ledger = ledger_of(found.assessment, None)
    dinas, area = (score(ledger.of_agency(each.pk)) for each in (found.dinas, found.areas[0]))
    assert (dinas.total.proven, dinas.total.maximum) == (Decimal("23.50"), Decimal(40))
    assert (area.total.proven, area.total.claimed, area.total.maximum) == (3, 3, 3)


def test_an_operator_gets_the_same_part_as_the_verifikator_who_looks_at_it():
    found = by_hand.world()
    whole = ledger_of(found.assessment, found.users["verifikator"])
    for name, agency in (("operator", found.dinas), ("operator_area", found.areas[0])):
        own = score(ledger_of(found.assessment, found.users[name]))
        assert own == score(whole.of_agency(agency.pk))


def test_a_supporting_answer_never_counts():
    found = by_hand.world()
    support = Response.objects.get(question__code="1.1", role="support")
    Response.objects.filter(pk=support.pk).update(claim_level=0, claim_share=1)
    assert score_of(found.assessment).total.claimed == Decimal(by_hand.CLAIMED)


def test_two_regions_on_one_instrument_do_not_touch_each_other():
    found = by_hand.world()
    other = by_hand.city(found.assessment.instrument)
    assert score_of(found.assessment).total.proven == Decimal(by_hand.PROVEN)
    assert score_of(other.assessment).total.proven == 0


def run(command, *arguments):
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_scores_prints_the_proven_points_as_json():
    found = by_hand.world()
    assert json.loads(run("scores", "2024", "--region", found.region.code, "--json")) == {
        "total": by_hand.PROVEN,
        "band": None,
        "clusters": by_hand.CLUSTERS,
        "indicators": by_hand.INDICATORS,
    }


def test_scores_refuses_a_year_that_is_not_open():
    with pytest.raises(CommandError, match="belum dibuka"):
        run("scores", "2023", "--region", by_hand.world().region.code)


def test_verify_scores_finds_nothing_in_a_sound_year():
    by_hand.world()
    assert run("verify_scores") == "12 jawaban diperiksa, tidak ada selisih.\n"


@pytest.mark.parametrize(
    ("code", "change", "said"),
    [
        ("1.1", {"claim_share": "0.5"}, "bagian diklaim 0.5000, seharusnya 0.7500"),
        ("1.2", {"claim_level": 0}, "tingkat diklaim 0, seharusnya 1"),
        ("1.2", {"verified_share": "1"}, "bagian terbukti 1.0000, seharusnya 0.5000"),
        ("2.1", {"last_review": None}, "tetapi hasil verifikasi tidak ada"),
        ("2.1", {"verified_level": 9}, "tingkat terbukti 9 tidak ada pada rubrik"),
        ("3.3", {"value": {"level": 0}}, "tingkat diklaim None, seharusnya 0"),
    ],
)
def test_verify_scores_names_each_share_that_is_not_what_scoring_gives(code, change, said):
    found = by_hand.world()
    Response.objects.filter(pk=found.response(code).pk).update(**change)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_scores", stdout=out, stderr=out)
    assert said in out.getvalue()
    assert f", {code}, " in out.getvalue()


def test_the_score_of_a_year_takes_three_queries_once_its_instrument_is_known(
    django_assert_num_queries,
):
    found = by_hand.world()
    score_of(found.assessment)
    with django_assert_num_queries(3):
        score_of(found.assessment)
