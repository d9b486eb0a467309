"""Two at the same moment, each on a connection of its own."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from agencies.actions import RefusedError, assign, retire_user, set_password, signing_in
from agencies.models import Assignment, AssignmentRole, SignInFailure, User
from agencies.roles import Role
from tests.at_once import at_once
from tests.factories import assign as assigned
from tests.factories import (
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def test_sixteen_guesses_at_once_are_ten_guesses():
    waits = at_once(*[lambda: signing_in.begin("siapa", "10.0.0.1", now=NOW)] * 16)
    assert sorted(waits) == [0] * 10 + [60] * 6
    assert sorted(SignInFailure.objects.values_list("failures", flat=True)) == [10, 10]


def test_of_two_passwords_by_one_link_at_once_one_is_kept():
    user = make_user()
    first, second = type(user).objects.get(pk=user.pk), type(user).objects.get(pk=user.pk)
    told = at_once(
        lambda: set_password(first, "sebuah gerbong penuh melati", now=NOW),
        lambda: set_password(second, "tujuh kapal di muara sungai", now=NOW),
    )
    assert sorted(told) == [False, True]


def test_of_two_administrators_who_retire_each_other_at_once_one_is_left():
    region = make_region()
    first, second = (make_user(Role.ADMINISTRATOR, region=region) for _ in range(2))

    def retire(user, by):
        try:  # each request reads its people for itself, perhaps when the other has ended
            retire_user(User.objects.get(pk=user.pk), by=User.objects.get(pk=by.pk))
        except (RefusedError, PermissionDenied):
            return False
        return True

    assert sorted(at_once(lambda: retire(first, second), lambda: retire(second, first))) == [
        False, True,
    ]  # fmt: skip
    assert User.objects.filter(is_active=True).count() == 1


def test_two_who_name_another_lead_at_once_leave_one_lead():
    region = make_region()
    question = make_question(make_indicator(make_instrument()))
    old, first, second = (make_agency(region) for _ in range(3))
    assigned(question, old, "lead")
    at_once(
        lambda: assign(question, first, AssignmentRole.LEAD, by=None),
        lambda: assign(question, second, AssignmentRole.LEAD, by=None),
    )
    roles = sorted(Assignment.objects.values_list("role", flat=True))
    assert roles == ["lead", "support", "support"]
