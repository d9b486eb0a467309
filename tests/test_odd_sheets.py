"""Whatever a sheet holds, every place that takes one ends in a look, in rows stored whole, or in a
sentence; never in an error, and never in half of it.

What is sent is a right sheet of that very place, altered by `odd_sheets`: other cells, columns
away, twice or in another order, formulas, days that there are not, numbers that are none.
"""

import os
from collections import Counter

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from zeal import zeal_ignore

from agencies.resources import SHEETS
from indicators.actions import read_instrument
from indicators.resources.instrument import write_workbook
from indicators.resources.writing import to_xlsx
from kla_tracker.triggers import HISTORY
from submissions.forms.reference import resource_of
from submissions.models import RegisterRow
from tests.indicators.files import SMALL, as_text
from tests.odd_sheets import altered, sheets_of
from tests.submissions import recaps
from tests.test_fuzz import Names
from tests.test_wrong_files import PLACES
from tests.test_wrong_files import world as _world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),  # what it says of odd files
]
world = _world
ROUNDS = int(os.environ.get("ODD_SHEETS", "5"))
TOLD = ('role="alert"', 'id="galat', 'class="errorlist')  # where a page says what is wrong
# What no sentence of ours says, and an exception that was shown by mistake mostly does.
FOREIGN = (
    "Traceback", "Exception", "NoneType", "invalid", "Invalid", "not a valid", "cannot", "expected",
    "must be", "out of range", "object has no", "unhashable", "Decimal(", "datetime.",
)  # fmt: skip


def reference(kind):
    return lambda w: to_xlsx(SHEETS[kind]().sheet(), title="Data")


def registers(w):
    return to_xlsx(resource_of(register_of(w))().sheet(), title="kegiatan")


def register_of(w):
    register = w.instrument.registers.get(code="kegiatan")
    for name in ("Jambore", "Pelatihan"):
        RegisterRow.objects.create(
            agency=w.agency, register=register, code=register.code, data={"nama": name},
            words=name, created_by=w.operator, changed_by=w.operator,
        )  # fmt: skip
    return register


def register_sheet(w):
    register_of(w)
    return fetched(w, w.operator, "register_sheet", "kegiatan")


def fetched(w, user, name, *args):
    w.client.force_login(user)
    return w.client.get(reverse(name, args=args)).content


def stage(w):
    rows = [["Kode", "Nilai", "Nilai maks"]]
    rows += [[code, float(points), 10] for code, points in recaps.POINTS.items()]
    return recaps.book(("Rekap", [*rows, ["Indikator 1", 12.5, 20], ["Total", 29.5, 40]]))


def instrument(w):
    return write_workbook(read_instrument(as_text(SMALL)))


# The right sheet of each place.
RIGHT = {
    "/admin/ agencies": reference("agencies"),
    "/admin/ areas": reference("areas"),
    "/admin/ users": reference("users"),
    "/admin/ assignments": reference("assignments"),
    "/admin/ registers": registers,
    **{f"import_reference {kind}": reference(kind) for kind in SHEETS},
    "import_reference registers": registers,
    "/isian/impor/": lambda w: fetched(w, w.operator, "work_sheet"),
    "/penilaian/TAHUN/tahap/impor/": stage,
    "import_stage": stage,
    "/daftar-induk/KODE/tempel/": register_sheet,
    "/instrumen/versi/impor/": instrument,
    "load_instrument": instrument,
}
# Every table but those in which the machinery writes by itself, and the histories: their rows come
# with what they tell of.
BESIDE = {"django_session", "usersessions_usersession", "django_admin_log", *HISTORY}
TABLES = [each for each in apps.get_models() if each._meta.db_table not in BESIDE]


def stored():
    """All that is stored, table by table; but not when somebody signed in."""
    rows = {
        each._meta.db_table: list(each._base_manager.order_by("pk").values()) for each in TABLES
    }
    for row in rows["agencies_user"]:
        del row["last_login"]
    return rows


class Remembering(Client):
    """Keeps the last answer, to press the next button on its page."""

    def request(self, **asked):
        self.at, self.last = asked["PATH_INFO"], super().request(**asked)
        return self.last


def confirmed(client):
    """The next press, where the page has one: what was looked into is stored."""
    names = Names(client.at)
    names.feed(client.last.content.decode())
    for action, form in names.found.items():
        if "isi" in form or "import_file_name" in form:
            values = {name: values[-1] for name, (_, values) in form.items() if name != "berkas"}
            if form.get("isi", ("",))[0] == "textarea":
                values["isi"] = client.last.context["form"]["isi"].value() or ""
            said = {"simpan": "semua", "terima": "on", "alasan": "Sudah diperiksa."}
            client.post(action, values | said)
            return client.last
    return None


@pytest.mark.parametrize("place", PLACES)
def test_whatever_a_sheet_holds_ends_in_a_look_or_a_sentence_and_is_stored_whole(world, place):
    right = RIGHT[place](world)
    original = sheets_of(right) if right[:2] == b"PK" else [("Data", [])]
    world.client = Remembering()
    before, ended = stored(), Counter()

    @settings(
        max_examples=ROUNDS,
        deadline=None,
        derandomize=ROUNDS < 50,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if "ODD_SHRINK" in os.environ else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(content=altered(original))
    def tried(content):
        with transaction.atomic():
            ended[tell(world, place, content, before)] += 1
            transaction.set_rollback(True)

    with zeal_ignore():  # a page of a hundred wrong rows is not what is measured here
        tried()
    assert ended.total() >= min(ROUNDS, 5)


def tell(world, place, content, before):
    """How one sheet ended; what may not be is an assertion that fails."""
    world.client.last = None
    status, said = PLACES[place](world, content)
    assert status in {200, 302, 422}, said[-600:]
    assert [each for each in FOREIGN if each in said] == []
    page = world.client.last
    if page is None:  # a command: stored at once, or refused
        if status == 422:
            assert stored() == before
        return status
    assert stored() == before  # a look stores nothing
    if status == 422:
        markup = page.content.decode()
        assert any(sign in markup for sign in TOLD), said[-600:]
    answer = confirmed(world.client)
    if answer is None:
        return status
    assert answer.status_code in {200, 302, 422}
    if answer.status_code != 302:
        assert stored() == before
    return status, answer.status_code
