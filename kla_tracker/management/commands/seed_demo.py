"""The example: Kota Cimahi in mid-year with the year before, and further invented cities to measure
with.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from agencies.actions import assign_standing
from agencies.models import Region, User
from indicators.actions import load_instrument
from indicators.models import Instrument
from kla_tracker.demo import meetings, partners, past, people, registers, story, work
from submissions.actions.year import open_year
from submissions.models import Assessment

INSTRUMENT = settings.BASE_DIR / "indicators" / "instruments" / "kla-2024.json"
YEAR, DATA_YEAR = 2024, 2023
DAYS_LEFT = 21


class Command(BaseCommand):
    """Invented answers on the real instrument; refuses where there is anything else already."""

    help = "Membuat contoh Kota Cimahi 2024 (data contoh, bukan data nyata) pada basis data kosong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--regions", type=int, default=1, help="jumlah kota, untuk pengukuran")
        parser.add_argument(
            "--years", type=int, default=2, choices=(1, 2), help="1: tanpa tahun sebelumnya"
        )
        parser.add_argument("--seed", type=int, default=1, help="angka acak; angka sama, data sama")
        parser.add_argument(
            "--today", type=date.fromisoformat, help="tanggal YYYY-MM-DD yang dianggap hari ini"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Assessment.objects.filter(is_example=True).exists():
            self.stdout.write("Contoh Kota Cimahi sudah ada; tidak ada yang diubah.")
            return
        if Region.objects.exists() or User.objects.exists():
            raise CommandError(
                "Basis data ini sudah berisi wilayah atau pengguna. Contoh hanya dibuat pada basis "
                "data kosong, supaya tidak bercampur dengan data Anda."
            )
        if not 1 <= options["regions"] <= 99:
            raise CommandError("Jumlah kota harus dari 1 sampai 99.")
        today = options["today"] or timezone.localdate()
        with transaction.atomic():
            instrument = published()
            for number in range(1, options["regions"] + 1):
                make(
                    instrument,
                    number,
                    today=today,
                    seed=options["seed"],
                    alone=number > 1 or options["years"] == 1,
                )
        count_rows()
        count = Assessment.objects.get(region__code="32.77", year=YEAR).responses.count()
        self.stdout.write(
            f"Kota Cimahi {YEAR} (data contoh): {count} jawaban"
            + ("" if options["years"] == 1 else f", dan {YEAR - 1} yang sudah ditutup")
            + (f", dan {options['regions'] - 1} kota contoh lain." if number > 1 else ".")
        )


def count_rows() -> None:
    """Tell PostgreSQL how much there is now: until it has counted, it plans for empty tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def published() -> Instrument:
    """The instrument that a year can be opened on: the newest, or ours."""
    found = Instrument.objects.published().first()
    return found or load_instrument(INSTRUMENT.read_bytes(), by=None, publish=True).instrument


def make(instrument: Instrument, number: int, *, today: date, seed: int, alone: bool) -> None:
    """One city with its people, its year and what happened in it, `alone` without the year before.
    The first one is Cimahi.
    """
    first = number == 1
    data = people.city_data() if first else people.further_data(number)
    region = people.make_region(data)
    accounts = people.make_accounts(region, prefix="" if first else f"kota{number:02d}-")
    assign_standing(region, instrument, by=None)
    closes_on = today + timedelta(days=DAYS_LEFT)
    words = f"{seed}:{region.code}"
    if not alone:
        past.tell(
            region, instrument, accounts,
            year=YEAR - 1, closes_on=closes_on, seed=f"{words}:{YEAR - 1}",
        )  # fmt: skip
    opened = datetime.combine(work.workday(today, work.OPENED), time(7, 30), work.WIB)
    assessment = open_year(
        region,
        instrument,
        year=YEAR,
        data_year=DATA_YEAR,
        closes_on=closes_on,
        by=accounts[0],
        is_example=True,
        at=opened,
    )
    told = story.Story(assessment, accounts, today, words, first)
    moves: list[meetings.Move] = []
    if first:
        told.pause = meetings.end_of_first(today)
    told.tell()
    if first:
        told.store_until_pause()
        moves = meetings.hold(assessment, accounts, today=today)
    told.store()
    registers.fill(region, assessment, accounts, today=today, seed=seed)
    if first:
        partners.fill(region, assessment, accounts, today=today)
        meetings.follow(assessment, accounts, moves, today=today)
