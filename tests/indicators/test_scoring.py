"""Scoring at its edges, and what must hold whatever the numbers are."""

import json
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.scoring import (
    ONE,
    ZERO,
    Answer,
    BandEdge,
    Level,
    Mode,
    Scale,
    Tally,
    band_of,
    level_of,
    mean_share,
    next_band,
    percentage,
    points,
    share_of,
    tally_indicator,
    tally_question,
    total,
)

D = Decimal
REAL = json.loads(Path("indicators/instruments/kla-2024.json").read_text(encoding="utf-8"))


def scale(code):
    """A rubric of the real instrument."""
    rubric = REAL["rubrics"][code]
    return Scale(
        mode=Mode(rubric["mode"]),
        levels=tuple(
            Level(
                each["label"], D(str(each["share"])), D(str(each["min"])) if "min" in each else None
            )
            for each in rubric["levels"]
        ),
        higher_is_better=rubric.get("higher_is_better", True),
        min_inclusive=rubric.get("min_inclusive", True),
    )


def reached(code, value):
    return level_of(scale(code), value)


def of(numerator, denominator="100"):
    return {"numerator": numerator, "denominator": denominator}


# --- choice and graded ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ({"level": 0}, 0),
        ({"level": 5}, 5),
        ({"level": 6}, None),
        ({"level": -1}, None),
        ({"level": "0"}, None),
        ({"level": True}, None),
        ({"level": None}, None),
        ({}, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("code", ["bentuk-hukum", "matriks"])
def test_a_picked_level_is_one_of_the_rubric_or_no_answer(code, value, level):
    assert reached(code, value) == level


def test_zero_points_are_an_answer_and_not_the_lack_of_one():
    assert share_of(scale("ya-tidak"), 1) == ZERO
    assert share_of(scale("ya-tidak"), None) is None


# --- thresholds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "percent", "level"),
    [
        (of("100"), "100.00", 0),
        (of("90"), "90.00", 0),
        (of("89.99"), "89.99", 1),
        (of("89.994"), "89.99", 1),
        (of("89.995"), "90.00", 0),
        (of("75"), "75.00", 1),
        (of("74.99"), "74.99", 2),
        (of("50"), "50.00", 2),
        (of("49.99"), "49.99", 3),
        (of("25"), "25.00", 3),
        (of("24.99"), "24.99", 4),
        (of("0"), "0.00", 4),
        (of("2", "3"), "66.67", 2),
        (of("120"), "120.00", 0),
    ],
)
def test_a_percentage_is_rounded_to_two_places_before_it_is_compared(value, percent, level):
    assert (percentage(value), reached("persentase", value)) == (D(percent), level)


@pytest.mark.parametrize(
    ("numerator", "level"),
    [
        ("0", 0), ("0.01", 0), ("5", 0), ("5.004", 0), ("5.005", 1), ("5.01", 1), ("10", 1),
        ("10.01", 2), ("20", 2), ("20.01", 3), ("30", 3), ("30.01", 4), ("100", 4),
    ],
)  # fmt: skip
def test_the_inverse_percentage_takes_its_edge_into_the_better_level(numerator, level):
    assert reached("persentase-terbalik", of(numerator)) == level


@pytest.mark.parametrize(
    "value",
    [
        of("1", "0"), of("1", "-5"), of("-1"), of(None), of("1", None), of("x"), of("NaN"),
        of("Infinity"), of(numerator=True), {"numerator": "1"}, {},
    ],
)  # fmt: skip
def test_a_percentage_that_cannot_be_told_is_no_answer(value):
    assert (percentage(value), reached("persentase", value)) == (None, None)


# --- trends ---------------------------------------------------------------------------------------

BETTER, SAME, WORSE = 0, 1, 2


@pytest.mark.parametrize(
    ("code", "before", "now", "level"),
    [
        ("tren-naik", "80", "80.01", BETTER),
        ("tren-naik", "80", "80", SAME),
        ("tren-naik", "80", "80.00", SAME),
        ("tren-naik", "80.01", "80", WORSE),
        ("tren-naik", "100", "100", BETTER),
        ("tren-naik", "100", "99.99", WORSE),
        ("tren-naik", "0", "0", SAME),
        ("tren-naik", "0", "1", BETTER),
        ("tren-turun", "12", "11.99", BETTER),
        ("tren-turun", "12", "12", SAME),
        ("tren-turun", "11.99", "12", WORSE),
        ("tren-turun", "0", "0", BETTER),
        ("tren-turun", "1", "0", BETTER),
        ("tren-turun", "0", "1", WORSE),
        ("tren-turun", "100", "100", SAME),
        ("tren-naik", None, "80", None),
        ("tren-naik", "80", None, None),
        ("tren-naik", "80", "", None),
        ("tren-naik", "80", "x", None),
    ],
)
def test_a_trend_compares_two_years(code, before, now, level):
    assert reached(code, {"values": [before, now]}) == level


@pytest.mark.parametrize("value", [{}, {"values": None}, {"values": ["80"]}, {"values": "80,81"}])
def test_half_a_comparison_proves_nothing(value):
    assert reached("tren-naik", value) is None


def test_a_trend_looks_at_the_last_two_years_and_at_the_first_three_levels():
    four = Scale(Mode.TREND, tuple(Level(name, ONE) for name in "abcd"))
    assert level_of(four, {"values": ["99", "1", "2"]}) == BETTER
    assert level_of(four, {"values": ["0", "2", "1"]}) == WORSE
    assert level_of(Scale(Mode.TREND, four.levels[:2]), {"values": ["1", "2"]}) is None


def test_what_scoring_is_given_and_gives_holds_still():
    given = (Level("a", ONE), Scale(Mode.CHOICE), Answer(), Tally(), BandEdge("a", ONE))
    for each in given:
        with pytest.raises(FrozenInstanceError):
            setattr(each, next(iter(each.__dataclass_fields__)), None)
        assert not hasattr(each, "__dict__")


def test_a_rubric_that_says_nothing_else_is_better_higher_and_takes_its_edge():
    assert (Scale(Mode.CHOICE).higher_is_better, Scale(Mode.CHOICE).min_inclusive) == (True, True)
    assert BandEdge("a", ONE).inclusive is False
    assert [each.label for each in scale("wilayah").options()] == ["Ya", "Tidak"]


# --- areas ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "yes", "share"),
    [
        ("wilayah", True, ONE), ("wilayah", False, ZERO), ("wilayah", None, None),
        ("wilayah", "ya", None), ("wilayah-terbalik", True, ZERO), ("wilayah-terbalik", False, ONE),
    ],
)  # fmt: skip
def test_an_area_answers_yes_or_no(code, yes, share):
    rubric = scale(code)
    assert share_of(rubric, level_of(rubric, {"yes": yes})) == share


@pytest.mark.parametrize(
    ("claims", "claimed"),
    [
        ([ZERO] * 15, "0.00"),
        ([ONE] * 5 + [ZERO] * 10, "1.00"),
        ([ONE] * 15, "3.00"),
        ([ONE] * 14 + [None], "2.80"),
        ([None] * 15, "0.00"),
        ([ONE, None, None], "1.00"),
        ([], "0.00"),
    ],
)
def test_areas_earn_their_share_and_one_that_did_not_answer_earns_nothing(claims, claimed):
    tally = tally_question(D(3), [Answer(claimed=each) for each in claims])
    assert tally.claimed == D(claimed)
    assert tally.proven == ZERO


def test_an_area_that_did_not_answer_is_still_reachable_and_one_refused_is_not():
    answers = [Answer(ONE, ONE), Answer(ONE, ZERO), Answer()]
    assert tally_question(D(3), answers) == Tally(D(2), D(1), D(1), D(2), D(3))


def test_the_mean_of_no_area_is_nothing():
    assert mean_share([], 0) == ZERO


# --- points ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("maximum", "share", "earned"),
    [
        ("12", "1", "12.00"), ("12", "0.75", "9.00"), ("1.25", "0.5", "0.63"),
        ("1.25", "0.25", "0.31"), ("3.2", "0.66", "2.11"), ("0.5", "0.25", "0.13"),
        ("12", "0", "0.00"), ("12", None, "0.00"),
    ],
)  # fmt: skip
def test_points_have_two_places_rounded_half_up(maximum, share, earned):
    assert points(D(maximum), share and D(share)) == D(earned)


@pytest.mark.parametrize(("code", "asked", "cap"), [("19", D(54), D(51)), ("21B", D(18), D(17))])
def test_the_two_indicators_of_the_real_instrument_are_capped(code, asked, cap):
    indicator = next(i for c in REAL["clusters"] for i in c["indicators"] if i["code"] == code)
    maxima = [D(str(each["max_points"])) for each in indicator["questions"]]
    proven = [tally_question(each, [Answer(ONE, ONE)]) for each in maxima]
    claimed = [tally_question(each, [Answer(ONE)]) for each in maxima]
    assert (sum(maxima), D(str(indicator["max_points"]))) == (asked, cap)
    assert tally_indicator(cap, proven) == Tally(cap, cap, ZERO, cap, cap)
    assert tally_indicator(cap, claimed) == Tally(cap, ZERO, cap, cap, cap)


def test_the_real_instrument_earns_exactly_1000_when_all_is_proven():
    tallies = [
        tally_indicator(
            D(str(indicator["max_points"])),
            [
                tally_question(D(str(q["max_points"])), [Answer(ONE, ONE)])
                for q in indicator["questions"]
            ],
        )
        for cluster in REAL["clusters"]
        for indicator in cluster["indicators"]
    ]
    assert total(tallies) == Tally(D(1000), D(1000), ZERO, D(1000), D(1000))


# --- bands ----------------------------------------------------------------------------------------

BANDS = [BandEdge(b["name"], D(str(b["min"])), b["inclusive"]) for b in REAL["bands"]]


@pytest.mark.parametrize(
    ("reached_total", "name", "following", "missing"),
    [
        ("0", None, "Pratama", "500"),
        ("499.99", None, "Pratama", "0.01"),
        ("500", "Pratama", "Madya", "100.01"),
        ("600", "Pratama", "Madya", "0.01"),
        ("600.01", "Madya", "Nindya", "100.00"),
        ("700", "Madya", "Nindya", "0.01"),
        ("700.01", "Nindya", "Utama", "100.00"),
        ("800", "Nindya", "Utama", "0.01"),
        ("800.01", "Utama", "KLA", "100.00"),
        ("900", "Utama", "KLA", "0.01"),
        ("900.01", "KLA", None, None),
        ("1000", "KLA", None, None),
    ],
)
@pytest.mark.parametrize("bands", [BANDS, BANDS[::-1]], ids=["upwards", "downwards"])
def test_a_band_begins_above_its_edge_and_says_what_is_missing_to_the_next(
    bands, reached_total, name, following, missing
):
    band, ahead = band_of(D(reached_total), bands), next_band(D(reached_total), bands)
    assert (band.name if band else None) == name
    assert (ahead and (ahead[0].name, ahead[1])) == (following and (following, D(missing)))


# --- what holds for any numbers -------------------------------------------------------------------

cents = st.decimals(0, 50, places=2, allow_nan=False)
shares = st.decimals(0, 1, places=4, allow_nan=False)
maybe = st.none() | shares
answers = st.builds(Answer, maybe, maybe)
questions = st.lists(st.tuples(cents, st.lists(answers, max_size=6)), max_size=8)


def summed(cap, asked):
    return tally_indicator(cap, [tally_question(maximum, given) for maximum, given in asked])


@given(cents, questions)
def test_no_figure_exceeds_its_maximum_or_falls_below_zero(cap, asked):
    for tally in [tally_question(*each) for each in asked] + [summed(cap, asked)]:
        for figure in (tally.claimed, tally.proven, tally.at_risk, tally.potential):
            assert ZERO <= figure <= tally.maximum
        assert tally.missing >= ZERO


@given(cents, questions)
def test_what_is_proven_stays_reachable(cap, asked):
    tally = summed(cap, asked)
    assert tally.proven <= tally.potential <= tally.maximum


@given(cents, st.lists(st.tuples(cents, maybe, st.booleans()), max_size=8))
def test_proven_never_exceeds_claimed_where_levels_are_accepted_as_claimed(cap, asked):
    tally = summed(cap, [(top, [Answer(c, c if ok else None)]) for top, c, ok in asked])
    assert tally.proven <= tally.claimed <= tally.potential
    assert tally.proven + tally.at_risk == tally.claimed


@given(cents, questions, st.data())
def test_more_proof_never_lowers_a_score(cap, asked, data):
    before = summed(cap, asked)
    better = [
        (
            top,
            [Answer(a.claimed, data.draw(st.decimals(a.proven or 0, 1, places=4))) for a in given],
        )
        for top, given in asked
    ]
    assert summed(cap, better).proven >= before.proven


@given(st.lists(st.tuples(cents, questions), max_size=5))
def test_a_total_is_the_sum_of_its_parts(groups):
    parts = [summed(cap, asked) for cap, asked in groups]
    whole = total(parts)
    assert whole.proven == sum((each.proven for each in parts), ZERO)
    assert whole.proven + whole.at_risk + whole.missing == whole.maximum


@given(
    st.decimals(0, 1000, places=4),
    st.decimals(0, 1000, places=4),
    st.decimals("0.01", 1000, places=4),
)
def test_a_better_percentage_never_earns_less(one, other, whole):
    low, high = sorted((one, other))
    for code, worse, better in (
        ("persentase", low, high),
        ("persentase-terbalik", high, low),
    ):
        rubric = scale(code)
        earned = [
            share_of(rubric, level_of(rubric, of(str(each), str(whole))))
            for each in (worse, better)
        ]
        assert earned[0] <= earned[1]


@given(
    st.dictionaries(
        st.sampled_from(["level", "yes", "values", "numerator", "denominator"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.integers()),
    )
)
def test_whatever_was_stored_is_a_known_level_or_no_answer(value):
    for code in REAL["rubrics"]:
        rubric = scale(code)
        level = level_of(rubric, value)
        assert level is None or 0 <= level < len(rubric.options())
