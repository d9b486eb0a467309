"""What `make audit` is there for: that it says no when it should."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit import __main__ as command
from tests.audit import mutants, scan, steps
from tests.audit.licences import table_of
from tests.audit.outcome import NOT_DONE, OK, OPEN, found, green, not_done
from tests.torture import results
from tests.torture.results import LINES

ROOT = steps.ROOT


def test_the_lock_pins_what_the_requirements_pin_each_with_a_hash():
    assert steps.lock().is_green
    blocks = re.split(r"\n(?=\S)", steps.LOCK.read_text().strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_an_old_django_in_the_lock_is_noticed(tmp_path, monkeypatch):
    old = re.sub(r"(?m)^django==\S+", "django==4.2.1", steps.LOCK.read_text())
    monkeypatch.setattr(steps, "LOCK", tmp_path / "requirements.lock")
    (tmp_path / "requirements.lock").write_text(old)
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    assert (steps.lock().state, "4.2.1" in steps.lock().said) == (OPEN, True)


@pytest.mark.parametrize(
    "planted",
    [
        "AWS_KEY = 'AKIA" + "Z7QJ4M2XKD5RT8WP'\n",
        "-----BEGIN RSA " + "PRIVATE KEY-----\n",
        "DATABASE_URL = 'postgres://kla:" + "kJ8s0mQ2zLp4@db.example/kla'\n",
    ],
)
def test_a_planted_key_is_found(planted, tmp_path, capsys):
    file = tmp_path / "settings_extra.py"
    file.write_text(planted)
    assert steps.secrets([str(file)]) == found("detect-secrets-hook found the above")
    file.write_text("NAME = 'kla'\n")
    assert steps.secrets([str(file)]).is_green


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("Apache-2.0 OR BSD-3-Clause", False),
        ("BSD License; MIT License", False),
        ("AGPL-3.0-only", True),
        ("MIT AND SSPL-1.0", True),
        ("UNKNOWN", True),
    ],
)
def test_a_licence_that_a_government_cannot_use_is_refused(licence, refused):
    row = {"Name": "Some_Thing", "Version": "1.0", "License": licence}
    text, no, missing = table_of([row], ["some-thing"])
    assert (bool(no), missing) == (refused, [])
    assert f"| Some_Thing | 1.0 | {licence} |" in text


def test_the_table_of_licences_names_everything_that_is_pinned():
    table = (ROOT / "docs" / "licences.md").read_text()
    listed = {
        (name.lower().replace("_", "-"), version)
        for name, version in re.findall(r"^\| ([A-Za-z0-9._-]+) \| (\S+) \|", table, re.MULTILINE)
    }
    wanted = set(steps.pins("requirements.txt", "requirements-s3.txt").items())
    assert listed - {("package", "version")} == wanted


def answering(folder: Path, code: str) -> None:
    """A stand-in for pip-audit's command, to see what we make of what it says."""
    file = folder / "pip-audit"
    file.write_text(f"#!{sys.executable}\n{code}\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        ("print('{\"dependencies\": []}')", OK, "none known in"),
        (
            "import sys; sys.exit('ERROR: could not be audited')",
            NOT_DONE,
            "did not answer here (ERROR: could not be audited)",
        ),
        (
            'print(\'{"dependencies": [{"name": "django", "vulns": [1]}]}\'); raise SystemExit(1)',
            OPEN,
            "known holes in ['django']",
        ),
    ],
)
def test_a_service_that_cannot_be_reached_is_no_green(code, state, words, tmp_path, monkeypatch):
    answering(tmp_path, code)
    monkeypatch.setattr(steps, "TOOLS", tmp_path)
    outcome = steps.holes()
    assert (outcome.state, words in outcome.said) == (state, True)


def ended(**changes):
    """A run of all steps that was green, but for what a test changes."""
    return dict.fromkeys(command.STEPS, green("well", explained=1)) | changes


@pytest.mark.parametrize(
    ("changes", "open_", "holes"),
    [
        ({}, ("0 without an explanation, 6 explained", True), ("well", True)),
        (
            {"scan": found("pages", count=2, explained=3)},
            ("2 without an explanation, 8 explained", False),
            ("well", True),
        ),
        (
            {"scan": not_done("no wapiti")},
            ("0 without an explanation, 5 explained", False),
            ("well", True),
        ),
        (
            {"holes": not_done("no answer")},
            ("0 without an explanation, 6 explained", True),
            ("no answer", False),
        ),
        (
            {"holes": found("django", count=3)},
            ("0 without an explanation, 6 explained", True),
            ("3", False),
        ),
    ],
)
def test_what_was_not_done_or_has_no_reason_is_never_told_as_reached(changes, open_, holes):
    first, second = command.figures(ended(**changes))
    assert (first["figure"].split(" (")[0], first["reached"]) == open_
    assert (second["figure"], second["reached"]) == holes
    assert ("NOT DONE: scan" in first["figure"]) == (changes.get("scan") == not_done("no wapiti"))
    assert {first["name"], second["name"]} <= set(LINES)


@pytest.mark.parametrize(
    ("changes", "code", "last"),
    [
        ({}, 0, "make audit: all is green"),
        (
            {"holes": not_done("no answer"), "scan": found("two")},
            1,
            "make audit: not green: holes (NOT DONE), scan (OPEN)",
        ),
    ],
)
def test_a_table_tells_at_the_end_how_each_step_ended(changes, code, last, monkeypatch, capsys):
    outcomes, recorded = ended(**changes), []
    steps_ = {name: lambda name=name: outcomes[name] for name in command.STEPS}
    monkeypatch.setattr(command, "STEPS", steps_)
    monkeypatch.setattr(command, "record", lambda **figure: recorded.append(figure["name"]))
    assert command.main([]) == code
    lines = capsys.readouterr().out.splitlines()
    table = lines[-1 - len(outcomes) : -1]
    assert [(line.split()[0], line[10:18].strip()) for line in table] == [
        (name, each.state) for name, each in outcomes.items()
    ]
    assert (lines[-1], recorded) == (last, ["open_findings", "known_holes"])


def test_every_reason_for_a_finding_stands_in_the_decisions():
    told = (ROOT / "docs" / "decisions" / "0040-findings-that-stand.md").read_text()
    assert [each[0] for each in scan.EXPLAINED if each[0] not in told or each[2] not in told] == []


def test_what_the_scan_reports_needs_a_reason():
    assert scan.explained("Secure Flag cookie", "… sesi …") is True
    assert scan.explained("HttpOnly Flag cookie", "… sesi …") is False
    assert scan.explained("SQL Injection", "anything") is False


def tried(killed, survived, *others):
    """Outcomes as a run gives them, some of each module."""
    outcomes = ["killed"] * killed + ["survived"] * survived + list(others)
    modules = [*mutants.TRIED, *["agencies/roles.py"] * len(outcomes)]
    return [{"module": m, "outcome": o} for m, o in zip(modules, outcomes, strict=False)]


@pytest.mark.parametrize(
    ("outcomes", "state", "figure"),
    [
        (tried(95, 5), OK, "95 of 100 (95.0 %)"),
        (tried(94, 6), OPEN, "94 of 100 (94.0 %)"),
        (tried(1999, 1), OK, "1,999 of 2,000 (99.9 %)"),
        (tried(99, 0, "not tried"), NOT_DONE, None),
        (tried(3, 0), NOT_DONE, None),
    ],
)
def test_faults_that_no_test_notices_are_no_green(outcomes, state, figure, tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    assert mutants.judged(outcomes).state == state
    told = [each["figure"] for each in results.recorded(tmp_path).values()]
    assert told == ([figure] if figure else [])


def test_a_fault_is_in_the_child_alone_and_the_tests_see_it():
    module, tests = "submissions/workflow.py", "tests/submissions/test_moves.py"
    right = (ROOT / module).read_text()
    wrong = right.replace("valid_until < must", "valid_until <= must")
    faults = "".join(json.dumps({"text": text}) + "\n" for text in (wrong, right))
    command = [sys.executable, "-m", "tests.audit.trying", module, tests, "60"]
    done = subprocess.run(
        command, cwd=ROOT, input=faults, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "1"},
    )  # fmt: skip
    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert (wrong != right, outcomes) == (True, ["killed", "survived"])


def test_an_unknown_step_is_refused_and_a_bad_one_is_not_green():
    words = [sys.executable, "-m", "tests.audit", "no-such-step"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "No such step" in done.stdout) == (2, True)


def test_new_versions_are_asked_for_by_a_robot():
    told = (ROOT / ".github" / "dependabot.yml").read_text()
    assert re.findall(r"package-ecosystem: (\S+)", told) == ["pip", "docker"]


def test_the_baseline_of_secrets_holds_no_value_only_hashes():
    found = json.loads(steps.BASELINE.read_text())["results"]
    keys = {key for rows in found.values() for row in rows for key in row}
    assert keys == {"type", "filename", "hashed_secret", "is_verified", "line_number"}


ROW = re.compile(r"^\| V(\d+)\.(\d+)\.(\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_every_item_of_the_standard_s_first_two_levels_is_answered_once():
    table = (ROOT / "docs" / "asvs.md").read_text()
    rows = ROW.findall(table)
    numbers = [tuple(map(int, row[:3])) for row in rows]
    assert numbers == sorted(set(numbers))
    assert ([row[3] for row in rows].count("1"), len(rows)) == (70, 253)
    assert len(rows) == table.count("\n| V")
    answer = re.compile(r"^(`tests/|deviation: .{8}|not here: .{5})")
    assert [row[:3] for row in rows if not answer.match(row[5])] == []


def test_every_test_that_the_standard_s_table_names_exists():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "asvs.md").read_text()))
    assert len(named) > 80
    assert (
        sorted(
            (file, test)
            for file, test in named
            if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text()
        )
        == []
    )
