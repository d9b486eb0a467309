"""Who answers within a running year: adding, giving away and taking a part, and the pages."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import AssignmentRole
from agencies.roles import Role
from reports.ledger import ledger_of
from reports.scores import score
from submissions.actions import answering, evidence
from submissions.actions.arranging import add_to_year, move_in_year, take_from_year
from submissions.actions.record import RefusedError, StaleError
from submissions.models import Event, Evidence, EvidenceLink, Response, Submission, Verb
from submissions.workflow import State
from tests.at_once import told_at_once
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)
from tests.submissions.review_case import ACCEPT, NOW, RETURN, TODAY, answers, attach, hand_in, say

LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA
pytestmark = pytest.mark.django_db
WHEN = {"today": TODAY, "now": NOW}


def city():
    """A question led by `first` and supported by `second`, one without a lead, one of another
    indicator led by `second`, and one that `area` answers; `third` has nothing to do yet.
    """
    instrument = make_instrument()
    indicator = make_indicator(instrument, code="7")
    led, orphan = make_question(indicator, code="7.1"), make_question(indicator, code="7.2")
    elsewhere = make_question(make_indicator(instrument, code="8"), code="8.1")
    local = make_question(indicator, "area_share", code="7.3", level="kelurahan")
    region = make_region()
    first, second, third = (make_agency(region) for _ in range(3))
    area, new_area = (make_agency(region, kind="kelurahan") for _ in range(2))
    assign(led, first)
    assign(led, second, SUPPORT)
    assign(elsewhere, second)
    assign(local, area, AREA)
    publish(instrument)
    return SimpleNamespace(
        instrument=instrument,
        region=region,
        led=led,
        orphan=orphan,
        local=local,
        elsewhere=elsewhere,
        first=first,
        second=second,
        third=third,
        area=area,
        new_area=new_area,
        year=make_assessment(region, instrument),
        by=make_user(Role.VERIFIKATOR, region=region),
    )


def part(case, agency, question=None):
    """An agency's answer as a page reads it."""
    return (
        Response.objects.select_related(
            "submission__agency", "submission__assessment__region", "assessment__region", "question"
        )
        .filter(assessment=case.year, question=question or case.led, submission__agency=agency)
        .first()
    )


def work(case, agency):
    return Submission.objects.for_work().get(
        assessment=case.year, agency=agency, indicator=case.led.indicator
    )


def answered(case, agency=None):
    """The lead claims everything; the claim as stored."""
    response = part(case, agency or case.first)
    answering.answer(response, value={"level": 0}, note="SK 4", version=0, by=case.by, now=NOW)
    return part(case, agency or case.first)


def figures(case):
    total = score(ledger_of(case.year, None)).total
    return total.claimed, total.proven


def test_a_support_is_added_and_gets_its_form():
    case = city()
    response = add_to_year(case.year, case.led, case.third, SUPPORT, by=case.by, **WHEN)
    assert (response.role, response.submission.agency) == (SUPPORT, case.third)
    assert (response.submission.state, response.submission.due_on) == (
        State.EMPTY,
        case.year.closes_on,
    )
    event = Event.objects.get(verb=Verb.ASSIGN)
    assert (event.submission, event.by, event.data["question"]) == (
        response.submission,
        case.by,
        "7.1",
    )


def test_what_is_so_already_leaves_no_event():
    case = city()
    for _ in range(2):
        add_to_year(case.year, case.orphan, case.third, LEAD, by=case.by, **WHEN)
    assert Event.objects.filter(verb=Verb.ASSIGN).count() == 1
    assert Response.objects.filter(question=case.orphan).count() == 1


def test_a_support_becomes_the_lead_that_is_missing():
    case = city()
    take_from_year(part(case, case.first), by=case.by, now=NOW)
    add_to_year(case.year, case.led, case.second, LEAD, by=case.by, **WHEN)
    assert list(Response.objects.filter(question=case.led).values_list("role", flat=True)) == [LEAD]


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.EMPTY, State.EMPTY),
        (State.DRAFT, State.DRAFT),
        (State.SUBMITTED, State.DRAFT),
        (State.RETURNED, State.RETURNED),
        (State.ACCEPTED, State.RETURNED),
    ],
)
def test_no_question_that_waits_hides_in_work_that_was_handed_in(state, after):
    case = city()
    Submission.objects.filter(pk=work(case, case.first).pk).update(
        state=state.value, due_on=TODAY, submitted_at=NOW
    )
    add_to_year(case.year, case.orphan, case.first, LEAD, by=case.by, **WHEN)
    stored = work(case, case.first)
    assert (stored.state, (stored.due_on - TODAY).days) == (after, 3)


def test_an_accepted_answer_stays_accepted_when_its_work_opens_again():
    case = city()
    answered(case)
    hand_in(work(case, case.first))
    say(answers(work(case, case.first))[0], case.by)
    Submission.objects.filter(pk=work(case, case.first).pk).update(state=State.ACCEPTED.value)
    before = figures(case)
    add_to_year(case.year, case.orphan, case.first, LEAD, by=case.by, **WHEN)
    assert part(case, case.first).verdict == ACCEPT
    assert (figures(case), before[1]) == (before, 10)


REFUSED_TO_ADD = {
    "a second lead": lambda c: (c.led, c.third, LEAD),
    "a lead as its own support": lambda c: (c.led, c.first, SUPPORT),
    "a lead of an area question": lambda c: (c.local, c.third, LEAD),
    "an area that is none": lambda c: (c.local, c.third, AREA),
    "a kelurahan that leads the city": lambda c: (c.orphan, c.area, LEAD),
    "an office of another city": lambda c: (c.orphan, make_agency(), LEAD),
    "an office that is no more": lambda c: (
        c.orphan,
        make_agency(c.region, retired_at=timezone.now()),
        LEAD,
    ),
    "a question of another instrument": lambda c: (
        make_question(make_indicator(make_instrument())),
        c.third,
        LEAD,
    ),
}


@pytest.mark.parametrize("what", REFUSED_TO_ADD)
def test_what_cannot_be_is_refused_with_a_sentence(what):
    case = city()
    question, agency, role = REFUSED_TO_ADD[what](case)
    before = list(Response.objects.values()), Submission.objects.count()
    with pytest.raises(RefusedError, match=r"\.$"):
        add_to_year(case.year, question, agency, role, by=case.by, **WHEN)
    assert (list(Response.objects.values()), Submission.objects.count()) == before


def test_a_new_area_answers_too():
    case = city()
    add_to_year(case.year, case.local, case.new_area, AREA, by=case.by, **WHEN)
    assert Response.objects.filter(question=case.local, role=AREA).count() == 2


# --- giving a part to another agency -------------------------------------------------------------


def test_an_answer_moves_with_all_that_hangs_on_it_and_the_score_stays():
    case = city()
    response = answered(case)
    given = attach(response, case.by)
    hand_in(work(case, case.first))
    review = say(answers(work(case, case.first))[0], case.by, RETURN)
    before = figures(case)
    moved = move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    assert moved.pk == response.pk
    assert (moved.value, moved.note, moved.role) == ({"level": 0}, "SK 4", LEAD)
    assert (moved.last_review, moved.links.get().evidence) == (review, given)
    assert (Evidence.objects.get().agency, moved.agency) == (case.first, case.third)
    assert moved.submission.state == State.DRAFT
    assert figures(case) == before
    assert Event.objects.filter(verb=Verb.ASSIGN).count() == 1


def test_the_new_lead_sees_the_evidence_and_the_history_and_may_mend():
    case = city()
    given = attach(answered(case), case.by)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    operator = make_user(agency=case.third)
    assert given in Evidence.objects.visible_to(operator)
    assert Event.objects.visible_to(operator).filter(verb=Verb.ANSWER).count() == 1
    mine = part(case, case.third)
    answering.answer(mine, value={"level": 1}, note="", version=mine.version, by=operator, now=NOW)
    assert part(case, case.third).claim_level == 1


def test_a_new_support_sees_what_is_attached_to_its_part():
    case = city()
    given = attach(part(case, case.second), case.by)
    move_in_year(part(case, case.second), case.third, by=case.by, **WHEN)
    assert given in Evidence.objects.visible_to(make_user(agency=case.third))
    assert given not in Evidence.objects.visible_to(make_user(agency=make_agency(case.region)))


def test_work_that_lost_its_last_question_stands_nowhere_and_serves_again():
    case = city()
    answered(case)
    emptied = work(case, case.first)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    for user in (
        case.by,
        make_user(agency=case.first),
        make_user(Role.PIMPINAN, region=case.region),
    ):
        assert emptied not in Submission.objects.visible_to(user)
    assert emptied.pk not in ledger_of(case.year, None).works
    move_in_year(part(case, case.third), case.first, by=case.by, **WHEN)
    again = work(case, case.first)
    assert (again, again.emptied_at, again.state) == (emptied, None, State.DRAFT)


@pytest.mark.parametrize(
    "path", ["/isian/", "/verifikasi/?keadaan=semua", "/penilaian/2024/matriks/"]
)
def test_no_page_lists_emptied_work(client, path):
    case = city()
    answered(case)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    viewer = make_user(agency=case.first) if path == "/isian/" else case.by
    client.force_login(viewer)
    page = client.get(path)
    main = page.content.decode().split("<main", 1)[1]
    assert page.status_code == 200
    assert f"/isian/{work(case, case.first).pk}/" not in main
    assert f"/verifikasi/{work(case, case.first).pk}/" not in main
    if "matriks" in path:
        assert case.first.name not in main
        assert case.third.name in main


def test_a_support_that_gave_nothing_makes_room_for_itself_as_lead():
    case = city()
    move_in_year(part(case, case.first), case.second, by=case.by, **WHEN)
    held = Response.objects.filter(question=case.led)
    assert [(r.role, r.submission.agency) for r in held] == [(LEAD, case.second)]


def test_a_support_that_gave_something_changes_places_with_the_lead():
    case = city()
    lead = answered(case)
    support = part(case, case.second)
    answering.answer(support, value=None, note="data kami", version=0, by=case.by, now=NOW)
    before = figures(case)
    move_in_year(part(case, case.first), case.second, by=case.by, **WHEN)
    assert part(case, case.second).pk == lead.pk
    swapped = part(case, case.first)
    assert (swapped.pk, swapped.role, swapped.note) == (support.pk, SUPPORT, "data kami")
    assert figures(case) == before


def test_an_accepted_answer_does_not_move():
    case = city()
    answered(case)
    hand_in(work(case, case.first))
    say(answers(work(case, case.first))[0], case.by)
    with pytest.raises(RefusedError, match="sudah diterima verifikator"):
        move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    assert part(case, case.first).verdict == ACCEPT


def test_an_area_keeps_its_own_answer():
    case = city()
    with pytest.raises(RefusedError, match="setiap kecamatan atau kelurahan"):
        move_in_year(part(case, case.area, case.local), case.new_area, by=case.by, **WHEN)
    with pytest.raises(RefusedError, match="setiap kecamatan atau kelurahan"):
        take_from_year(part(case, case.area, case.local), by=case.by, now=NOW)


def test_a_support_does_not_move_to_who_answers_already():
    case = city()
    with pytest.raises(RefusedError, match="sudah menjawab atau mendukung"):
        move_in_year(part(case, case.second), case.first, by=case.by, **WHEN)


def test_who_saves_or_attaches_from_an_old_page_is_told_where_the_question_went():
    case = city()
    seen = part(case, case.first)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    operator = make_user(agency=case.first)
    with pytest.raises(RefusedError, match="baru saja dialihkan"):
        answering.answer(seen, value={"level": 0}, note="", version=0, by=operator, now=NOW)
    with pytest.raises(RefusedError, match="baru saja dialihkan"):
        evidence.attach_link(seen, url="https://contoh.example/a", name="a", by=operator, now=NOW)
    assert (part(case, case.third).claim_level, EvidenceLink.objects.count()) == (None, 0)


def test_who_moves_from_an_old_page_is_told():
    case = city()
    seen = part(case, case.first)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    with pytest.raises(StaleError):
        move_in_year(seen, make_agency(case.region), by=case.by, **WHEN)
    with pytest.raises(StaleError):
        take_from_year(seen, by=case.by, now=NOW)


# --- taking a part away --------------------------------------------------------------------------


def test_a_part_that_was_never_used_goes_and_comes_again():
    case = city()
    for _ in range(2):
        add_to_year(case.year, case.led, case.third, SUPPORT, by=case.by, **WHEN)
        take_from_year(part(case, case.third), by=case.by, now=NOW)
    assert part(case, case.third) is None
    assert work(case, case.third) not in Submission.objects.visible_to(case.by)
    assert Event.objects.filter(verb=Verb.ASSIGN).count() == 4


def test_what_was_ever_given_is_not_taken_away():
    case = city()
    support = part(case, case.second)
    answering.answer(support, value=None, note="data kami", version=0, by=case.by, now=NOW)
    answering.answer(part(case, case.second), value=None, note="", version=1, by=case.by, now=NOW)
    with pytest.raises(RefusedError, match="sudah mengerjakan"):
        take_from_year(part(case, case.second), by=case.by, now=NOW)
    attach(part(case, case.first), case.by)
    with pytest.raises(RefusedError, match="sudah mengerjakan"):
        take_from_year(part(case, case.first), by=case.by, now=NOW)
    assert Response.objects.filter(question=case.led).count() == 2


# --- who may, and when ---------------------------------------------------------------------------

VERBS = {
    "add": lambda c, by: add_to_year(c.year, c.orphan, c.third, LEAD, by=by, **WHEN),
    "move": lambda c, by: move_in_year(part(c, c.first), c.third, by=by, **WHEN),
    "take": lambda c, by: take_from_year(part(c, c.second), by=by, now=NOW),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("role", "here", "may"),
    [
        (Role.VERIFIKATOR, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.PIMPINAN, True, False),
        (Role.OPERATOR, True, False),
        (Role.VERIFIKATOR, False, False),
        (Role.ADMINISTRATOR, False, False),
    ],
)
def test_verifikator_and_administrator_of_the_region_hold_the_verbs(verb, role, here, may):
    case = city()
    by = make_user(role, region=case.region if here else make_region())
    before = list(Response.objects.values())
    if may:
        VERBS[verb](case, by)
    else:
        with pytest.raises(PermissionDenied):
            VERBS[verb](case, by)
    assert (list(Response.objects.values()) != before) == may


@pytest.mark.parametrize("verb", VERBS)
def test_a_closed_year_holds_still(verb):
    case = city()
    type(case.year).objects.filter(pk=case.year.pk).update(closed_at=NOW)
    with pytest.raises(RefusedError, match="sudah ditutup"):
        VERBS[verb](case, case.by)


def test_the_administrator_opens_work_that_was_handed_in():
    case = city()
    Submission.objects.filter(pk=work(case, case.first).pk).update(state=State.ACCEPTED.value)
    by = make_user(Role.ADMINISTRATOR, region=case.region)
    add_to_year(case.year, case.orphan, case.first, LEAD, by=by, **WHEN)
    assert work(case, case.first).state == State.RETURNED


# --- at once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_name_a_lead_at_once_one_is_told(attempt):
    case = city()
    told = told_at_once(
        *(
            lambda agency=agency: add_to_year(
                case.year, case.orphan, agency, LEAD, by=case.by, **WHEN
            )
            for agency in (case.second, case.third)
        )
    )
    assert sorted(told, key=str) == sorted([None, RefusedError], key=str)
    assert Response.objects.filter(question=case.orphan, role=LEAD).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_two_who_give_a_lead_away_at_once_one_is_told(attempt):
    case = city()
    other = make_agency(case.region)
    seen = [part(case, case.first) for _ in range(2)]
    told = told_at_once(
        lambda: move_in_year(seen[0], case.third, by=case.by, **WHEN),
        lambda: move_in_year(seen[1], other, by=case.by, **WHEN),
    )
    assert sorted(told, key=str) == sorted([None, StaleError], key=str)
    assert Response.objects.filter(question=case.led, role=LEAD).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_who_saves_while_the_question_goes_away_is_heard_or_told(attempt):
    case = city()
    seen, mine = part(case, case.first), part(case, case.first)
    operator = make_user(agency=case.first)
    told = told_at_once(
        lambda: move_in_year(seen, case.third, by=case.by, **WHEN),
        lambda: answering.answer(
            mine, value={"level": 0}, note="", version=0, by=operator, now=NOW
        ),
    )
    level = part(case, case.third).claim_level
    assert (told, level) in [([None, None], 0), ([None, RefusedError], None)]


# --- pages ---------------------------------------------------------------------------------------

LIST = "/penilaian/2024/pengampuan/"
PAGE = "/penilaian/2024/pengampuan/7.1/"


def test_the_list_names_the_questions_that_nobody_answers(client):
    case = city()
    client.force_login(case.by)
    rows = client.get(LIST).context["rows"]
    assert [(question.code, href) for question, href in rows] == [
        ("7.2", "/penilaian/2024/pengampuan/7.2/")
    ]


def test_a_lead_is_named_moved_and_a_support_taken_through_the_pages(client):
    case = city()
    client.force_login(case.by)
    told = client.post(
        f"{LIST}7.2/", {"tambah-perangkat": case.third.code, "tambah-tugas": "lead"}, follow=True
    )
    assert told.redirect_chain == [(f"{LIST}7.2/", 302)]
    assert part(case, case.third, case.orphan).role == LEAD
    lead, support = part(case, case.first), part(case, case.second)
    client.post(
        f"{PAGE}alihkan/",
        {"alih-dari": f"{lead.pk}-{lead.submission_id}", "alih-ke": case.third.code},
    )
    assert part(case, case.third).role == LEAD
    client.post(f"{PAGE}lepas/", {"dari": f"{support.pk}-{support.submission_id}"})
    assert part(case, case.second) is None


def test_a_page_that_is_out_of_date_is_told_so(client):
    case = city()
    seen = part(case, case.first)
    move_in_year(part(case, case.first), case.third, by=case.by, **WHEN)
    client.force_login(case.by)
    answer = client.post(
        f"{PAGE}alihkan/",
        {"alih-dari": f"{seen.pk}-{seen.submission_id}", "alih-ke": case.second.code},
    )
    assert answer.status_code == 422
    assert "baru saja berubah" in answer.content.decode()
    assert part(case, case.third).role == LEAD


def test_the_page_says_whose_work_would_open_again_before_it_does(client):
    case = city()
    Submission.objects.filter(pk=work(case, case.first).pk).update(state=State.ACCEPTED.value)
    client.force_login(case.by)
    assert client.get(f"{LIST}7.2/").context["handed_in"] == [(case.first.name, "diterima")]


def test_a_refusal_stands_on_the_page(client):
    case = city()
    client.force_login(case.by)
    answer = client.post(
        f"{LIST}7.2/", {"tambah-perangkat": case.area.code, "tambah-tugas": "lead"}
    )
    assert answer.status_code == 422
    assert "tidak menjadi penanggung jawab kota" in answer.content.decode()


def test_pimpinan_read_and_find_no_form(client):
    case = city()
    client.force_login(make_user(Role.PIMPINAN, region=case.region))
    main = client.get(PAGE).content.decode().split("<main", 1)[1]
    assert case.first.name in main
    assert "<form" not in main


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_the_pages_cost_the_same_with_one_row_and_with_many(client, path):
    counts = []
    for many in (0, 12):
        case = city()
        for _ in range(many):
            add_to_year(case.year, case.led, make_agency(case.region), SUPPORT, by=case.by, **WHEN)
        client.force_login(case.by)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 9
