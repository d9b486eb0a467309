"""Every workbook that the product gives out opens in LibreOffice, and readers that did not write it
find in it what was written, before and after LibreOffice saved it.
"""

import io
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from agencies.resources import SHEETS
from tests import office
from tests.e2e.world import NOT_PAGES, make_world
from tests.test_access import TABLE, VIEWERS, address, body_of, signed_in

pytestmark = pytest.mark.django_db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What people sent, and what a job wrote: the page of a bundle's file hands out a ZIP, that of a
# rakor's pack what tests/meetings reads by itself.
SENT = {"evidence", "evidence_picture", "bundle_download", "meeting_pack_file"}
DESKS = {"agency": "01", "user": "0", "assignment": "0"}


def hostile(text):
    """What a spreadsheet would reckon, with letters beyond ASCII."""
    return f"=1+1 “é” {text}"


def asked(client, world, name, at):
    """What an address answers with 200 to a viewer, by GET or else by POST; or None."""
    get, post = TABLE[name]
    if get[at] == "o":
        return client.get(address(world, name))
    return client.post(address(world, name)) if post[at] == "o" else None


def workbooks(folder):
    """Every XLSX: of each address that is no page, for each kind of viewer; of the admin; of the
    commands.
    """
    world, found = make_world(hostile), {}
    for viewer in ("own", "verifikator", "pimpinan", "admin"):
        client = signed_in(world, viewer)
        for name in sorted((NOT_PAGES & set(TABLE)) - SENT):
            response = asked(client, world, name, VIEWERS.index(viewer))
            if response and response.headers.get("Content-Type", "").startswith(XLSX):
                found[f"{name} for {viewer}"] = body_of(response)
            elif response:
                body_of(response)  # which closes what it reads from
    admin = signed_in(world, "admin")
    for model, kinds in DESKS.items():
        for kind in kinds:
            page = reverse(f"admin:agencies_{model}_export")
            response = admin.post(page, {"format": "0", "resource": kind})
            found[f"admin {model} {kind}"] = body_of(response)
    for kind in SHEETS:
        file = folder / f"{kind}.xlsx"
        call_command("export_reference", kind, str(file), stdout=io.StringIO())
        found[f"export_reference {kind}"] = file.read_bytes()
    year, region = str(world.assessment.year), world.assessment.region.code
    file = folder / "penilaian.xlsx"
    line = ("export_assessment", year, "--region", region, "-o", str(file))
    call_command(*line, stdout=io.StringIO())
    found["export_assessment"] = file.read_bytes()
    return found


def plain(value):
    """A cell without what readers name differently."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return round(float(value), 6)
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  (as sheets have them)
    return value


def trimmed(rows):
    """By place, the cells that say something."""
    return {
        (row, column): plain(cell)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if plain(cell) is not None
    }


def by_openpyxl(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [
        cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row
        if cell.data_type in {"f", "e"}
    ] == []  # fmt: skip
    return {sheet.title: trimmed(sheet.iter_rows(values_only=True)) for sheet in book}


def by_calamine(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        name: trimmed(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        for name in book.sheet_names
    }


def test_every_workbook_opens_in_libreoffice_and_says_the_same_to_every_reader(tmp_path):
    made = workbooks(tmp_path)
    assert {name.split()[0] for name in made} >= {
        "export_assessment", "export_rakor", "export_programmes", "task_sheet_xlsx",
        "register_sheet", "work_sheet", "admin", "export_reference",
    }  # fmt: skip
    saved = office.convert_all(list(made.values()), "xlsx", "xlsx")
    for (name, content), again in zip(made.items(), saved, strict=True):
        written = by_openpyxl(content)
        assert any(cells for cells in written.values()), name
        assert by_calamine(content) == written, name
        assert by_calamine(again) == written, name
        assert by_openpyxl(again) == written, name
