"""The commands of the room: a region from a file, and the first administrator."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import agencies
from agencies.models import Assignment, Region, User
from agencies.roles import Role
from tests.factories import make_indicator, make_instrument, make_question, make_user, publish

pytestmark = pytest.mark.django_db
FILE = Path(agencies.__file__).parent / "regions" / "kota-cimahi.json"


def test_a_region_is_loaded_and_its_questions_given_out(capsys):
    indicator = make_indicator(make_instrument())
    make_question(indicator, lead_agency="Dinas Kesehatan", supporting_agencies=["Dinas Bulan"])
    publish(indicator.instrument)
    call_command("load_region", FILE)
    said = capsys.readouterr()
    assert said.out == "Kota Cimahi: 46 perangkat daerah.\n"
    assert said.err == "Tidak ada perangkat daerah bernama “Dinas Bulan”.\n"
    assert Assignment.objects.get().agency.code == "dinkes"


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"region": {}})])
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path, content):
    wrong = tmp_path / "x.json"
    wrong.write_text(content)
    with pytest.raises(CommandError, match="tidak dapat dibaca"):
        call_command("load_region", wrong)
    assert Region.objects.count() == 0


def test_the_first_administrator_sets_a_password_by_the_printed_link(client, capsys):
    call_command("invite_administrator", "Kepala", "kepala@contoh.example")
    link = capsys.readouterr().out.strip().removeprefix("https://kla.example.go.id")
    new = "sebuah gerbong penuh melati"
    assert client.post(link, {"new_password1": new, "new_password2": new}).status_code == 302
    made = User.objects.get(username="kepala")
    assert (made.role, made.region, made.check_password(new)) == ("administrator", None, True)
    with pytest.raises(CommandError, match="sudah diterima"):
        call_command("invite_administrator", "kepala", "kepala@contoh.example")


def test_a_name_of_somebody_else_is_refused():
    make_user(Role.VERIFIKATOR, username="kepala")
    with pytest.raises(CommandError, match="sudah dipakai"):
        call_command("invite_administrator", "kepala", "kepala@contoh.example")
