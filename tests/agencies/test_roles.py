"""Who may do what, read from the right's side: the table of roles turned by a quarter."""

import pytest

from agencies.roles import (
    FOR_ITS_KELURAHAN,
    GRANTS,
    MAY_INVITE,
    OWN_AGENCY_ONLY,
    ROLE_LABELS,
    Role,
)

# Each right and the roles that hold it: o operator, v verifikator, p pimpinan, a administrator.
# A right that a role gains or loses is a decision: it is made here too, and `docs/threats.md` is
# read before.
# fmt: off
HELD = {
    "agencies.change_agency":        "---a",
    "agencies.change_assignment":    "-v-a",
    "agencies.change_user":          "---a",
    "agencies.invite_user":          "-v-a",
    "agencies.use_admin":            "---a",
    "agencies.view_agency":          "-vpa",
    "indicators.change_instrument":  "-v-a",
    "indicators.publish_instrument": "---a",
    "indicators.view_instrument":    "ovpa",
    "meetings.answer_followup":      "ov--",
    "meetings.attend_meeting":       "ovpa",
    "meetings.choose_reminders":     "o---",
    "meetings.confirm_followup":     "-v--",
    "meetings.confirm_reading":      "o---",
    "meetings.hold_meeting":         "-v--",
    "meetings.set_reminders":        "-v--",
    "reports.export_assessment":     "-vpa",
    "reports.export_own":            "ovpa",
    "reports.view_assessment":       "-vpa",
    "submissions.answer_submission": "ov--",
    "submissions.close_year":        "-v-a",
    "submissions.destroy_evidence":  "---a",
    "submissions.edit_register":     "ov--",
    "submissions.extend_submission": "-v--",
    "submissions.import_stage":      "-v-a",
    "submissions.open_year":         "-v-a",
    "submissions.release_figures":   "-v--",
    "submissions.save_scenario":     "-vp-",
    "submissions.set_effort":        "-v--",
    "submissions.submit_submission": "ov--",
    "submissions.tick_entry":        "-v--",
    "submissions.verify_submission": "-v--",
    "submissions.view_submission":   "ovpa",
}
INVITES = {"operator": "----", "verifikator": "ov--", "pimpinan": "----", "administrator": "ovpa"}
# fmt: on
LETTERS = dict(zip("ovpa", Role, strict=True))


def letters(roles):
    """Which of the four, in their order; a dash for the others."""
    return "".join(letter if role in roles else "-" for letter, role in LETTERS.items())


def test_there_are_four_roles_with_their_words():
    told = {role.name: (role.value, ROLE_LABELS[role]) for role in Role}
    assert told == {
        "OPERATOR": ("operator", "Operator"),
        "VERIFIKATOR": ("verifikator", "Verifikator"),
        "PIMPINAN": ("pimpinan", "Pimpinan"),
        "ADMINISTRATOR": ("administrator", "Administrator"),
    }
    assert set(ROLE_LABELS) == set(GRANTS) == set(MAY_INVITE) == set(Role)


@pytest.mark.parametrize("right", sorted(set(HELD).union(*GRANTS.values())))
def test_a_right_is_held_by_the_roles_of_the_table_and_by_no_other(right):
    holders = {role for role, held in GRANTS.items() if right in held}
    assert letters(holders) == HELD.get(right)


@pytest.mark.parametrize("role", Role)
def test_a_role_lets_in_only_whom_it_may(role):
    assert letters(MAY_INVITE[role]) == INVITES[role.value]


def test_only_an_operator_stays_in_its_own_office_and_does_little_for_its_kelurahan():
    assert letters(OWN_AGENCY_ONLY) == "o---"
    assert sorted(FOR_ITS_KELURAHAN) == [
        "submissions.answer_submission",
        "submissions.submit_submission",
    ]


def test_nobody_both_answers_for_an_office_alone_and_judges():
    judges = {role for role, held in GRANTS.items() if "submissions.verify_submission" in held}
    assert judges & OWN_AGENCY_ONLY == set()
