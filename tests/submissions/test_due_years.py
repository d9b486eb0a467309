"""Two years open at once: due dates move in the year one looks at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agencies.roles import Role
from submissions.models import Submission
from tests.factories import make_assessment, make_user, make_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """The submission of 2024, and the one of 2025 of the same agency."""
    old = make_work()
    newer = make_assessment(old.agency.region, old.assessment.instrument, year=2025, data_year=2024)
    return old, newer.submissions.for_work().get()


def test_due_dates_move_in_the_year_of_the_address_only(client, two):
    old, newer = two
    client.force_login(make_user(Role.VERIFIKATOR, region=old.agency.region))
    day = timezone.localdate() + timedelta(days=400)
    sent = {"untuk": old.agency.code, "tenggat": day.isoformat()}
    answer = client.post("/verifikasi/tenggat/?tahun=2024", sent)
    assert answer.status_code == 302
    due = dict(Submission.objects.values_list("pk", "due_on"))
    assert due == {old.pk: day, newer.pk: newer.due_on}
