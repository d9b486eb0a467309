"""What `make run` does before it serves: tables, example, static files; quick the second time."""

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from indicators.models import Instrument
from kla_tracker import environment as env
from kla_tracker.readiness import EXAMPLE_PASSWORD

INSTRUMENT = settings.BASE_DIR / "indicators" / "instruments" / "kla-2024.json"
PLACES = settings.BASE_DIR / "submissions" / "places" / "angka-publik.json"
EXAMPLE_ACCOUNTS = (
    ("admin", "administrator"),
    ("verifikator", "verifikator, DP3AP2KB"),
    ("pimpinan", "pimpinan, membaca saja"),
    ("disdukcapil", "operator, Dinas Kependudukan dan Pencatatan Sipil"),
    ("dinkes", "operator, Dinas Kesehatan"),
    ("disdik", "operator, Dinas Pendidikan"),
    ("kec-cimahi-utara", "operator, Kecamatan Cimahi Utara"),
    ("kel-cibabat", "operator, Kelurahan Cibabat"),
    ("apsai", "operator mitra, Dunia usaha/APSAI"),
    ("forum-anak", "operator mitra, Forum Anak"),
)


class Command(BaseCommand):
    """Make the database and the example city when they are not there yet, and say where to look."""

    help = "Menyiapkan basis data, contoh Kota Cimahi, dan berkas statis untuk make run."

    def handle(self, *args: Any, **options: Any) -> None:
        """Everything here may be done again without harm."""
        port = env.number("PORT", 8000)
        refuse_taken(port)
        call_command("migrate", interactive=False, verbosity=0)
        if not Instrument.objects.exists():
            self.say("Memuat instrumen KLA 2024 …")
            call_command("load_instrument", str(INSTRUMENT), publish=True, stdout=self.stdout)
            self.say("Membuat contoh Kota Cimahi, sekali saja …")
            call_command("seed_demo", stdout=self.stdout)
            call_command("load_places", str(PLACES), stdout=self.stdout)
        collect_when_changed()
        self.say(f"\nKLA Tracker: http://127.0.0.1:{port}/   (Ctrl-C untuk berhenti)")
        self.say(f"Akun contoh, kata sandi {EXAMPLE_PASSWORD}:")
        for name, role in EXAMPLE_ACCOUNTS:
            self.say(f"  {name:<18} {role}")

    def say(self, line: str) -> None:
        """One line, at once: the shell shows it before the server starts."""
        self.stdout.write(line)
        self.stdout.flush()


def refuse_taken(port: int) -> None:
    """Say so in one sentence when something else serves there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} sudah dipakai. Jalankan dengan port lain: make run PORT=8001"
            raise CommandError(message) from error


def collect_when_changed() -> None:
    """Gather the static files, unless none of them changed since the last time."""
    mark: Path = settings.STATIC_ROOT / ".collected"
    now = fingerprint(static_files())
    if not (mark.exists() and mark.read_text() == now):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(now)


def static_files() -> Iterator[Path]:
    """Every static file of ours and of the packages."""
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield Path(storage.path(path))


def fingerprint(files: Iterator[Path]) -> str:
    """Names, sizes and times, as one word."""
    lines = sorted(f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
