"""The history checker: what clients were told, compared with what the database holds.

`check(acts, facts)` is plain Python on plain values, so that it can be tried on logs that are
known to be wrong. An act that was acknowledged must be there, exactly once, with its event, and
unaltered. One whose reply was lost may be there or not, but not twice. One that was refused, or
that nobody sent, must not be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

ACKED, REFUSED, UNKNOWN = "acked", "refused", "unknown"
# What is done to a whole submission, with the event that it leaves.
MOVES = {"submit": "submit", "finish": ("return", "accept"), "reopen": "reopen"}


@dataclass(slots=True)
class Act:
    """One thing that a client wanted, however often it asked. `outcome` is what it was told."""

    what: str  # save, attach, detach, judge, submit, finish, reopen
    where: int  # the answer; of submit, finish and reopen the submission
    token: str  # stands in what was sent, and nowhere else
    outcome: str
    version: int = 0  # of a save: the one that the reply told
    sha256: str = ""  # of a file
    verdict: str = ""  # of a judgement
    at: float = 0.0  # when it was told


def check(acts: list[Act], facts: dict[str, Any]) -> list[str]:
    """Every difference, as a sentence; none is what we promise."""
    by_kind: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        by_kind[act.what].append(act)
    twice = [token for token, n in Counter(act.token for act in acts).items() if n > 1]
    return [
        *(f"token {token} was given out twice" for token in twice),
        *_saves(by_kind["save"], facts),
        *_attachments(by_kind["attach"], by_kind["detach"], facts),
        *_verdicts(by_kind["judge"], facts),
        *_moves([act for act in acts if act.what in MOVES], facts),
    ]


def _amount(kind: str, act: Act, found: int) -> list[str]:
    """How often it is there against how often it may be."""
    allowed = {ACKED: (1,), REFUSED: (0,), UNKNOWN: (0, 1)}[act.outcome]
    if found in allowed:
        return []
    return [f"{kind} {act.token} at {act.where} was {act.outcome} and is there {found} times"]


def _saves(saves: list[Act], facts: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    events: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in facts["events"]:
        if event["verb"] == "answer":
            events[event["response"]].append(event)
    notes = Counter((pk, event["note"]) for pk, found in events.items() for event in found)
    versions = {(pk, e["note"]): e["version"] for pk, found in events.items() for e in found}
    for act in saves:
        wrong += _amount("save", act, notes[act.where, act.token])
        told = versions.get((act.where, act.token))
        if act.outcome == ACKED and told is not None and told != act.version:
            wrong.append(f"save {act.token} was told version {act.version}, its event says {told}")
    sent = {(act.where, act.token) for act in saves}
    wrong += [f"nobody sent the note {note!r} of answer {pk}" for pk, note in notes.keys() - sent]
    for pk, answer in facts["answers"].items():
        mine = events[int(pk)]
        if answer["version"] != len(mine):
            wrong.append(f"answer {pk} has version {answer['version']} and {len(mine)} events")
        if [event["version"] for event in mine] != list(range(1, len(mine) + 1)):
            wrong.append(f"the events of answer {pk} do not count 1, 2, 3 …")
        if mine and answer["note"] != mine[-1]["note"]:
            wrong.append(f"answer {pk} holds {answer['note']!r}, its last event another")
    return wrong


def _attachments(attached: list[Act], detached: list[Act], facts: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    events = Counter((e["verb"], e["response"], e["name"]) for e in facts["events"] if e["name"])
    links = Counter((each["response"], each["name"]) for each in facts["links"])
    sums = {each["name"]: each["sha256"] for each in facts["links"]}
    gone = {act.token.removeprefix("lepas "): act for act in detached}
    for act in attached:
        wrong += _amount("attachment", act, events["attach", act.where, act.token])
        removal = gone.get(act.token)
        there = links[act.where, act.token]
        if removal is None or removal.outcome == REFUSED:
            wrong += _amount("link", act, there)
        elif removal.outcome == ACKED and there:
            wrong.append(f"attachment {act.token} was taken away and is there {there} times")
        if there and act.sha256 and sums.get(act.token) != act.sha256:
            wrong.append(f"file {act.token} holds other bytes than were sent")
    for name, act in gone.items():
        wrong += _amount("removal", act, events["detach", act.where, name])
    sent = {act.token for act in attached}
    return wrong + [f"nobody sent the evidence {name!r}" for _, name in links if name not in sent]


def _verdicts(given: list[Act], facts: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    stored: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for review in facts["reviews"]:
        stored[review["response"], review["note"]].append(review)
    events = Counter(e["review"] for e in facts["events"] if e["verb"] == "review")
    for act in given:
        found = stored.get((act.where, act.token), [])
        wrong += _amount("verdict", act, len(found))
        wrong += [
            f"verdict {act.token} was {act.verdict} and is stored as {review['verdict']}"
            for review in found
            if review["verdict"] != act.verdict
        ]
    wrong += [
        f"verdict {review['id']} has {events[review['id']]} events"
        for review in facts["reviews"]
        if events[review["id"]] != 1
    ]
    given_by_reopening = {e["reason"] for e in facts["events"] if e["verb"] == "reopen"}
    sent = {act.token for act in given} | given_by_reopening
    return wrong + [f"nobody gave the verdict {note!r}" for _, note in stored if note not in sent]


def _moves(moves: list[Act], facts: dict[str, Any]) -> list[str]:
    """Of each submission: its events, in their order, are what was done to it, in that order."""
    wrong: list[str] = []
    happened: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for event in facts["events"]:
        if event["verb"] in {"submit", "return", "accept", "reopen"}:
            kind = event["verb"] if event["verb"] in MOVES else "finish"
            happened[event["submission"]].append((kind, event["reason"] or ""))
    done: dict[int, list[Act]] = defaultdict(list)
    for act in moves:
        done[act.where].append(act)
    for pk in sorted({*happened, *done}):
        left = happened[pk][::-1]
        for act in done[pk]:
            reason = "" if act.what == "finish" else act.token
            if left and left[-1] == (act.what, reason):
                left.pop()
                if act.outcome == REFUSED:
                    wrong.append(f"{act.what} {act.token} of {pk} was refused and is there")
            elif act.outcome == ACKED:
                wrong.append(f"{act.what} {act.token} of {pk} was acknowledged and is not there")
        if left:
            wrong.append(f"submission {pk} has {len(left)} moves more than anybody made: {left}")
    return wrong
