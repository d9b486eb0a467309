"""What every export says of itself: when, from which version and data, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agencies.models import User
from indicators.wording import number, waktu
from submissions.models import Assessment, Event


@dataclass(frozen=True, slots=True)
class Stamp:
    """Read once, when an export begins."""

    assessment: Assessment
    made: datetime
    by: User | None
    state: str

    @property
    def who(self) -> str:
        return self.by.get_full_name() if self.by else "perintah di server"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Label and text, for a sheet or a page."""
        year, instrument = self.assessment, self.assessment.instrument
        closed = f", ditutup {waktu(year.closed_at)}" if year.closed_at else ""
        told = [
            ("Penilaian", f"KLA {year.year}, {year.region}, tahun data {year.data_year}{closed}"),
            ("Instrumen", f"{instrument.title} ({instrument.code})"),
            ("Keadaan data", self.state),
            ("Dibuat", waktu(self.made)),
            ("Oleh", self.who),
        ]
        if year.is_example:
            told.append(("Data contoh", "Angka dan dokumen di sini dibuat-buat untuk belajar."))
        return told

    @property
    def foot(self) -> str:
        """For the foot of a printed page."""
        return f"KLA {self.assessment.year} · dibuat {waktu(self.made)} oleh {self.who}"

    @property
    def lines(self) -> list[str]:
        """The same as sentences, one a line."""
        return [f"{label}: {text}" for label, text in self.facts]


def stamp_of(assessment: Assessment, *, by: User | None, now: datetime) -> Stamp:
    """One query: how many events the year has."""
    return Stamp(assessment, now, by, state_in_words(assessment))


def state_in_words(assessment: Assessment) -> str:
    """How much had happened in the year: two exports that say the same rest on the same answers."""
    count = Event.objects.filter(assessment=assessment).count()
    return f"sampai kejadian ke-{number(count)} dalam riwayat tahun ini"
