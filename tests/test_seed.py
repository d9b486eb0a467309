"""The example city: the same each time, plausible, and true to what the verbs promise."""

import hashlib
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from PIL import Image

from agencies.models import PARTNERS, AssignmentRole, Award, Region, User
from indicators.scoring import (
    Answer,
    Tally,
    level_of,
    share_of,
    tally_indicator,
    tally_question,
    total,
)
from indicators.wording import points
from meetings.models import FollowUp, Meeting, MeetingRecord
from reports.figures import material_of
from reports.ledger import ledger_of
from submissions.actions.answering import for_answering
from submissions.actions.carrying import offers_of
from submissions.actions.ticking import fitting
from submissions.models import (
    Assessment,
    Blob,
    Event,
    Evidence,
    EvidenceLink,
    RegisterRow,
    Response,
    ResponseRow,
    Review,
)
from submissions.workflow import State, Verdict, outcome
from tests.factories import make_region

TODAY = date(2024, 3, 20)
ACCOUNTS = (
    ("admin", "administrator", None),
    ("verifikator", "verifikator", "dp3ap2kb"),
    ("pimpinan", "pimpinan", None),
    ("disdukcapil", "operator", "disdukcapil"),
    ("dinkes", "operator", "dinkes"),
    ("disdik", "operator", "disdik"),
    ("kec-cimahi-utara", "operator", "kec-cimahi-utara"),
    ("kel-cibabat", "operator", "kel-cibabat"),
    ("apsai", "operator", "apsai"),
)


def seed(**options) -> str:
    said = StringIO()
    call_command("seed_demo", today=TODAY, stdout=said, **options)
    return said.getvalue()


def digest() -> str:
    """Everything that a user could see of the year, without keys and the machine's clock."""
    keys = ("review", "evidence", "added", "removed", "request")
    rows = [
        *Response.objects.order_by(
            "assessment__year", "submission__agency", "question__order"
        ).values_list(
            "submission__agency__code", "submission__state", "submission__due_on",
            "submission__submitted_at", "question__code", "role", "value", "note", "claim_share",
            "version", "answered_at", "verdict", "verified_share", "last_review__note",
        ),
        *(
            (at, verb, who, {key: told for key, told in data.items() if key not in keys})
            for at, verb, who, data in Event.objects.order_by("pk").values_list(
                "at", "verb", "by__username", "data"
            )
        ),
        *EvidenceLink.objects.order_by("pk").values_list(
            "added_at", "evidence__name", "evidence__agency__code", "evidence__blob__sha256"
        ),
        *User.objects.order_by("username").values_list("username", "role", "agency__code"),
        *RegisterRow.objects.order_by("pk").values_list(
            "agency__code", "code", "data", "words", "valid_to", "created_at", "token",
            "links__evidence__name",
        ),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


@pytest.fixture(scope="module")
def digests(django_db_setup, django_db_blocker):
    """Three cities made one after the other; the last one stands for the tests of this file."""
    found = []
    with django_db_blocker.unblock(), transaction.atomic():
        for number in (2, 1, 1):
            mark = transaction.savepoint()
            seed(seed=number)
            found.append(digest())
            if len(found) < 3:
                transaction.savepoint_rollback(mark)
        yield found
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def city(digests) -> Assessment:
    return Assessment.objects.get(year=2024)


@pytest.fixture
def past(city) -> Assessment:
    return Assessment.objects.get(year=2023)


@pytest.fixture(params=[2024, 2023])
def year(digests, request) -> Assessment:
    """This year, and the year before: what holds for both."""
    return Assessment.objects.get(year=request.param)


def test_the_same_seed_and_day_make_the_same_city_and_another_seed_another(digests):
    other, first, second = digests
    assert first == second
    assert other != first


def test_a_second_run_says_so_and_changes_nothing(city, digests):
    assert "sudah ada" in seed(seed=1)
    assert digest() == digests[-1]


def test_it_is_marked_as_an_example_with_a_post_to_call_and_no_invented_scores(city):
    assert city.is_example is True
    assert (city.region.code, city.year, city.data_year) == ("32.77", 2024, 2023)
    assert city.closes_on == TODAY + timedelta(days=21)
    assert "DP3AP2KB" in city.region.contact
    assert "diisi oleh kantor" in city.region.contact
    assert list(Award.objects.order_by("year").values_list("year", "category", "score")) == [
        (2017, "Pratama", None),
        (2019, "Pratama", None),
    ]


def test_the_readme_says_how_much_of_a_second_year_is_there_already(city, settings):
    """Counted by confirming all that is offered, and undone: the city is as it was."""
    before, said = digest(), StringIO()
    call_command("count_second_year", 2024, region="32.77", stdout=said)
    figures = (211, 274, 207, 4, 35)
    assert [int(each) for each in re.findall(r"\b\d{1,3}\b", said.getvalue())] == [*figures]
    readme = " ".join((settings.BASE_DIR / "README.md").read_text().split())
    answered, asked, carried, registers, begun = figures
    assert f"**{answered} of {asked} questions**" in readme
    told = f"{carried} by last year's answers and {registers} by the registers alone; {begun} more"
    assert told in readme
    assert (Assessment.objects.count(), digest()) == (2, before)


@pytest.mark.parametrize(("username", "role", "agency"), ACCOUNTS)
def test_the_promised_accounts_can_sign_in(city, username, role, agency):
    user = User.objects.select_related("agency").get(username=username)
    assert user.check_password("kla-demo-2024")
    assert (user.role, user.agency and user.agency.code) == (role, agency)


def test_every_agency_has_its_operator_named_after_its_code(city):
    operators = User.objects.filter(role="operator").values_list("username", "agency__code")
    assert [name for name, code in operators if name != code] == []
    assert len(operators) == city.region.agencies.count() == 49


def test_there_are_about_a_thousand_answers_in_every_state(city):
    assert city.responses.count() == 1031
    states = Counter(city.submissions.values_list("state", flat=True))
    assert set(states) == {state.value for state in State}
    late = city.submissions.filter(
        due_on__lt=TODAY, state__in=[State.DRAFT.value, State.EMPTY.value]
    )
    assert late.filter(agency__code="disdik").exists()
    assert Counter(city.responses.values_list("verdict", flat=True)).keys() == {
        verdict.value for verdict in Verdict
    }


def test_the_accounts_of_the_example_meet_what_they_are_meant_to_show(city):
    def state(agency: str, indicator: str) -> str:
        return city.submissions.get(agency__code=agency, indicator__code=indicator).state

    assert state("disdukcapil", "4") == State.RETURNED
    returned = city.responses.get(question__code="4.4", role=AssignmentRole.LEAD)
    assert returned.last_review.note == "SOP belum ditandatangani. Unggah versi bertanda tangan."
    assert state("kec-cimahi-utara", "25") == State.SUBMITTED
    assert state("kel-cibabat", "26") == State.DRAFT
    cibabat = city.responses.filter(submission__agency__code="kel-cibabat")
    assert 5 <= cibabat.filter(answered_at__isnull=False).count() <= 15
    dinkes = set(city.submissions.filter(agency__code="dinkes").values_list("state", flat=True))
    assert dinkes >= {State.ACCEPTED, State.SUBMITTED, State.DRAFT}


def test_the_stored_shares_are_those_that_scoring_gives(year):
    for response in year.responses.select_related("question__rubric").prefetch_related(
        "question__rubric__levels"
    ):
        scale = response.question.rubric.scale
        level = level_of(scale, response.value)
        assert (response.claim_level, response.claim_share) == (level, share_of(scale, level))
        assert response.verified_share == share_of(scale, response.verified_level)
        if response.role == AssignmentRole.SUPPORT:
            assert (response.value, response.verified_level) == (None, None)


def figures_of(city: Assessment) -> Tally:
    """Worked out here from the answers alone."""
    answers: dict[object, list[Answer]] = {}
    for each in city.responses.official().select_related("question__indicator"):
        answers.setdefault(each.question, []).append(Answer(each.claim_share, each.verified_share))
    indicators: dict[object, list] = {}
    for question, given in answers.items():
        tally = tally_question(question.max_points, given)
        indicators.setdefault(question.indicator, []).append(tally)
    return total(tally_indicator(each.max_points, parts) for each, parts in indicators.items())


def test_the_year_stands_in_the_middle(city):
    """About half proven, a good part at risk."""
    year = figures_of(city)
    assert year.maximum == Decimal(1000)
    assert 450 < year.proven < 600
    assert 200 < year.at_risk < 340


def test_the_year_before_is_over_invented_and_without_an_award(city, past):
    assert (past.is_example, past.data_year, past.instrument) == (True, 2022, city.instrument)
    assert past.opened_at.date() < past.closes_on < past.closed_at.date() < city.opened_at.date()
    assert past.closes_on == city.closes_on - timedelta(days=364)
    states = Counter(past.submissions.values_list("state", flat=True))
    assert states[State.ACCEPTED.value] > 0.85 * states.total()
    assert past.events.filter(verb="close_year").get().data["unaccepted"] == (
        states.total() - states[State.ACCEPTED.value]
    )
    assert "data contoh" in past.stages.get().name
    assert not Award.objects.filter(year=2023).exists()


def test_this_year_is_compared_with_the_way_that_the_year_before_went(city, past):
    """Verdicts came on many days, so that the line of the year before is a way and not a step."""
    material = material_of(city, ledger_of(city, None), None, today=TODAY)
    before = material.before
    assert (before.year, before.closes) == (2023, past.closes_on)
    assert len(before.days) > 20
    then, end = before.at(past.closes_on - timedelta(days=21)), before.days[-1][1]
    assert 0 < then < end == figures_of(past).proven
    assert 500 < end < 700
    burn_up = next(each for each in material.draw() if each.name == "laju")
    assert burn_up.finding.endswith(f"tahun 2023, sama jauh dari tenggat, {points(then)}")
    columns = [row.column for row in material.years]
    assert [(each.year, each.category) for each in columns if each.category] == [
        (2017, "Pratama"),
        (2019, "Pratama"),
    ]
    assert [each.year for each in columns if each.proven] == [2023, 2024]
    changes = {
        line.proven > earlier.proven
        for line, earlier in zip(
            material.score.clusters, material.before_score.clusters, strict=True
        )
    }
    assert changes == {True, False}  # some clusters are ahead of last year already, some are not


def test_the_page_of_charts_is_small(client, city, past):
    """Under 100 KB before it is packed: two sizes of each chart, and all the tables."""
    client.force_login(User.objects.get(username="verifikator"))
    page = client.get(f"/penilaian/{city.year}/grafik/")
    assert page.status_code == 200
    assert len(page.content) < 100_000


def test_a_form_offers_what_the_office_gave_the_year_before(city):
    office = city.region.agencies.get(code="kel-cibabat")
    answers = for_answering(Response.objects.filter(submission__agency=office, assessment=city))
    offers = offers_of(office, city, list(answers))
    assert 0 < len(offers) < len(answers)  # what is answered already is not offered
    assert {each.name for offer in offers for each in offer.evidence} == {
        "Data dukung indikator 26 tahun 2022.pdf"
    }


@pytest.mark.django_db
def test_one_year_alone_can_be_asked_for():
    assert "2023" not in seed(years=1)
    assert [each.year for each in Assessment.objects.all()] == [2024]


def test_verdicts_fit_the_state_of_their_submission(year):
    for submission in year.submissions.prefetch_related("responses"):
        answers = list(submission.responses.all())
        verdicts = [each.verdict for each in answers]
        if submission.state == State.ACCEPTED:
            assert outcome(verdicts).name == "accept"
        elif submission.state == State.RETURNED:
            assert outcome(verdicts).name == "return"
        elif submission.state == State.SUBMITTED:
            assert Verdict.RETURNED not in verdicts
            assert Verdict.NONE in verdicts
        else:
            assert set(verdicts) == {""}
        started = any(each.version for each in answers)
        assert started is (submission.state != State.EMPTY)


def test_no_point_passes_without_the_evidence_that_is_demanded_unless_a_reason_stands_there(year):
    bare = (
        year.responses.official()
        .with_evidence_flag()
        .filter(has_evidence=False, question__evidence_required=True, verified_share__gt=0)
    )
    assert 1 <= bare.count() <= 2
    assert bare.filter(unproven_reason="").count() == 0


def test_history_and_verdicts_agree_with_the_answers(year):
    for response in year.responses.exclude(verdict="").select_related("last_review"):
        last = response.last_review
        assert (last.verdict, last.level, last.share) == (
            response.verdict, response.verified_level, response.verified_share,
        )  # fmt: skip
        assert last.version == response.version
    reviews = Review.objects.filter(response__assessment=year)
    told = year.events.filter(verb="answer").values("response").distinct().count()
    assert told == year.responses.filter(version__gt=0).count()
    assert year.events.filter(verb="review").count() == reviews.count()
    returned = reviews.filter(verdict=Verdict.RETURNED.value)
    assert returned.count() > 10
    assert returned.filter(note="").count() == 0


def test_history_is_in_the_order_of_its_time_and_ends_before_today(city):
    times = list(Event.objects.order_by("pk").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] < datetime.fromisoformat(f"{TODAY}T00:00:00+07:00")
    mine = list(city.events.order_by("pk").values_list("at", flat=True))
    assert mine[-1] - mine[0] > timedelta(days=28)
    assert city.opened_at == mine[0]


def test_every_file_is_there_opens_and_says_what_it_is(city):
    kinds = Counter()
    for blob in Blob.objects.all():
        with blob.file.open() as stored:
            data = stored.read()
        assert hashlib.sha256(data).hexdigest() == blob.sha256
        assert len(data) == blob.size
        kinds[blob.content_type.rpartition("/")[2]] += 1
        if blob.content_type == "application/pdf":
            assert_pdf(data)
        elif blob.content_type.startswith("image/"):
            Image.open(BytesIO(data)).load()
        else:
            assert b"DATA CONTOH" in ZipFile(BytesIO(data)).read("xl/sharedStrings.xml")
    assert kinds["pdf"] > 100
    assert set(kinds) >= {"pdf", "jpeg", "png"}
    assert sum(kinds.values()) > 200
    assert sum(Blob.objects.values_list("size", flat=True)) < 1_500_000


def assert_pdf(data: bytes) -> None:
    """Each object stands where the table of the file says, and its page bears the mark."""
    table = data[int(data.split(b"startxref\n")[1].split(b"\n")[0]) :]
    assert table.startswith(b"xref\n0 7\n")
    for number, line in enumerate(table.splitlines()[3:9], start=1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    assert b"(DATA CONTOH) Tj" in data
    assert data.endswith(b"%%EOF\n")


def test_equal_names_of_two_offices_are_two_evidences(city):
    assert Evidence.objects.count() == len(set(Evidence.objects.values_list("agency_id", "name")))
    assert EvidenceLink.objects.count() > Evidence.objects.count()


@pytest.mark.django_db
def test_it_refuses_where_there_is_something_else_already():
    make_region()
    with pytest.raises(CommandError, match="sudah berisi wilayah"):
        seed()
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_no_account_of_the_example_exists_without_it():
    for username, _, _ in ACCOUNTS:
        assert authenticate(None, username=username, password="kla-demo-2024") is None
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_more_cities_have_the_same_shape_and_share_a_few_files():
    seed(regions=2)
    assert list(Region.objects.order_by("code").values_list("code", flat=True)) == [
        "32.77",
        "99.02",
    ]
    first, second = Assessment.objects.filter(year=2024).order_by("region__code")
    assert second.responses.count() == first.responses.count()
    assert second.responses.filter(verified_share__gt=0).count() > 200
    shared = Blob.objects.filter(evidence__agency__region=second.region).distinct().count()
    assert shared <= 4


def test_one_meeting_was_held_with_decisions_in_every_state_and_one_lies_ahead(city):
    held, ahead = Meeting.objects.order_by("starts_at")
    assert (held.state, ahead.state) == ("ditutup", "dipanggil")
    assert ahead.starts_at.date() > TODAY > held.starts_at.date()
    states = Counter(FollowUp.objects.values_list("state", flat=True))
    assert states == {"terbuka": 1, "dikerjakan": 3, "selesai": 1, "batal": 1}
    assert len(MeetingRecord.objects.get(meeting=held).data["decisions"]) == 6
    assert 0 < held.invited.filter(read_at=None).count() < held.invited.count()


def test_the_first_meeting_shows_what_was_proven_when_it_was_closed(city):
    record = MeetingRecord.objects.get()
    assert record.at.date() == Meeting.objects.earliest("starts_at").starts_at.date()
    then, now = Decimal(record.data["total"]["proven"]), figures_of(city).proven
    assert 0 < then < now
    verdicts = Review.objects.filter(at__gt=record.at, verdict=Verdict.ACCEPTED)
    assert verdicts.exists()


def test_every_kind_of_partner_brought_something_and_part_of_it_counts(city):
    rows = RegisterRow.objects.filter(
        code="kemitraan", agency__in=city.region.agencies.partners().values("pk")
    )
    kinds = Counter(rows.values_list("agency__kind", flat=True))
    assert kinds.keys() == {kind.value for kind in PARTNERS}
    counted = rows.filter(ticks__response__assessment=city).distinct()
    assert 0 < counted.count() < rows.count() == 15
    assert 0 < rows.without_evidence().count() < rows.count()
    for tick in ResponseRow.objects.filter(row__in=rows).select_related("response", "row"):
        assert tick.row in fitting(tick.response)
