"""A command that takes a sheet in is killed (SIGKILL) in the middle of its writing: nothing of the
sheet is there, and the same file comes in whole afterwards.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from agencies.models import Agency
from indicators.models import Instrument, Question
from submissions.models import RegisterRow, RowChange, StageResult
from tests.indicators.files import SMALL
from tests.submissions import recaps
from tests.submissions.test_reference import resource_of, to_xlsx
from tests.submissions.test_registers import desk, row_of

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60
# The command on the database of this test; after so many rows were written it says so and stops.
STOPPING = """
import sys, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.core.management import call_command
from django.db import connection
left = int(sys.argv[2])
def stop(execute, sql, params, many, context):
    global left
    done = execute(sql, params, many, context)
    left -= sql.startswith("INSERT")
    if left == 0:
        print("in the middle", flush=True)
        time.sleep(600)
    return done
with connection.execute_wrapper(stop):
    call_command(*sys.argv[3:])
"""


def agencies(folder: Any, _: Any) -> tuple[list[str], int, Any]:
    code = recaps.year().region.code
    file = folder / "pd.csv"
    rows = [f"{code};baru-{number};Baru {number};Dunia usaha;;Tidak" for number in range(60)]
    file.write_text("\n".join(["wilayah;kode;nama;jenis;induk;sekretariat", *rows]))
    return ["import_reference", "agencies", str(file)], 30, lambda: Agency.objects.count() - 1 == 60


def registers(folder: Any, desk: Any) -> tuple[list[str], int, Any]:
    from agencies.roles import Role  # noqa: PLC0415
    from tests.factories import make_user  # noqa: PLC0415

    make_user(Role.ADMINISTRATOR, region=desk[1].region, username="adminnya")
    row_of(desk)
    sheet = resource_of(desk[0])().sheet()
    held = dict(zip(sheet.headers, sheet[0], strict=True)) | {"kunci": ""}
    more = type(sheet)(headers=list(held))
    for number in range(20):
        more.append([*(held | {"Nama kegiatan": f"Kegiatan {number}"}).values()])
    file = folder / "daftar.xlsx"
    file.write_bytes(to_xlsx(more, title="kegiatan"))
    words = ["import_reference", "registers", str(file), "--by", "adminnya"]
    return words, 15, lambda: RegisterRow.objects.count() - 1 == 20


def instrument(folder: Any, _: Any) -> tuple[list[str], int, Any]:
    file = folder / "instrumen.json"
    file.write_text(json.dumps(SMALL))
    return (
        ["load_instrument", str(file)],
        4,
        lambda: Instrument.objects.count() == 1 and Question.objects.exists(),
    )


def stage(folder: Any, _: Any) -> tuple[list[str], int, Any]:
    found = recaps.year()
    file = folder / "rekap.csv"
    file.write_bytes(recaps.plain())
    words = ["import_stage", str(found.assessment.year), str(file), "--stage", "Akhir"]
    words += ["--region", found.region.code, "--date", "2024-06-01"]
    return words, 2, lambda: StageResult.objects.count() == 7


def held() -> dict[str, list[Any]]:
    """Every row of ours and of Django, by its key."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


def kill_half_way(words: list[str], rows: int) -> None:
    command = subprocess.Popen(
        [sys.executable, "-c", STOPPING, str(connection.settings_dict["NAME"]), str(rows), *words],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with command:
        try:
            assert command.stdout is not None
            assert select.select([command.stdout], [], [], PATIENCE)[0] != []
            assert command.stdout.readline() == "in the middle\n"
        finally:
            command.kill()


@pytest.mark.parametrize("kind", [agencies, registers, instrument, stage])
def test_of_a_sheet_whose_command_was_killed_nothing_is_stored_and_it_comes_in_again(
    request, tmp_path, capsys, kind
):
    of = request.getfixturevalue("desk") if kind is registers else None
    words, rows, whole = kind(tmp_path, of)
    before = held()
    kill_half_way(words, rows)
    assert held() == before
    call_command(*words)
    assert whole()
    assert RowChange.objects.count() >= RegisterRow.objects.count()
