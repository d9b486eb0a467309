"""Two offices become one in mid-year: everything goes over, no point moves, and what was done keeps
its name.
"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agencies.models import Assignment, AssignmentRole, Change, ChangeVerb
from agencies.roles import Role
from meetings.models import FollowUp, Invited
from reports.ledger import ledger_of
from reports.scores import score
from submissions.actions import answering, arranging, year
from submissions.models import (
    Assessment,
    Event,
    Evidence,
    RegisterRow,
    Response,
    Review,
    Submission,
    Verb,
)
from tests.e2e.world import STATES, TODAY, make_world
from tests.factories import make_agency, make_user

pytestmark = pytest.mark.django_db
LEAD, SUPPORT = AssignmentRole.LEAD, AssignmentRole.SUPPORT


@pytest.fixture
def world():
    """Work of the office in every state, a register, a meeting ahead; and an office without any."""
    found = make_world()
    found.successor = make_agency(found.region, code="penerus", name="Dinas Penerus")
    return found


def merge(world, agency=None, into=None, **options):
    said = StringIO()
    by = options.pop("by", world.people["admin"])
    call_command(
        "merge_agency", (agency or world.agency).code, (into or world.successor).code,
        region=world.region.code, by=by.username, stdout=said, **options,
    )  # fmt: skip
    return said.getvalue()


def figures(world):
    assessment = Assessment.objects.get(pk=world.assessment.pk)
    found = score(ledger_of(assessment, None)).total
    return found.claimed, found.proven


def verified():
    said = StringIO()
    call_command("verify_scores", stdout=said)
    return said.getvalue()


def kept():
    """What an answer is, but where it lies."""
    fields = ("pk", "value", "note", "verdict", "claim_share", "verified_share", "last_review")
    return list(Response.objects.order_by("pk").values_list(*fields))


def states(agency):
    found = Submission.objects.in_use().filter(agency=agency).order_by("indicator__order")
    return list(found.values_list("state", flat=True))


def test_work_in_every_state_goes_to_the_successor_and_no_point_moves(world):
    points, answers, before = figures(world), kept(), states(world.agency)
    reviews, events = (
        Review.objects.count(),
        list(Event.objects.order_by("pk").values_list("pk", "data")),
    )
    work = list(Submission.objects.order_by("pk").values())
    assert "akan beralih" in merge(world, dry_run=True)
    assert list(Submission.objects.order_by("pk").values()) == work  # looked only
    said = merge(world)
    assert said.startswith("Dinas Uji ke Dinas Penerus: ")
    assert (figures(world), kept()) == (points, answers)
    assert (states(world.successor), states(world.agency)) == (before, [])
    assert set(before) >= {"draf", "diajukan", "dikembalikan", "diterima"}
    assert Review.objects.count() == reviews
    assert list(Event.objects.order_by("pk").values_list("pk", "data"))[: len(events)] == events
    assert "tidak ada selisih" in verified()


def test_what_was_done_before_keeps_the_old_name(world):
    old = world.submissions["diajukan"]
    done = Event.objects.filter(submission=old).exclude(verb=Verb.ASSIGN)
    before = list(done.values_list("pk", "submission__agency__name"))
    merge(world)
    assert list(done.values_list("pk", "submission__agency__name")) == before
    moved = Event.objects.filter(verb=Verb.ASSIGN, data__merged=True)
    assert {each.data["before"] for each in moved} == {world.agency.code}
    client = Client()
    client.force_login(world.people["verifikator"])
    page = client.get("/riwayat/").content.decode()
    assert ("Dinas Uji" in page, "Dinas Penerus" in page) == (True, True)


def test_people_registers_evidence_meetings_and_assignments_go_along(world):
    rows = RegisterRow.objects.filter(agency=world.agency).count()
    proofs = Evidence.objects.filter(agency=world.agency).count()
    led = Assignment.objects.filter(agency=world.agency, role=LEAD).count()
    invited = Invited.objects.filter(agency=world.agency, meeting__closed_at=None).count()
    own = world.people["own"]
    client = Client()
    client.force_login(own)
    merge(world)
    into = world.successor
    assert RegisterRow.objects.filter(agency=into).count() == rows
    assert Evidence.objects.filter(agency=into).count() == proofs
    assert Assignment.objects.filter(agency=into, role=LEAD).count() == led
    assert Invited.objects.filter(agency=into).count() == invited
    assert FollowUp.objects.get().agency == into
    own.refresh_from_db()
    assert own.agency == into
    drawn = Submission.objects.get(agency=into, indicator__code="1")
    assert client.get(f"/isian/{drawn.pk}/").status_code == 200  # the same session goes on
    [first, *_] = answering.for_answering(drawn.responses.order_by("question__order"))
    answering.answer(
        first, value={"level": 2}, note="", version=first.version, by=own, now=timezone.now()
    )
    change = Change.objects.get(verb=ChangeVerb.MERGE_AGENCY)
    assert (change.by, change.data["into"]) == (world.people["admin"], "penerus")


def test_a_support_that_becomes_the_lead_keeps_both_and_the_points(world):
    """The helper supports the first question of the office, with a note and a file."""
    points, helper = figures(world), world.people["helper"].agency
    given = Response.objects.get(submission__agency=helper)
    merge(world, into=helper)
    assert figures(world) == points
    lead = Response.objects.get(question=given.question, role=LEAD)
    assert lead.submission.agency == helper
    given.refresh_from_db()
    assert (given.role, given.note, given.submission.agency) == (
        SUPPORT, "Catatan pendukung", world.agency,
    )  # fmt: skip
    assert Assignment.objects.get(question=given.question, agency=helper).role == LEAD
    assert "tidak ada selisih" in verified()


def test_a_lead_that_takes_its_support_in_keeps_its_answer(world):
    points, helper = figures(world), world.people["helper"].agency
    merge(world, helper, world.agency)
    assert figures(world) == points
    assert states(world.agency) == list(STATES)
    assert Assignment.objects.filter(agency=helper).count() == 0
    assert "tidak ada selisih" in verified()


def moved_away(world, agency, indicator):
    """Every question of the agency's work on an indicator goes to a third office; the work."""
    third = make_agency(world.region)
    for response in Response.objects.filter(
        submission__agency=agency, submission__indicator__code=indicator
    ).select_related("question", "assessment__region", "submission"):
        arranging.move_in_year(
            response, third, by=world.people["verifikator"], today=TODAY, now=timezone.now()
        )
    return Submission.objects.get(agency=agency, indicator__code=indicator)


def test_work_that_was_emptied_before_makes_no_work_without_a_question(world):
    points = figures(world)
    assert moved_away(world, world.agency, "1").emptied_at is not None
    merge(world)
    assert figures(world) == points
    assert states(world.successor) == list(STATES[1:])
    found = Submission.objects.in_use().filter(agency=world.successor)
    assert [each.pk for each in found if not each.responses.exists()] == []


def test_work_of_the_successor_that_was_emptied_is_its_work_again(world):
    """Else its questions stand in no list, and the dashboard of the city cannot be drawn."""
    points = figures(world)
    unused = Response.objects.filter(submission__indicator__code="5").order_by("pk")[0]
    arranging.add_to_year(
        world.assessment, unused.question, world.successor, SUPPORT,
        by=world.people["verifikator"], today=TODAY, now=timezone.now(),
    )  # fmt: skip
    theirs = moved_away(world, world.successor, "5")
    assert (theirs.state, theirs.emptied_at is not None) == ("belum_diisi", True)
    merge(world)
    theirs.refresh_from_db()
    unused.refresh_from_db()
    assert (theirs.emptied_at, unused.submission) == (None, theirs)
    assert states(world.successor) == list(STATES)
    assert figures(world) == points
    client = Client()
    client.force_login(world.people["verifikator"])
    assert client.get(f"/penilaian/{world.assessment.year}/").status_code == 200


def test_a_closed_year_stays_as_it_was(world):
    year.close_year(world.assessment, note="", by=world.people["verifikator"], now=timezone.now())
    before = states(world.agency)
    merge(world)
    assert (states(world.agency), states(world.successor)) == (before, [])


def test_what_cannot_be_merged_is_said(world):
    closed = make_agency(world.region, name="Dinas Tutup", retired_at=timezone.now())
    for into, sentence in (
        (world.agency, "Pilih dua perangkat daerah yang berbeda."),
        (closed, "Dinas Tutup sudah tidak dipakai."),
        (world.people["area"].agency, "menjawab untuk wilayahnya sendiri"),
        (make_agency(), "tidak ada di wilayah"),
    ):
        with pytest.raises(CommandError, match=sentence):
            merge(world, into=into)
    merge(world)
    with pytest.raises(CommandError, match="Dinas Uji sudah tidak dipakai"):
        merge(world)


def test_only_an_administrator_of_the_region_merges(world):
    before = list(Submission.objects.order_by("pk").values())
    people = [make_user(role, region=world.region) for role in Role if role != Role.ADMINISTRATOR]
    for by in (*people, make_user(Role.ADMINISTRATOR)):
        with pytest.raises(CommandError, match="bukan administrator wilayah ini"):
            merge(world, by=by)
    gone = make_user(Role.ADMINISTRATOR, region=world.region, is_active=False)
    with pytest.raises(CommandError, match="tidak ada"):
        merge(world, by=gone)
    assert list(Submission.objects.order_by("pk").values()) == before
