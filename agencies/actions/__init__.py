"""What changes regions, agencies, people and assignments: one verb, one line of history."""

from agencies.actions.assigning import assign, assign_indicator, assign_standing, unassign
from agencies.actions.merging import merge_agency, refuse_to_merge
from agencies.actions.naming import name_offices, strange_names
from agencies.actions.people import (
    INVITATION,
    RESET,
    change_own,
    change_user,
    invite,
    invite_again,
    retire_user,
    set_password,
    sign_out_everywhere,
)
from agencies.actions.record import RefusedError
from agencies.actions.regions import load_region, retire_agency, use_agency_again

__all__ = [
    "INVITATION",
    "RESET",
    "RefusedError",
    "assign",
    "assign_indicator",
    "assign_standing",
    "change_own",
    "change_user",
    "invite",
    "invite_again",
    "load_region",
    "merge_agency",
    "name_offices",
    "refuse_to_merge",
    "retire_agency",
    "retire_user",
    "set_password",
    "sign_out_everywhere",
    "strange_names",
    "unassign",
    "use_agency_again",
]
