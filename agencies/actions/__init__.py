"""What changes regions, agencies, people and assignments: one verb, one line of history."""

from agencies.actions.assigning import assign, assign_indicator, assign_standing, unassign
from agencies.actions.record import RefusedError
from agencies.actions.regions import load_region, retire_agency

__all__ = [
    "RefusedError",
    "assign",
    "assign_indicator",
    "assign_standing",
    "load_region",
    "retire_agency",
    "unassign",
]
