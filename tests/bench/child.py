"""One database with so many regions: python -m tests.bench.child OUT REGIONS SECONDS."""

import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import django


def main(target: str, regions: int, seconds: float) -> None:
    """Migrate, seed, measure, write the figures as JSON. DJANGO_SETTINGS_MODULE is our caller's."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from tests.bench.bundles import bundles  # noqa: PLC0415  (models need the setup first)
    from tests.bench.measure import Bench, UnmeasuredError  # noqa: PLC0415
    from tests.bench.serving import serve  # noqa: PLC0415
    from tests.bench.sheets import sheets  # noqa: PLC0415
    from tests.bench.simulating import simulating  # noqa: PLC0415

    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    migrated = time.perf_counter() - started
    call_command("seed_demo", regions=regions, years=1, stdout=sys.stderr)
    seeded = time.perf_counter() - started - migrated
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    bench = Bench()
    bench.add("migrations from nothing", migrated, unit="s", most=10)
    most = 20 if regions == 1 else 240
    bench.add(f"seed_demo, {regions} region(s)", seeded, unit="s", most=most)
    bench.all()
    sheets(bench, alone=regions == 1)
    for group in (simulating, bundles):
        try:
            group(bench)
        except UnmeasuredError as error:
            bench.missing(group.__name__, error)
    if regions == 1:
        serve(bench, seconds)
    Path(target).write_text(json.dumps([asdict(figure) for figure in bench.figures]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
