"""Who may do what, as one table. Read aloud: each role, and the verbs it holds."""

from enum import StrEnum


class Role(StrEnum):
    """The four roles; fixed, because rights that add up cannot be taken away (`docs/decisions`)."""

    OPERATOR = "operator"
    VERIFIKATOR = "verifikator"
    PIMPINAN = "pimpinan"
    ADMINISTRATOR = "administrator"


ROLE_LABELS = {
    Role.OPERATOR: "Operator",
    Role.VERIFIKATOR: "Verifikator",
    Role.PIMPINAN: "Pimpinan",
    Role.ADMINISTRATOR: "Administrator",
}

# How far a role reaches: an operator its own agency, the others the whole region.
OWN_AGENCY_ONLY = frozenset({Role.OPERATOR})

# What a kecamatan may do for a kelurahan below it, and only with the answers of areas
# (`docs/decisions`): the history says that it was done on behalf.
FOR_ITS_KELURAHAN = frozenset({"submissions.answer_submission", "submissions.submit_submission"})

# fmt: off
GRANTS: dict[Role, frozenset[str]] = {
    Role.OPERATOR: frozenset({
        "indicators.view_instrument",
        "submissions.view_submission",       # the own agency's
        "submissions.answer_submission",     # type, attach, take away
        "submissions.submit_submission",     # hand in, take back
        "submissions.edit_register",         # rows of the own agency's registers
        "reports.export_own",                # the own agency's part of the workbook
        "meetings.confirm_reading",          # of the own agency's task sheet
        "meetings.answer_followup",          # what a meeting decided for the own agency
        "meetings.attend_meeting",           # sign in at one that the own agency is invited to
        "meetings.choose_reminders",         # which the own agency wants
    }),
    Role.VERIFIKATOR: frozenset({
        "indicators.view_instrument",
        "indicators.change_instrument",      # drafts and the mapping; publishing is another's
        "agencies.view_agency",
        "agencies.change_assignment",
        "agencies.invite_user",
        "submissions.view_submission",
        "submissions.open_year",
        "submissions.close_year",            # and open it again, with a reason
        "submissions.answer_submission",     # on behalf of an agency of the region
        "submissions.submit_submission",
        "submissions.edit_register",         # on behalf of an agency of the region
        "submissions.verify_submission",     # accept, return, finish, reopen
        "submissions.extend_submission",     # another due date
        "submissions.release_figures",       # total and clusters to everybody, and back
        "submissions.set_effort",            # how much work a question would be
        "submissions.save_scenario",         # what is supposed in the simulation
        "submissions.import_stage",          # what an outside stage gave
        "submissions.tick_entry",            # what has been typed into the ministry's form
        "reports.view_assessment",
        "reports.export_own",
        "reports.export_assessment",
        "meetings.hold_meeting",             # call, change, call off, lead, close
        "meetings.answer_followup",          # on behalf of an agency of the region
        "meetings.confirm_followup",         # done, not done yet, called off
        "meetings.attend_meeting",
        "meetings.set_reminders",            # kinds and quiet days of the city
    }),
    Role.PIMPINAN: frozenset({
        "indicators.view_instrument",
        "agencies.view_agency",
        "submissions.view_submission",
        "submissions.save_scenario",         # suppositions only; no answer, no verdict
        "reports.view_assessment",
        "reports.export_own",
        "reports.export_assessment",
        "meetings.attend_meeting",
    }),
    Role.ADMINISTRATOR: frozenset({
        "indicators.view_instrument",
        "indicators.change_instrument",
        "indicators.publish_instrument",
        "agencies.view_agency",
        "agencies.change_agency",
        "agencies.change_assignment",
        "agencies.invite_user",
        "agencies.change_user",
        "agencies.use_admin",
        "submissions.view_submission",
        "submissions.open_year",
        "submissions.close_year",
        "submissions.import_stage",
        "submissions.destroy_evidence",      # for a person's right, with a reason
        "reports.view_assessment",
        "reports.export_own",
        "reports.export_assessment",
        "meetings.attend_meeting",
    }),
}
# fmt: on

# Whom a role may invite and take out again, inside its own region.
MAY_INVITE: dict[Role, frozenset[Role]] = {
    Role.OPERATOR: frozenset(),
    Role.VERIFIKATOR: frozenset({Role.OPERATOR, Role.VERIFIKATOR}),
    Role.PIMPINAN: frozenset(),
    Role.ADMINISTRATOR: frozenset(Role),
}
