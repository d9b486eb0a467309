"""`import_stage YEAR --region CODE --stage NAME FILE`: the verb, from the server's shell."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.wording import points
from submissions.actions.record import RefusedError
from submissions.actions.stages import (
    Mismatch,
    MismatchError,
    mismatches,
    outline_of,
    points_of,
    store_stage,
    sums_of,
)
from submissions.forms.sheets import read_sheets
from submissions.forms.stages import Recap, read_recap
from submissions.models import Assessment


class Command(BaseCommand):
    help = "Stores the points that an outside stage gave, out of a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("file", type=Path)
        parser.add_argument("--region", required=True, help="code of the region, as 32.77")
        parser.add_argument("--stage", required=True, help="name of the stage, in the year's words")
        parser.add_argument("--date", type=date.fromisoformat, help="YYYY-MM-DD, the stage's day")
        parser.add_argument("--dry-run", action="store_true", help="only look, store nothing")
        parser.add_argument(
            "--accept-mismatch",
            action="store_true",
            help="store although stated sums differ from their parts; the history says so",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        assessment = (
            Assessment.objects.select_related("region", "instrument")
            .filter(year=options["year"], region__code=options["region"])
            .first()
        )
        if assessment is None:
            raise CommandError(
                f"Penilaian {options['year']} untuk wilayah {options['region']} belum dibuka."
            )
        file: Path = options["file"]
        accept: bool = options["accept_mismatch"]
        outline = outline_of(assessment.instrument)
        try:
            recap = read_recap(read_sheets(file.read_bytes()), outline)
            self._tell(recap, recap.missing(outline))
            if recap.problems:
                raise CommandError("\n".join(map(str, recap.problems)))
            differ = mismatches(outline, recap.given)
            total = sums_of(outline, points_of(recap.given)).total
            if options["dry_run"]:
                _refuse(differ, accept=accept)
                self._list(differ)
                self.stdout.write(f"Total {points(total)}. Hanya diperiksa, tidak disimpan.")
                return
            stage = store_stage(
                assessment,
                name=options["stage"],
                held_on=options["date"] or _day_kept(assessment, options["stage"]),
                given=recap.given,
                accept=accept,
                by=None,
                now=timezone.now(),
                source=file.name,
            )
        except MismatchError as error:
            rows = "\n".join(sentence(each) for each in error.found)
            raise CommandError(f"{rows}\n{error} Terima dengan --accept-mismatch.") from None
        except RefusedError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{file} tidak dapat dibaca: {error.strerror}.") from None
        self._list(differ)
        self.stdout.write(
            f"{assessment}, tahap {stage}: {len(points_of(recap.given))} pertanyaan, "
            f"total {points(total)}."
        )

    def _tell(self, recap: Recap, missing: list[str]) -> None:
        """What a person should know of the file, on stderr."""
        for label, codes in (
            ("Kolom yang tidak dibaca", recap.ignored),
            ("Tanpa nilai", recap.empty),
            ("Tidak ada dalam berkas", missing),
            ("Dibulatkan ke dua desimal", recap.rounded),
        ):
            if codes:
                self.stderr.write(f"{label} ({len(codes)}): {', '.join(codes)}")

    def _list(self, found: list[Mismatch]) -> None:
        for each in found:
            self.stdout.write(f"Diterima dengan selisih: {sentence(each)}")


def _refuse(differ: list[Mismatch], *, accept: bool) -> None:
    """A dry run refuses what storing would refuse."""
    if differ and not accept:
        raise MismatchError(differ)


def sentence(each: Mismatch) -> str:
    """A mismatch with both figures and the difference."""
    return (
        f"Baris {each.row}, {each.level} {each.code}, {each.what}: tertulis {points(each.stated)}, "
        f"seharusnya {points(each.parts)}, selisih {points(each.difference)}"
    )


def _day_kept(assessment: Assessment, name: str) -> date | None:
    """A stage sent once more keeps its day."""
    return assessment.stages.filter(name=name).values_list("held_on", flat=True).first()
