"""How figures, dates and sizes are said."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from indicators import wording


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("12.5"), "12,50"),
        (Decimal("1234.5"), "1.234,50"),
        (Decimal("1234567"), "1.234.567,00"),
        (Decimal("0.005"), "0,01"),
        (Decimal("-3"), "-3,00"),
        (0, "0,00"),
        (None, "–"),  # noqa: RUF001
    ],
)
def test_points_have_two_decimals_and_round_half_up(value, said):
    assert wording.points(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(Decimal("15.00"), "15"), (Decimal("12.5"), "12,50"), (1000, "1.000"), (None, "–")],  # noqa: RUF001
)
def test_a_maximum_loses_empty_decimals_and_no_others(value, said):
    assert wording.points0(value) == said


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (1030, "1.030"), (None, "–")])  # noqa: RUF001
def test_a_count_is_grouped_by_points(value, said):
    assert wording.number(value) == said


@pytest.mark.parametrize(
    ("share", "decimals", "said"),
    [
        (Decimal("0.64"), 0, "64\u00a0%"),
        (Decimal("0.978"), 1, "97,8\u00a0%"),
        (Decimal("0.125"), 0, "13\u00a0%"),
        (Decimal(1), 0, "100\u00a0%"),
        (Decimal(0), 0, "0\u00a0%"),
        (0.5, 0, "50\u00a0%"),
        (None, 0, "–"),  # noqa: RUF001
    ],
)
def test_a_share_is_said_in_per_cent(share, decimals, said):
    assert wording.percent(share, decimals) == said


@pytest.mark.parametrize(
    ("share", "decimals", "said"),
    [
        (Decimal("0.998"), 0, "99\u00a0%"),
        (Decimal("0.9999"), 1, "99,9\u00a0%"),
        (Decimal("0.001"), 0, "1\u00a0%"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(share, decimals, said):
    assert wording.percent(share, decimals) == said


def test_a_ratio_of_nothing_is_a_dash():
    assert (wording.ratio(1, 4), wording.ratio(0, 0)) == ("25\u00a0%", "–")  # noqa: RUF001


LATE_IN_LONDON = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)


def test_a_moment_is_told_in_wib_where_the_day_may_be_the_next():
    assert wording.waktu(LATE_IN_LONDON) == "25 November 2026 pukul 00.05 WIB"
    assert wording.tanggal(LATE_IN_LONDON) == "25 November 2026"
    assert wording.jam(LATE_IN_LONDON) == "00.05"


def test_a_day_is_told_with_its_month_in_words():
    assert [wording.tanggal(date(2024, month, 1)) for month in (1, 5, 8, 12)] == [
        "1 Januari 2024",
        "1 Mei 2024",
        "1 Agustus 2024",
        "1 Desember 2024",
    ]


def test_no_date_and_no_moment_are_a_dash():
    assert [wording.tanggal(None), wording.waktu(None), wording.jam(None)] == ["–"] * 3  # noqa: RUF001


@pytest.mark.parametrize(
    ("due", "said", "tone"),
    [
        (date(2024, 4, 20), "27 hari lagi", "neutral"),
        (date(2024, 4, 1), "8 hari lagi", "neutral"),
        (date(2024, 3, 31), "7 hari lagi", "risk"),
        (date(2024, 3, 25), "1 hari lagi", "risk"),
        (date(2024, 3, 24), "hari ini", "risk"),
        (date(2024, 3, 22), "lewat 2 hari", "returned"),
        (None, "tanpa tenggat", "neutral"),
    ],
)
def test_a_due_date_is_counted_in_days_and_has_a_tone(due, said, tone):
    today = date(2024, 3, 24)
    assert (wording.sisa_hari(due, today), wording.nada_tenggat(due, today)) == (said, tone)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bita"),
        (999, "999 bita"),
        (1000, "1 KB"),
        (1_800_000, "1,8 MB"),
        (25_000_000, "25 MB"),
        (999_960, "1 MB"),
        (5_368_709_120, "5,4 GB"),
        (1_234_500_000_000, "1.234,5 GB"),
        (None, "–"),  # noqa: RUF001
    ],
)
def test_a_size_is_said_in_steps_of_a_thousand(size, said):
    assert wording.ukuran(size) == said
