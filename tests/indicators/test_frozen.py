# ruff: noqa: S608  (names of our own tables)
"""The database itself refuses every change of a published instrument, by ORM and by SQL."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from indicators.models import Instrument, Question, Rubric, RubricLevel
from kla_tracker import triggers
from tests.factories import (
    make_indicator,
    make_instrument,
    make_question,
    make_register,
    make_rubric,
    publish,
)

pytestmark = pytest.mark.django_db

CHILDREN = tuple(triggers.OF_INSTRUMENT)
TABLES = ("indicators_instrument", *CHILDREN)
# Decided after an instrument is published, and written down when it happens.
BESIDE = {"indicators_predecessor", "indicators_instrumentchange"}


def build():
    """An instrument with a row in every table that belongs to it."""
    instrument = make_instrument()
    question = make_question(make_indicator(instrument), register=make_register(instrument))
    return instrument, question


def refused(statement, *values):
    with (
        pytest.raises(DatabaseError, match="sudah diterbitkan"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


def columns(table):
    with connection.cursor() as cursor:
        return [each.name for each in connection.introspection.get_table_description(cursor, table)]


def test_every_table_of_the_room_but_the_instrument_is_held_as_its_child():
    names = connection.introspection.table_names()
    tables = {table for table in names if table.startswith("indicators_")}
    assert tables - BESIDE == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_sql_cannot_update_or_delete_a_published_row(table):
    publish(build()[0])
    refused(f"UPDATE {table} SET id = id")
    refused(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", CHILDREN)
def test_sql_cannot_insert_under_a_published_instrument(table):
    publish(build()[0])
    copied = [name for name in columns(table) if name != "id"]
    quoted = ", ".join(f'"{name}"' for name in copied)
    refused(f"INSERT INTO {table} ({quoted}) SELECT {quoted} FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_a_draft_stays_open_to_change(table):
    publish(build()[0])
    instrument, _ = build()
    where = {
        "indicators_instrument": "id = %s",
        "indicators_rubriclevel": "rubric_id IN "
        "(SELECT id FROM indicators_rubric WHERE instrument_id = %s)",
    }.get(table, "instrument_id = %s")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET id = id WHERE {where}", [instrument.pk])
        assert cursor.rowcount > 0


def test_a_row_of_a_draft_cannot_be_moved_under_a_published_instrument():
    published, _ = build()
    publish(published)
    _, question = build()
    with pytest.raises(DatabaseError, match="sudah diterbitkan"), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(instrument=published)


def test_the_orm_is_refused_the_same_way():
    instrument, question = build()
    publish(instrument)
    instrument.title = "Lain"
    question.max_points = 99
    for change in (
        instrument.save,
        instrument.delete,
        question.save,
        question.delete,
        lambda: Instrument.objects.filter(pk=instrument.pk).update(published_at=None),
        lambda: RubricLevel.objects.filter(rubric=question.rubric).update(share=1),
        lambda: make_indicator(instrument),
        lambda: make_rubric(instrument, "choice", code="baru"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Instrument.objects.get(pk=instrument.pk).title != "Lain"
    assert Question.objects.get(pk=question.pk).max_points == 10


def test_a_migration_that_took_the_triggers_away_brings_them_back():
    instrument, question = build()
    publish(instrument)
    triggers.remove(connection)
    Question.objects.filter(pk=question.pk).update(note="terbuka")
    call_command("migrate", verbosity=0)
    with pytest.raises(IntegrityError, match="sudah diterbitkan"), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(note="tertutup")


def test_the_levels_of_a_published_rubric_are_read_once_and_a_drafts_each_time(
    django_assert_num_queries,
):
    instrument, question = build()
    rubrics = Rubric.objects.select_related("instrument").filter(pk=question.rubric_id)
    for queries in (1, 1):
        [rubric] = rubrics.all()
        with django_assert_num_queries(queries):
            draft = rubric.scale
    publish(instrument)
    for queries in (1, 0):
        [rubric] = rubrics.all()
        with django_assert_num_queries(queries):
            assert rubric.scale == draft
