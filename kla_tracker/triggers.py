"""What the database itself refuses: a change of a published instrument, and any change of the
history.

The code never tries either; the triggers hold against the shell, the admin and tomorrow's mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

FROZEN = "Instrumen sudah diterbitkan dan tidak dapat diubah."
CLOSED = "Rakor sudah ditutup dan tidak dapat diubah."
APPEND_ONLY = "Riwayat tidak dapat diubah atau dihapus."

# table -> how a row of it (OLD or NEW) finds its instrument
OF_INSTRUMENT = {
    "indicators_rubric": "{row}.instrument_id",
    "indicators_band": "{row}.instrument_id",
    "indicators_register": "{row}.instrument_id",
    "indicators_cluster": "{row}.instrument_id",
    "indicators_indicator": "{row}.instrument_id",
    "indicators_question": "{row}.instrument_id",
    "indicators_rubriclevel": (
        "(SELECT r.instrument_id FROM indicators_rubric r WHERE r.id = {row}.rubric_id)"
    ),
}
# What a person's right to deletion takes out of a history: the name and address of a document that
# was destroyed, and nothing else. Table -> the evidence that a row is about, on both databases, and
# the keys of `data` that go; a new name stands for them all (`docs/decisions/0034`).
DESTROYED = "Data dukung dimusnahkan"
TOLD_OF_EVIDENCE = {
    "submissions_event": ("evidence", ("url",)),
    "submissions_rowchange": ("evidence", ("url",)),
    "submissions_evidencechange": ("", ("url", "from", "to")),
}
COLUMNS = {  # of those tables, all but `data`; a test holds this to the models
    "submissions_event": (
        *("id", "assessment_id", "submission_id", "response_id", "verb", "by_id", "on_behalf"),
        "at",
    ),
    "submissions_rowchange": ("id", "row_id", "verb", "by_id", "on_behalf", "at"),
    "submissions_evidencechange": ("id", "evidence_id", "verb", "by_id", "on_behalf", "at"),
}
HISTORY = (
    "agencies_change",
    "indicators_instrumentchange",
    "submissions_event",
    "submissions_evidencechange",
    "submissions_review",
    "submissions_review_evidence",
    "submissions_rowchange",
    "meetings_meetingevent",
    "meetings_followupevent",
    "meetings_meetingrecord",
)


def redacted(vendor: str, table: str, data: str) -> str:
    """`data` of a row without what told of its evidence, as an expression of the database."""
    _, keys = TOLD_OF_EVIDENCE[table]
    if vendor == "sqlite":
        paths = ", ".join(f"'$.{key}'" for key in keys)
        return f"json_set(json_remove({data}, {paths}), '$.name', '{DESTROYED}')"
    names = ", ".join(f"'{key}'" for key in keys)
    return f"(({data} - ARRAY[{names}]) || jsonb_build_object('name', '{DESTROYED}'))"


def _but_redacted(vendor: str, table: str) -> str:
    """True unless the change is exactly this: a row about an evidence that was destroyed loses what
    told of it.
    """
    key, _ = TOLD_OF_EVIDENCE[table]
    of = "OLD.evidence_id"
    if key:
        of = f"json_extract(OLD.data, '$.{key}')"
        of = of if vendor == "sqlite" else f"OLD.data->>'{key}'"
    same, text = ("IS", "json({0})") if vendor == "sqlite" else ("IS NOT DISTINCT FROM", "{0}")
    columns = [f"NEW.{name} {same} OLD.{name}" for name in COLUMNS[table]]
    return " AND ".join(
        [
            *columns,
            f"{text.format('NEW.data')} = {text.format(redacted(vendor, table, 'OLD.data'))}",
            "EXISTS (SELECT 1 FROM submissions_evidence e "  # noqa: S608  # nosec B608
            "WHERE e.destroyed_at IS NOT NULL "
            f"AND CAST(e.id AS TEXT) = CAST({of} AS TEXT))",
        ]
    )


def _but_forgotten(vendor: str) -> str:
    """True unless the change is exactly this: who opened a restricted document half a year ago or
    more is not told any longer.
    """
    same = "IS" if vendor == "sqlite" else "IS NOT DISTINCT FROM"
    old = "datetime('now', '-180 days')" if vendor == "sqlite" else "now() - interval '180 days'"
    columns = [each for each in COLUMNS["submissions_evidencechange"] if each != "by_id"]
    return " AND ".join(
        [
            *(f"NEW.{name} {same} OLD.{name}" for name in (*columns, "data")),
            f"NEW.by_id IS NULL AND OLD.verb = 'open' AND OLD.at < {old}",
        ]
    )


def _may_change(vendor: str, table: str) -> str:
    """The condition on which a change of a history's row is refused; empty where always."""
    if table not in TOLD_OF_EVIDENCE:
        return ""
    allowed = f"({_but_redacted(vendor, table)})"
    if table == "submissions_evidencechange":
        allowed += f" OR ({_but_forgotten(vendor)})"
    return f"NOT ({allowed})"


def _rules(vendor: str) -> list[tuple[str, str, str, str]]:
    """(table, operation, condition, message) ; an empty condition always refuses."""
    rules = [
        ("indicators_instrument", operation, "OLD.published_at IS NOT NULL", FROZEN)
        for operation in ("UPDATE", "DELETE")
    ]
    for table, path in OF_INSTRUMENT.items():
        for operation, rows in (
            ("INSERT", ("NEW",)),
            ("UPDATE", ("OLD", "NEW")),
            ("DELETE", ("OLD",)),
        ):
            published = " OR ".join(
                "EXISTS (SELECT 1 FROM indicators_instrument i "  # noqa: S608  # nosec B608
                f"WHERE i.id = {path.format(row=row)} AND i.published_at IS NOT NULL)"
                for row in rows
            )
            rules.append((table, operation, published, FROZEN))
    rules += [
        (table, operation, _may_change(vendor, table) if operation == "UPDATE" else "", APPEND_ONLY)
        for table in HISTORY
        for operation in ("UPDATE", "DELETE")
    ]
    rules += [
        ("kla_tracker_seal", operation, "", APPEND_ONLY) for operation in ("UPDATE", "DELETE")
    ]
    rules += [
        ("kla_tracker_sealhead", "UPDATE", "NEW.number < OLD.number", APPEND_ONLY),
        ("kla_tracker_sealhead", "DELETE", "", APPEND_ONLY),
    ]
    # A closed meeting says for ever what it said, and who was called to it.
    rules += [
        ("meetings_meeting", operation, "OLD.closed_at IS NOT NULL", CLOSED)
        for operation in ("UPDATE", "DELETE")
    ]
    for operation, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        ended = (
            "EXISTS (SELECT 1 FROM meetings_meeting m "  # noqa: S608  # nosec B608
            f"WHERE m.id = {row}.meeting_id AND m.closed_at IS NOT NULL)"
        )
        rules.append(("meetings_invited", operation, ended, CLOSED))
        rules.append(("meetings_attendance", operation, ended, CLOSED))
        if operation != "UPDATE":
            rules.append(("meetings_followup", operation, ended, CLOSED))
    return rules


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger anew on tables that exist; does nothing for a table that is not there
    yet.
    """
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, operation, condition, message in _rules(connection.vendor):
            if table not in present:
                continue
            name = f"hold_{table}_{operation.lower()}"
            for statement in _statements(
                connection.vendor, name, table, operation, condition, message
            ):
                cursor.execute(statement)


def loosen(connection: BaseDatabaseWrapper) -> None:
    """Take those away that look into other tables, before a migration: SQLite makes a changed table
    anew under another name, and refuses while a trigger reads the old one. `install` brings them
    back.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for table, operation, condition, _ in _rules(connection.vendor):
            if "SELECT" in condition:
                cursor.execute(f"DROP TRIGGER IF EXISTS hold_{table}_{operation.lower()}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: for the tests, which empty tables between them, and for nothing
    else.
    """
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, operation, _, _ in _rules(connection.vendor):
            if table not in present:
                continue
            name = f"hold_{table}_{operation.lower()}"
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def _statements(
    vendor: str, name: str, table: str, operation: str, condition: str, message: str
) -> list[str]:
    when = f"WHEN ({condition})" if condition else ""
    if vendor == "sqlite":
        return [
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE {operation} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]
    # PostgreSQL allows no subquery in WHEN: the condition stands in the function.
    test = condition or "TRUE"
    result = "OLD" if operation == "DELETE" else "NEW"
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN IF {test} THEN RAISE EXCEPTION '{message}' "
        "USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {result}; END $body$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE {operation} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
