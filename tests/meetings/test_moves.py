"""The tables of meetings and of what they decide, read row by row; no database."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta

import pytest

from agencies.roles import GRANTS, Role
from meetings.workflow import (
    ANSWER,
    CONFIRM,
    DOORS_OPEN,
    KIND_LABELS,
    KINDS,
    MEETING_LABELS,
    PENDING,
    RUNS_LATE,
    SAID,
    STATE_LABELS,
    STEPS,
    TONES,
    TRANSITIONS,
    Kind,
    MeetingState,
    State,
    available,
    doors,
    is_quiet,
    reach,
    step_of,
)

START, END = datetime(2099, 3, 2, 2, tzinfo=UTC), datetime(2099, 3, 2, 5, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
# fmt: off
# By state: the moves with where they lead; those with a + need that the office has answered.
MOVES = {
    State.OPEN:      {"work": "dikerjakan", "answer": "dikerjakan", "cancel": "batal"},
    State.WORKING:   {"answer": "dikerjakan", "confirm+": "selesai", "return+": "terbuka",
                      "cancel": "batal"},
    State.DONE:      {"reopen": "terbuka"},
    State.CANCELLED: {"reopen": "terbuka"},
}
OFFICE = {"work", "answer"}
BUTTONS = {
    "work": "Mulai dikerjakan", "answer": "Kirim jawaban", "confirm": "Nyatakan selesai",
    "return": "Belum selesai", "cancel": "Batalkan", "reopen": "Buka kembali",
}
# fmt: on


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("role", Role)
def test_a_role_is_offered_the_moves_of_the_table_that_it_holds(state, answered, role):
    offered = {
        step.name: step.target.value for step in available(state, GRANTS[role], answered=answered)
    }
    mine = {
        Role.VERIFIKATOR: set(TRANSITIONS),
        Role.OPERATOR: OFFICE,
        Role.PIMPINAN: set(),
        Role.ADMINISTRATOR: set(),
    }[role]
    assert offered == {
        name.strip("+"): target
        for name, target in MOVES[state].items()
        if name.strip("+") in mine and (answered or not name.endswith("+"))
    }


def test_a_move_has_its_button_and_says_what_it_asks():
    assert {name: step.label for name, step in TRANSITIONS.items()} == BUTTONS
    asked = {name for name, step in TRANSITIONS.items() if step.note_required}
    assert asked == {"answer", "return", "cancel", "reopen"}
    assert {step.permission for step in TRANSITIONS.values()} == {ANSWER, CONFIRM}
    with pytest.raises(FrozenInstanceError):
        TRANSITIONS["confirm"].answered = False


def test_every_state_and_kind_has_its_word():
    assert {each.value: (STATE_LABELS[each], TONES[each]) for each in State} == {
        "terbuka": ("Terbuka", "neutral"),
        "dikerjakan": ("Dikerjakan", "info"),
        "selesai": ("Selesai", "ok"),
        "batal": ("Batal", "neutral"),
    }
    assert {each.value: MEETING_LABELS[each] for each in MeetingState} == {
        "dipanggil": "Akan datang",
        "ditutup": "Selesai",
        "batal": "Dibatalkan",
    }
    assert {each.value: KIND_LABELS[each] for each in Kind} == {
        "kerja": "Pekerjaan perangkat daerah",
        "usulan": "Usulan untuk RKPD/RAD KLA",
    }
    assert KINDS == {
        "tenggat": "Isian yang mendekati tenggat",
        "kembali": "Isian yang dikembalikan",
        "diterima": "Isian yang diterima",
        "keputusan": "Keputusan rakor yang harus ditindaklanjuti",
        "permintaan": "Permintaan dari penanggung jawab lain",
        "rakor": "Undangan rakor dan lembar tugasnya",
    }
    assert [state for state in State if state in PENDING] == ["terbuka", "dikerjakan"]


def test_the_history_has_words_for_every_move():
    assert SAID == {
        "decide": "diputuskan rakor",
        "work": "mulai dikerjakan",
        "answer": "dijawab",
        "confirm": "dinyatakan selesai",
        "return": "dinyatakan belum selesai",
        "cancel": "dibatalkan",
        "reopen": "dibuka kembali",
        "due": "tenggat diubah",
        "hand_on": "beralih karena perangkat daerah dilebur",
    }
    assert set(TRANSITIONS) < set(SAID)


# --- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "now", "said"),
    [
        ("dipanggil", START - HOUR - SECOND, "belum"),
        ("dipanggil", START - HOUR, "buka"),
        ("dipanggil", START + HOUR, "buka"),
        ("dipanggil", END + 3 * HOUR, "buka"),
        ("dipanggil", END + 3 * HOUR + SECOND, "tutup"),
        ("ditutup", START + HOUR, "tutup"),
        ("ditutup", START - 9 * HOUR, "tutup"),
        ("batal", START + HOUR, "tutup"),
    ],
)
def test_one_signs_in_only_around_the_meeting(state, now, said):
    assert doors(state, START, END, now) == said
    assert (DOORS_OPEN, RUNS_LATE) == (HOUR, 3 * HOUR)


# --- reminders ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "step"),
    [(15, ""), (14, "14"), (8, "14"), (7, "7"), (4, "7"), (3, "3"), (2, "3"), (1, "1"), (0, "0"),
     (-1, "0"), (-7, "0"), (-8, "")],
)  # fmt: skip
def test_a_step_is_the_smallest_that_was_reached(left, step):
    assert step_of(left) == step
    assert STEPS == (0, 1, 3, 7, 14)


FRIDAY = date(2099, 3, 6)
HOLIDAY = [(FRIDAY + timedelta(days=3)).isoformat()]  # a Monday


@pytest.mark.parametrize(
    ("days", "weekends", "holidays", "quiet"),
    [
        (0, True, [], False),
        (1, True, [], True),
        (1, False, [], False),
        (2, True, [], True),
        (3, True, [], False),
        (3, True, HOLIDAY, True),
        (3, False, HOLIDAY, True),
        (4, False, HOLIDAY, False),
    ],
)
def test_nothing_is_sent_on_weekends_and_holidays_where_a_city_wants_it_so(
    days, weekends, holidays, quiet
):
    day = FRIDAY + timedelta(days=days)
    assert is_quiet(day, weekends=weekends, holidays=holidays) is quiet


ALWAYS = [(FRIDAY + timedelta(days=each)).isoformat() for each in range(1, 60)]


@pytest.mark.parametrize(
    ("weekends", "holidays", "days"),
    [
        (False, [], 0), (True, [], 2), (True, HOLIDAY, 3), (False, HOLIDAY, 0),
        (False, ALWAYS[:1], 1), (False, ALWAYS[1:], 0), (False, ALWAYS, 30),
    ],
)  # fmt: skip
def test_quiet_days_are_looked_over_from_the_working_day_before(weekends, holidays, days):
    assert reach(FRIDAY, weekends=weekends, holidays=iter(holidays)) == days
