"""The files in which processes of the web count for /metrics (prometheus-client, multiprocess).

Each process has its own, and gunicorn replaces processes all day: without this the folder would
grow, and /metrics with it. Knows nothing of Django: gunicorn's own process calls it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prometheus_client.mmap_dict import MmapedDict


def bury(folder: Path, pid: int) -> None:
    """Add what a process counted to what those before it had, and remove its files.

    The sum is written aside and moved into place: a reader meets the old or the new one.
    """
    for file in folder.glob(f"*_{pid}.db"):
        kind = file.name.removesuffix(f"_{pid}.db")
        total, draft = folder / f"{kind}_0.db", folder / f".{kind}.part"
        sums: dict[str, float] = {}
        for each in (total, file):
            if each.exists():
                for key, value in _values(each):
                    sums[key] = sums.get(key, 0.0) + value
        draft.unlink(missing_ok=True)
        _write(draft, sums)
        draft.replace(total)
        file.unlink()


def _values(file: Path) -> list[tuple[str, float]]:
    read: Any = MmapedDict.read_all_values_from_file
    return [(key, value) for key, value, *_ in read(str(file))]


def _write(file: Path, sums: dict[str, float]) -> None:
    make: Any = MmapedDict
    written = make(str(file))
    for key, value in sums.items():
        written.write_value(key, value, 0.0)
    written.close()
