"""The history cannot be rewritten quietly: whatever is done to it with SQL, the chain tells."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from agencies.actions.record import record as record_change
from agencies.models import Change, ChangeVerb
from agencies.roles import Role
from kla_tracker import triggers
from kla_tracker.history import chain, verify
from kla_tracker.models import Seal, SealHead
from submissions.actions import answering
from submissions.actions.record import record
from submissions.models import Event, Response, Verb
from tests.at_once import at_once
from tests.factories import make_user, make_work
from tests.torture import results

NOON = datetime(2024, 6, 3, 5, tzinfo=timezone.get_default_timezone())
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _memory_beside_the_database(settings, tmp_path):
    settings.HISTORY_ANCHORS = tmp_path / "anchors.txt"


@dataclass
class Case:
    """A year in which something happens."""

    submission: object
    by: object

    def happens(self, times=1):
        for number in range(times):
            record(
                Verb.START, by=self.by, assessment=self.submission.assessment,
                submission=self.submission, at=NOON, step=number, share=0.5, name="Ibu Çelik",
            )  # fmt: skip
            record_change(
                ChangeVerb.ASSIGN, by=self.by, region=self.submission.agency.region, question=number
            )


@pytest.fixture
def case(db):
    submission = make_work()
    return Case(submission, make_user(Role.OPERATOR, agency=submission.agency))


def found(*known):
    return list(verify.verify([*chain.anchors(), *known]))


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


# --- What holds -----------------------------------------------------------------------------------
def test_everything_that_happened_is_sealed_once_in_a_row_without_a_gap(case):
    case.happens(3)
    rows = Event.objects.count() + Change.objects.count()
    assert (chain.seal(now=NOON), chain.seal(now=NOON)) == (rows, 0)
    case.happens(2)
    assert (verify.waiting(), chain.seal(now=NOON + HOUR), verify.waiting()) == (4, 4, 0)
    assert list(Seal.objects.values_list("number", flat=True)) == list(range(1, rows + 5))
    assert found() == []


def test_a_batch_ends_where_it_will_and_the_chain_goes_on(case, monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 3)
    monkeypatch.setattr(verify, "CHUNK", 2)
    case.happens(5)
    assert chain.seal(now=NOON) == Event.objects.count() + Change.objects.count()
    assert found() == []


def test_saving_an_answer_asks_nothing_of_the_chain(case, django_assert_num_queries):
    response = answering.for_answering(Response.objects.all()).get()
    with connection.execute_wrapper(_no_seals):
        answering.answer(
            response, value={"level": 1}, note="", version=response.version, by=case.by, now=NOON
        )
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 1


def _no_seals(execute, sql, params, many, context):
    assert "kla_tracker_seal" not in sql
    return execute(sql, params, many, context)


def test_every_table_that_the_triggers_hold_as_history_is_sealed():
    assert {each._meta.db_table for each in chain.sealed_models()} == set(triggers.HISTORY)


def test_a_column_that_comes_later_and_is_empty_changes_no_seal():
    row = {"id": 1, "verb": "start", "data": {"b": 2, "a": [1.0, None]}}
    assert chain.content_of(row | {"new": None}) == chain.content_of(row)
    same = {"verb": "start", "data": {"a": [1, None], "b": 2.0}, "id": 1}
    assert chain.content_of(same) == chain.content_of(row)
    assert chain.content_of(row | {"verb": "submit"}) != chain.content_of(row)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kla_tracker_seal SET content = digest",
        "DELETE FROM kla_tracker_seal",
        "UPDATE kla_tracker_sealhead SET number = number - 1",
        "DELETE FROM kla_tracker_sealhead",
        "UPDATE submissions_event SET verb = 'accept'",
        "DELETE FROM agencies_change",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(case, sql):
    case.happens()
    chain.seal(now=NOON)
    with pytest.raises(DatabaseError, match="Riwayat"), transaction.atomic():
        run(sql)


# --- What is found --------------------------------------------------------------------------------
@pytest.fixture
def sealed(case):
    """Three days of history, and nothing that holds it any more."""
    for day in range(3):
        case.happens(12)
        chain.seal(now=NOON + timedelta(days=day))
    triggers.remove(connection)
    return case


def alter(dice):
    row = dice.choice(list(Event.objects.order_by("pk")))
    column, value = dice.choice(
        [("verb", "accept"), ("data", '{"step": 99}'), ("on_behalf", not row.on_behalf),
         ("at", row.at + timedelta(seconds=dice.randint(1, 10**6))), ("by_id", None)]
    )  # fmt: skip
    if getattr(row, column) == value:
        column, value = "verb", "return"
    run(f"UPDATE submissions_event SET {column} = %s WHERE id = %s", value, row.pk)  # noqa: S608


def alter_change(dice):
    row = dice.choice(list(Change.objects.order_by("pk")))
    run("UPDATE agencies_change SET data = %s WHERE id = %s", '{"question": 9999}', row.pk)


def delete(dice):
    table, model = dice.choice([("submissions_event", Event), ("agencies_change", Change)])
    chosen = dice.choice(list(model.objects.values_list("pk", flat=True)))
    run(f"DELETE FROM {table} WHERE id = %s", chosen)  # noqa: S608


def delete_with_its_seal(dice):
    link = dice.choice(list(Seal.objects.all()))
    run(f"DELETE FROM {link.table} WHERE id = %s", link.row)  # noqa: S608
    run("DELETE FROM kla_tracker_seal WHERE number = %s", link.number)


def swap_what_two_said(dice):
    one, other = dice.sample(list(Event.objects.filter(data__step__isnull=False)), 2)
    while one.data == other.data:
        one, other = dice.sample(list(Event.objects.filter(data__step__isnull=False)), 2)
    for to, of in ((one, other), (other, one)):
        Event.objects.filter(pk=to.pk).update(data=of.data)


def move(dice):
    """Two seals change places, with all that they say but their number."""
    one, other = dice.sample(list(Seal.objects.all()), 2)
    for place, link in ((one, other), (other, one)):
        run(
            'UPDATE kla_tracker_seal SET "table" = %s, "row" = %s, content = %s, digest = %s '
            "WHERE number = %s",
            link.table,
            -link.row if place is one else link.row, link.content, link.digest, place.number,
        )  # fmt: skip
    run('UPDATE kla_tracker_seal SET "row" = -"row" WHERE "row" < 0')


def insert(dice):
    """An act of the past, under a number that is free."""
    row = dice.choice(list(Event.objects.order_by("pk")))
    run("UPDATE submissions_event SET id = -id WHERE id = %s", row.pk)
    run("UPDATE submissions_event SET id = %s WHERE id = %s", -dice.randint(1, 10**6), -row.pk)


def insert_beside(dice):
    row = dice.choice(list(Event.objects.order_by("pk")))
    row.pk, row.at = -dice.randint(1, 10**6), row.at - timedelta(days=1)
    row.save(force_insert=True)
    chain.seal(now=NOON + timedelta(days=9))


def cut_the_tail(dice):
    """The last acts, their seals, and where the chain says that it ends."""
    keep = dice.randint(1, Seal.objects.count() - 1)
    for link in list(Seal.objects.filter(number__gt=keep)):
        run(f"DELETE FROM {link.table} WHERE id = %s", link.row)  # noqa: S608
    run("DELETE FROM kla_tracker_seal WHERE number > %s", keep)
    last = Seal.objects.last()
    SealHead.objects.update(number=last.number, digest=last.digest)


def write_all_anew(dice):
    """An act is altered and every seal after it computed again, as somebody would who has read
    how.
    """
    link = dice.choice(list(Seal.objects.filter(table="submissions_event")))
    run("UPDATE submissions_event SET verb = 'release' WHERE id = %s", link.row)
    by_table = {each._meta.db_table: each for each in chain.sealed_models()}
    before = ""
    for each in list(Seal.objects.all()):
        [row] = chain.read(by_table[each.table], pk=each.row)
        content = chain.content_of(row)
        before = chain.digest_of(before, each.number, each.table, each.row, content, each.at)
        Seal.objects.filter(pk=each.pk).update(content=content, digest=before)
    SealHead.objects.update(digest=before)


REWRITES = [
    alter, alter_change, delete, delete_with_its_seal, swap_what_two_said,
    move, insert, insert_beside, cut_the_tail, write_all_anew,
]  # fmt: skip


def rewrites_not_found(times):
    """Rewrite a sealed history so often, each kind in turn, each taken back again: those that no
    proof found, by number and kind. In a transaction, with the triggers away.
    """
    unseen = []
    for number in range(times):
        rewrite = REWRITES[number % len(REWRITES)]
        mark = transaction.savepoint()
        rewrite(random.Random(number))  # noqa: S311
        if not found():
            unseen.append((number, rewrite.__name__))
        transaction.savepoint_rollback(mark)
    return unseen


def test_of_two_hundred_rewrites_with_the_triggers_away_none_stays_unseen(sealed):
    assert found() == []
    unseen = rewrites_not_found(200)
    results.record("rewritten_history", figure=f"{len(unseen)} of 200 rewrites", reached=not unseen)
    assert unseen == []
    assert found() == []


def test_the_event_that_is_wrong_is_named(sealed):
    link = Seal.objects.filter(table="submissions_event")[5]
    run("UPDATE submissions_event SET verb = 'accept' WHERE id = %s", link.row)
    said = f"kejadian nomor {link.row} (segel {link.number}): isinya diubah sesudah disegel."
    assert found() == [said]
    run("DELETE FROM submissions_event WHERE id = %s", link.row)
    assert found() == [said.replace("isinya diubah", "dihapus")]


def test_a_cut_tail_is_found_by_what_was_printed_even_when_this_machine_forgot(sealed, settings):
    printed = chain.head()
    cut_the_tail(random.Random(1))  # noqa: S311
    settings.HISTORY_ANCHORS.unlink()
    assert found() == []
    assert found((printed.number, printed.digest)) == [
        f"Segel {printed.number}: tidak ada lagi; catatan di luar basis data mengenalnya lain."
    ]


def test_the_command_says_whole_or_names_and_fails(sealed):
    said = StringIO()
    call_command("verify_history", stdout=said)
    end = chain.head()
    assert said.getvalue().strip() == (
        f"Riwayat utuh: {end.number} kejadian bersegel, 0 menunggu disegel. Ujung: {end}"
    )
    call_command("verify_history", "--anchor", str(end), stdout=StringIO())
    run("DELETE FROM kla_tracker_seal WHERE number = 4")
    named = StringIO()
    with pytest.raises(CommandError, match="Riwayat tidak utuh: 2 temuan"):
        call_command("verify_history", stderr=named)
    assert named.getvalue().splitlines()[0] == "Segel 4 sampai 4: dihapus."
    assert "disisipkan kemudian, tidak bersegel" in named.getvalue()
    with pytest.raises(CommandError, match="NUMBER:DIGEST"):
        call_command("verify_history", "--anchor", "4")


def test_proving_holds_two_parts_in_memory_however_long_the_history_is(sealed, monkeypatch):
    monkeypatch.setattr(verify, "CHUNK", 10)
    sizes = []
    stored = verify._stored
    monkeypatch.setattr(verify, "_stored", lambda a, b: sizes.append(len(b)) or stored(a, b))
    assert found() == []
    assert (max(sizes), sum(sizes)) == (10, Seal.objects.count())


# --- Several at once ------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_write_and_two_seal_at_once_and_the_chain_is_whole():
    case = Case(submission := make_work(), make_user(Role.OPERATOR, agency=submission.agency))

    def write():
        for _ in range(15):
            with transaction.atomic():
                case.happens(2)

    def seal():
        for _ in range(15):
            chain.seal(now=NOON)

    at_once(write, write, seal, seal)
    chain.seal(now=NOON)
    assert (found(), verify.waiting()) == ([], 0)
    assert Seal.objects.count() == Event.objects.count() + Change.objects.count()
    assert Event.objects.filter(verb=Verb.START).count() == 60


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_under_an_older_number_is_sealed_and_is_no_forgery():
    """On PostgreSQL numbers are given before the commit; on SQLite writers come one by one."""
    case = Case(submission := make_work(), make_user(Role.OPERATOR, agency=submission.agency))
    case.happens()
    chain.seal(now=NOON)
    held = Event.objects.latest("pk").pk + 1
    [first] = Event.objects.bulk_create([_event(case)])
    assert first.pk == held
    # The number `held` is written after a later one was sealed, as a slow transaction does.
    with transaction.atomic():
        triggers.remove(connection)
        Event.objects.filter(pk=held).delete()
    case.happens()
    chain.seal(now=NOON + HOUR / 2)
    first.save(force_insert=True)
    assert chain.seal(now=NOON + HOUR) == 1
    assert found() == []


def _event(case):
    return Event(assessment=case.submission.assessment, verb=Verb.START, by=case.by, at=NOON)


def test_a_head_stands_alone(case):
    chain.seal(now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        SealHead(pk=2).save(force_insert=True)
