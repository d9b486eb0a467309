"""docs/trust.md says what was measured, and nothing else."""

import json

import pytest

from tests.torture import report, results


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path / "trust")
    return tmp_path / "trust"


def test_a_figure_is_told_with_its_promise_its_goal_and_the_commit(folder):
    results.record("damaged_backups", figure="0 of 200", reached=True, seed=7)
    [(name, told)] = results.recorded(folder).items()
    assert (name, told["figure"], told["goal"], told["seed"]) == (
        "damaged_backups", "0 of 200", "0 of 200", 7,
    )  # fmt: skip
    assert told["commit"] == results.commit()


def test_a_name_that_nobody_knows_needs_a_promise_a_test_and_a_goal(folder):
    with pytest.raises(ValueError, match="lacks promise, test, goal"):
        results.record("other", figure="1", reached=True)
    assert results.recorded(folder) == {}


def test_the_page_shows_the_later_figure_and_says_what_was_not_measured(folder, tmp_path):
    kept, page = tmp_path / "trust.json", tmp_path / "trust.md"
    old = results.record("mutants", figure="90 %", reached=False)
    kept.write_text(json.dumps({"mutants": json.loads(old.read_text()) | {"when": "2024-01-01"}}))
    results.record("mutants", figure="97 %", reached=True)
    assert report.report(kept, page, folder) == len(results.LINES) - 1
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")][1:]
    assert (len(rows), sum("| not measured |" in row for row in rows)) == (
        len(results.LINES), len(results.LINES) - 1,
    )  # fmt: skip
    assert "| 97 % | ≥ 95 % | yes |" in page.read_text()


def test_a_later_figure_on_the_page_is_not_overwritten_by_an_older_one_of_this_machine(folder):
    results.record("mutants", figure="90 %", reached=False)
    kept = {"mutants": results.recorded(folder)["mutants"] | {"when": "2099", "figure": "99 %"}}
    assert report.merged(kept, results.recorded(folder)) == kept


def test_the_page_in_the_repository_is_the_one_of_its_figures():
    known = json.loads(report.KEPT.read_text())
    assert report.PAGE.read_text() == report.text(known)
