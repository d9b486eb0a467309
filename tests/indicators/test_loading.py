"""An instrument is stored whole, replaced while a draft, and never touched once published."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db.models import Sum

from agencies.roles import GRANTS, Role
from indicators.actions import InstrumentError, load_instrument, publish_instrument, read_instrument
from indicators.actions.loading import stored_data
from indicators.models import (
    Band,
    Cluster,
    Indicator,
    Instrument,
    Question,
    Register,
    Rubric,
    RubricLevel,
)
from tests.factories import assign, make_agency, make_instrument, make_user
from tests.indicators.files import SMALL, as_text, changed

pytestmark = pytest.mark.django_db

REAL = Path("indicators/instruments/kla-2024.json")
TABLES = (Instrument, Cluster, Indicator, Question, Rubric, RubricLevel, Band, Register)


def counts():
    return [model.objects.count() for model in TABLES]


def load(values=SMALL, **options):
    return load_instrument(as_text(values), by=None, **options)


def run(path, **options):
    out = StringIO()
    call_command("load_instrument", str(path), stdout=out, **options)
    return out.getvalue().splitlines()


def test_the_real_file_comes_back_as_it_went_in():
    loaded = load_instrument(REAL.read_bytes(), by=None, publish=True)
    assert (loaded.outcome, loaded.published, loaded.questions) == ("new", True, 274)
    assert counts() == [1, 7, 31, 274, 15, 54, 5, 9]
    assert stored_data(loaded.instrument) == read_instrument(REAL.read_bytes())
    instrument = Instrument.objects.get()
    points = [rows.aggregate(sum=Sum("max_points"))["sum"] for rows in (
        instrument.clusters, instrument.indicators, instrument.questions,
    )]  # fmt: skip
    assert points == [1000, 1000, 1004]
    assert instrument.questions.filter(register__isnull=False).count() == 189
    assert instrument.questions.order_by("order").first().code == "1.1"


def test_loading_takes_few_queries_however_many_questions(django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        load()
    with django_assert_max_num_queries(24):
        load_instrument(REAL.read_bytes(), by=None, publish=True)


def test_a_wrong_file_stores_nothing():
    with pytest.raises(InstrumentError):
        load(changed("clusters", 0, "max_points", to=9))
    assert counts() == [0] * 8


def test_equal_content_changes_nothing():
    first = load()
    ids = list(Question.objects.order_by("pk").values_list("pk", flat=True))
    again = load()
    assert (again.outcome, again.instrument) == ("unchanged", first.instrument)
    assert list(Question.objects.order_by("pk").values_list("pk", flat=True)) == ids


def test_a_draft_is_replaced_whole():
    draft = load().instrument
    values = changed(title="Judul baru")
    values["clusters"][0]["indicators"][0]["questions"][0]["code"] = "4.9"
    again = load(values)
    assert (again.outcome, again.instrument) == ("replaced", draft)
    assert Instrument.objects.get().title == "Judul baru"
    assert sorted(Question.objects.values_list("code", flat=True)) == ["4.2", "4.9"]
    assert counts() == [1, 1, 1, 2, 4, 7, 2, 1]


def test_a_draft_that_somebody_is_assigned_to_is_not_replaced():
    load()
    assign(Question.objects.get(code="4.1"), make_agency())
    with pytest.raises(InstrumentError, match=r"^Draf uji-1 sudah dipakai"):
        load(changed(title="Judul baru"))
    assert Instrument.objects.get().title == "Instrumen uji"
    assert Question.objects.count() == 2


def test_an_unchanged_draft_is_published_by_loading_it_again():
    load()
    again = load(publish=True)
    assert (again.outcome, again.published) == ("unchanged", True)
    assert Instrument.objects.get().published_at is not None


def test_a_published_instrument_refuses_another_content_and_takes_the_same():
    load(publish=True)
    with pytest.raises(InstrumentError) as caught:
        load(changed(title="Judul baru"), publish=True)
    assert caught.value.problems == [
        "Instrumen uji-1 sudah diterbitkan dan isi berkas ini berbeda. "
        "Beri kode baru untuk versi baru."
    ]
    same = load(publish=True)
    assert (same.outcome, same.published) == ("unchanged", False)


def test_publishing_twice_is_refused():
    instrument = load().instrument
    publish_instrument(instrument, by=None)
    with pytest.raises(InstrumentError, match=r"^Instrumen uji-1 sudah diterbitkan.$"):
        publish_instrument(instrument, by=None)


def test_an_empty_instrument_is_not_published():
    instrument = make_instrument(code="kosong")
    with pytest.raises(InstrumentError, match=r"^Instrumen kosong belum punya pertanyaan.$"):
        publish_instrument(instrument, by=None)


@pytest.mark.parametrize("role", Role)
def test_only_who_holds_the_permission_loads_and_publishes(role):
    by = make_user(role)
    draft = load().instrument
    other = as_text(SMALL | {"code": "uji-2"})
    for permission, verb in (
        ("indicators.publish_instrument", lambda: publish_instrument(draft, by=by)),
        ("indicators.change_instrument", lambda: load_instrument(other, by=by)),
    ):
        if permission in GRANTS[role]:
            verb()
        else:
            with pytest.raises(PermissionDenied):
                verb()
    drafting = {Role.ADMINISTRATOR, Role.VERIFIKATOR}
    assert Instrument.objects.count() == (2 if role in drafting else 1)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_says_what_it_did(tmp_path):
    path = tmp_path / "uji.json"
    path.write_text(as_text(SMALL), encoding="utf-8")
    assert run(path) == ["Instrumen uji-1 dimuat: 2 pertanyaan."]
    assert run(path) == ["Instrumen uji-1 tidak berubah: 2 pertanyaan."]
    assert run(path, publish=True) == [
        "Instrumen uji-1 tidak berubah: 2 pertanyaan.",
        "Instrumen uji-1 diterbitkan.",
    ]
    assert run(path, publish=True) == ["Instrumen uji-1 tidak berubah: 2 pertanyaan."]


def test_the_command_replaces_a_draft(tmp_path):
    load()
    path = tmp_path / "uji.json"
    path.write_text(as_text(changed(title="Judul baru")), encoding="utf-8")
    assert run(path) == ["Draf uji-1 diganti: 2 pertanyaan."]


def test_the_command_lists_every_error_and_exits_with_1(tmp_path):
    path = tmp_path / "salah.json"
    values = changed("clusters", 0, "indicators", 0, "questions", 0, "rubric", to="x", year="a")
    path.write_text(as_text(values), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        run(path, publish=True)
    assert caught.value.returncode == 1
    assert str(caught.value).splitlines() == [
        f"{path} ditolak, tidak ada yang disimpan.",
        'clusters[0].indicators[0].questions[0] (4.1): rubrik "x" tidak dikenal',
        '"year" harus bilangan, bukan teks',
    ]
    assert counts() == [0] * 8


def test_the_command_says_when_there_is_no_such_file(tmp_path):
    with pytest.raises(CommandError, match="tidak dapat dibaca: No such file or directory"):
        run(tmp_path / "tidak-ada.json")
