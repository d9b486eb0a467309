"""The rakor's table: an indicator a row, with the figures of the pages, and who made it when."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest

from indicators.resources.page import HIGHEST, LINE, lines_of
from reports.ledger import ledger_of
from reports.rakor import RakorTable, table_of
from reports.workbook.rakor import write_rakor
from submissions.models import Event, Verb
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 4, 3, 0, tzinfo=UTC)


def table(found):
    ledger = ledger_of(found.assessment, None)
    return table_of(ledger, today=NOW.date(), now=NOW)


def test_each_indicator_is_a_row_with_the_figures_of_the_pages():
    rows = table(by_hand.world()).rows
    assert [(row.number, row.indicator.code, str(row.line.proven)) for row in rows] == [
        (number, code, points)
        for number, (code, points) in enumerate(by_hand.INDICATORS.items(), 1)
    ]


def test_what_is_proven_is_done_and_what_is_not_proven_in_full_is_not():
    [first, *_] = table(by_hand.world()).rows
    assert [each.split()[0] for each in first.done] == ["1.1", "1.2"]
    assert "1.3" in {each.split()[0] for each in first.undone}
    assert first.offices


def test_the_workbook_has_the_columns_that_staff_know_and_says_who_made_it_when(client):
    found = by_hand.world()
    by = found.users["verifikator"]
    client.force_login(by)
    answer = client.post(f"/ekspor/{found.assessment.year}/rakor.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book["Rakor"].iter_rows(values_only=True))
    at = next(at for at, row in enumerate(rows) if row[0] == "No")
    assert rows[at] == (
        "No", "Klaster", "Nilai", "Indikator", "Telah dilaksanakan", "Belum dilaksanakan",
        "Penanggung jawab", "Data yang dibutuhkan",
    )  # fmt: skip
    assert rows[1][0].endswith(f"oleh {by.get_full_name()}")
    assert rows[2][0].startswith(f"Instrumen: {found.assessment.instrument.title}")
    assert [row[2] for row in rows[at + 1 :]] == ["13,50 / 30", "10,00 / 10", "3,00 / 18"]
    event = Event.objects.get(verb=Verb.EXPORT)
    assert (event.by, event.data["sheet"]) == (by, "rakor.xlsx")


def test_lists_longer_than_a_row_can_be_high_go_on_in_the_next_so_that_nothing_is_hidden():
    found = by_hand.world()
    first, *others = table(found).rows
    long = replace(
        first,
        done=tuple(f"1.{at} {'pertanyaan panjang ' * 5}" for at in range(40)),
        needed=("1.1 Perda",),
    )
    shown, target = table(found), io.BytesIO()
    whole = RakorTable(shown.score, (long, *others), shown.questions)
    write_rakor(found.assessment, whole, target, by=None, now=NOW)
    sheet = openpyxl.load_workbook(target)["Rakor"]
    rows = [row for row in sheet.iter_rows() if row[0].value == 1]
    assert [row[3].value for row in rows[:2]] == [
        "1 Indikator 1", "1 Indikator 1 (lanjutan)",
    ]  # fmt: skip
    assert "\n".join(row[4].value for row in rows) == "\n".join(long.done)
    assert [row[7].value for row in rows] == ["1.1 Perda"] + [None] * (len(rows) - 1)
    for row in rows:
        high = sheet.row_dimensions[row[0].row].height
        assert lines_of(row[4].value, 52) * LINE <= high <= HIGHEST
