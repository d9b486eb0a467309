"""The history checker finds what is lost, doubled, altered, or never sent; and nothing else."""

from copy import deepcopy

import pytest

from tests.torture.checker import ACKED, REFUSED, UNKNOWN, Act, check

ACTS = [
    Act("save", 1, "catatan-1", ACKED, version=1),
    Act("save", 1, "catatan-2", UNKNOWN),
    Act("save", 1, "catatan-3", ACKED, version=3),
    Act("save", 2, "catatan-4", REFUSED),
    Act("attach", 1, "a.pdf", ACKED, sha256="aa"),
    Act("attach", 1, "b.pdf", ACKED, sha256="bb"),
    Act("detach", 1, "lepas b.pdf", ACKED),
    Act("submit", 9, "alasan-1", ACKED),
    Act("judge", 1, "putusan-1", ACKED, verdict="diterima"),
    Act("finish", 9, "selesai-1", ACKED),
    Act("reopen", 9, "dibuka-1", ACKED),
    Act("submit", 9, "alasan-2", UNKNOWN),
]


def event(verb, submission=9, response=None, **data):
    named = dict.fromkeys(("note", "version", "name", "reason", "review"))
    return {"verb": verb, "submission": submission, "response": response} | named | data


FACTS = {
    "answers": {"1": {"version": 3, "note": "catatan-3"}, "2": {"version": 0, "note": ""}},
    "events": [
        event("answer", response=1, note="catatan-1", version=1),
        event("answer", response=1, note="catatan-2", version=2),
        event("answer", response=1, note="catatan-3", version=3),
        event("attach", response=1, name="a.pdf"),
        event("attach", response=1, name="b.pdf"),
        event("detach", response=1, name="b.pdf"),
        event("submit", reason="alasan-1"),
        event("review", response=1, review=5),
        event("return"),
        event("review", response=1, review=6),
        event("reopen", reason="dibuka-1"),
    ],
    "links": [{"response": 1, "name": "a.pdf", "sha256": "aa"}],
    "reviews": [
        {"id": 5, "response": 1, "note": "putusan-1", "verdict": "diterima"},
        {"id": 6, "response": 1, "note": "dibuka-1", "verdict": "dikembalikan"},
    ],
}


def test_a_history_as_it_was_told_has_no_difference():
    assert check(ACTS, FACTS) == []


def lose(facts, at):
    del facts["events"][at]


def double(facts, at):
    facts["events"].insert(at, facts["events"][at])


@pytest.mark.parametrize("at", range(len(FACTS["events"])))
@pytest.mark.parametrize("change", [lose, double])
def test_each_event_that_is_lost_or_doubled_is_found(change, at):
    facts = deepcopy(FACTS)
    change(facts, at)
    assert check(ACTS, facts) != []


@pytest.mark.parametrize(
    ("where", "changed", "sentence"),
    [
        (("answers", "1", "note"), "catatan-2", "answer 1 holds 'catatan-2', its last"),
        (("answers", "1", "version"), 4, "answer 1 has version 4 and 3 events"),
        (("events", 2, "version"), 4, "save catatan-3 was told version 3, its event says 4"),
        (("events", 0, "note"), "lain", "nobody sent the note 'lain' of answer 1"),
        (("links", 0, "sha256"), "bb", "file a.pdf holds other bytes than were sent"),
        (("links", 0, "name"), "c.pdf", "nobody sent the evidence 'c.pdf'"),
        (("links",), [], "link a.pdf at 1 was acked and is there 0 times"),
        (("reviews", 0, "verdict"), "x", "verdict putusan-1 was diterima and is stored as x"),
        (("reviews", 0, "note"), "lain", "verdict putusan-1 at 1 was acked and is there 0 times"),
        (("events", 6, "reason"), "x", "submit alasan-1 of 9 was acknowledged and is not there"),
        (("events", 8, "submission"), 8, "submission 8 has 1 moves more than anybody made"),
    ],
)  # fmt: skip
def test_each_thing_that_is_altered_is_said(where, changed, sentence):
    facts = deepcopy(FACTS)
    *path, last = where
    inner = facts
    for step in path:
        inner = inner[step]
    inner[last] = changed
    assert [found for found in check(ACTS, facts) if found.startswith(sentence)] != []


def test_what_was_refused_and_is_there_all_the_same_is_found():
    acts = [*ACTS[:2], Act("save", 1, "catatan-3", REFUSED), *ACTS[3:]]
    assert check(acts, FACTS) == ["save catatan-3 at 1 was refused and is there 1 times"]


def test_a_taken_away_attachment_that_is_there_is_found():
    facts = deepcopy(FACTS)
    facts["links"].append({"response": 1, "name": "b.pdf", "sha256": "bb"})
    assert check(ACTS, facts) == ["attachment b.pdf was taken away and is there 1 times"]


def test_what_was_not_acknowledged_may_be_there_or_not():
    facts = deepcopy(FACTS)
    facts["events"].append(event("submit", reason="alasan-2"))
    assert check(ACTS, facts) == []


def test_a_token_that_was_given_out_twice_makes_the_log_worthless_and_is_said():
    assert check([*ACTS, ACTS[3]], FACTS) == ["token catatan-4 was given out twice"]
