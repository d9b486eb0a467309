"""The table of moves, read row by row; no database. `test_workflow.py` has what meets at once."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from agencies.roles import GRANTS, Role
from submissions.workflow import (
    EDITABLE,
    STATE_LABELS,
    TRANSITIONS,
    VERDICT_LABELS,
    State,
    Verdict,
    available,
    expired,
    must_hold_until,
    outcome,
)

ACCEPT, RETURN = Verdict.ACCEPTED, Verdict.RETURNED
# fmt: off
MOVES = {
    State.EMPTY:     {"start": "draf", "submit": "diajukan", "receive": "draf"},
    State.DRAFT:     {"submit": "diajukan"},
    State.SUBMITTED: {
        "withdraw": "draf", "recall": "draf", "return": "dikembalikan", "accept": "diterima",
    },
    State.RETURNED:  {"submit": "diajukan"},
    State.ACCEPTED:  {"reopen": "dikembalikan", "unseal": "dikembalikan"},
}
HOLDERS = {
    "start":    {Role.OPERATOR, Role.VERIFIKATOR},
    "submit":   {Role.OPERATOR, Role.VERIFIKATOR},
    "withdraw": {Role.OPERATOR, Role.VERIFIKATOR},
    "return":   {Role.VERIFIKATOR},
    "accept":   {Role.VERIFIKATOR},
    "reopen":   {Role.VERIFIKATOR},
    "receive":  {Role.VERIFIKATOR, Role.ADMINISTRATOR},
    "recall":   {Role.VERIFIKATOR, Role.ADMINISTRATOR},
    "unseal":   {Role.VERIFIKATOR, Role.ADMINISTRATOR},
}
BUTTONS = {
    "start": "Mulai mengisi", "submit": "Ajukan", "withdraw": "Tarik kembali",
    "return": "Kembalikan", "accept": "Terima", "reopen": "Buka kembali",
    "receive": "Terima jawaban", "recall": "Buka lagi", "unseal": "Buka lagi",
}
# fmt: on


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", TRANSITIONS)
def test_every_move_from_every_state_is_as_the_table_says(state, name):
    step = TRANSITIONS[name]
    led_to = step.target.value if state in step.sources else None
    assert led_to == MOVES[state].get(name)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", State)
def test_a_role_is_offered_only_the_moves_it_holds(role, state):
    offered = {step.name for step in available(state, GRANTS[role])}
    assert offered == {name for name in MOVES[state] if role in HOLDERS[name]}


def test_a_move_has_its_button():
    assert {name: step.label for name, step in TRANSITIONS.items()} == BUTTONS


def test_a_move_holds_still():
    with pytest.raises(FrozenInstanceError):
        TRANSITIONS["submit"].target = State.ACCEPTED


@pytest.mark.parametrize(
    ("verdicts", "name"),
    [
        ([], None),
        ([""], None),
        ([ACCEPT, ""], None),
        ([RETURN, ""], None),
        ([ACCEPT], "accept"),
        ([ACCEPT, ACCEPT], "accept"),
        ([RETURN], "return"),
        ([ACCEPT, RETURN], "return"),
    ],
)
def test_one_returned_answer_returns_the_whole_and_one_that_waits_holds_it(verdicts, name):
    step = outcome(iter(verdicts))
    assert (step.name if step else None) == name


def test_every_state_and_verdict_has_its_word_of_the_glossary():
    assert {state.value: STATE_LABELS[state] for state in State} == {
        "belum_diisi": "Belum diisi",
        "draf": "Draf",
        "diajukan": "Diajukan",
        "dikembalikan": "Dikembalikan",
        "diterima": "Diterima",
    }
    assert {verdict.value: VERDICT_LABELS[verdict] for verdict in Verdict} == {
        "": "Belum diperiksa",
        "diterima": "Diterima",
        "dikembalikan": "Dikembalikan",
    }
    assert (len(STATE_LABELS), len(VERDICT_LABELS)) == (len(State), len(Verdict))


def test_an_office_types_only_while_the_work_is_its_own():
    assert [state for state in State if state in EDITABLE] == [
        "belum_diisi",
        "draf",
        "dikembalikan",
    ]


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valid_until", "old"),
    [
        (None, False),
        (date(2023, 12, 30), True),
        (date(2023, 12, 31), False),
        (date(2024, 1, 1), False),
        (date(2022, 12, 31), True),
    ],
)
def test_a_document_has_to_be_in_force_to_the_end_of_the_year_of_the_data(valid_until, old):
    assert must_hold_until(2023) == date(2023, 12, 31)
    assert expired(valid_until, 2023) is old
