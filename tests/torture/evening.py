"""The evening of the deadline: so many people for some minutes, one web process killed half-way,
PostgreSQL restarted, and the eight figures that are promised.

Think time is exponential with a mean of ten seconds. Figures are ratios within the same run, so
that the machine that measures matters less.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import json
import os
import random
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from PIL import Image

from tests.torture import results
from tests.torture.checker import ACKED, REFUSED, UNKNOWN, Act, check
from tests.torture.people import FORM, TOKEN, of_file
from tests.torture.stack import Stack, stack

THINK = 10.0
MIX = [
    ("form", 45), ("save", 30), ("home", 5), ("dashboard", 5), ("upload", 7), ("list", 5),
    ("export", 2), ("login", 1),
]  # fmt: skip
SLOW = 256_000 / 8  # bytes a second of a quarter of the uploads
SLOW_ONES = 60
AFTER = 2.0  # seconds after a fault in which a reply of 500 or more is its own


@dataclass
class Log:
    """All that was asked: what, when, how long, and what came."""

    asked: list[tuple[str, float, float, int]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def write(self, what: str, began: float, status: int, text: str = "") -> None:
        with self.guard:
            self.asked.append((what, began, time.monotonic() - began, status))
            if status >= 500 or status == 0:
                self.words.append(f"{what} at {began:.0f}: {status} {plain(text)}")

    def seconds(self, what: str, since: float = 0, until: float = float("inf")) -> list[float]:
        return [
            took
            for kind, began, took, status in self.asked
            if kind == what and since <= began < until and 0 < status < 400
        ]


class StaleLine(Exception):  # noqa: N818  (no error: another line is opened)
    """The kept connection was closed while one was thinking."""


class Guest:
    """One of those at work: signs in, then does what the mix says, and thinks in between."""

    def __init__(self, at: int, port: int, world: dict[str, Any], password: str, log: Log) -> None:
        self.at, self.port, self.world, self.password, self.log = at, port, world, password, log
        self.chance = random.Random(at)  # noqa: S311
        self.cookies = {"csrf": TOKEN}
        self.link: http.client.HTTPConnection | None = None
        self.serial = 0
        self.answers = [list(each) for each in world["answers"]]  # pk, version, submission, levels
        self.base = {pk: version for pk, version, *_ in self.answers}
        self.home = f"/isian/{world['form']}/"

    def ask(
        self, what: str, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """One request; where the kept connection was closed meanwhile once more, as browsers do.
        Status 0 is a reply that was lost.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies["csrf"],  # another one after signing in
            "Accept-Encoding": "gzip",
        }
        began = time.monotonic()
        try:
            try:
                reply, content = self.send(method, path, body, sent, kept=self.link is not None)
            except StaleLine:
                reply, content = self.send(method, path, body, sent, kept=False)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self.log.write(what, began, 0, str(error))
            return 0, "", {}
        zipped = reply.headers.get("Content-Encoding") == "gzip"
        wanted = "HX_Request" in headers or reply.status >= 400
        text = (gzip.decompress(content) if zipped else content).decode() if wanted else ""
        self.log.write(what, began, reply.status, text)
        for cookie in reply.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply.status, text, dict(reply.headers)

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str], *, kept: bool
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """On the connection that is open, or a new one. A kept one that the proxy had closed
        meanwhile for being idle took nothing: StaleLine.
        """
        if self.link is None:
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            self.link.request(method, path, body, headers)
            reply = self.link.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected) as error:
            self.close()
            if kept:
                raise StaleLine from error
            raise
        return reply, reply.read()

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None

    def token(self, kind: str) -> str:
        self.serial += 1
        return f"{kind}-{self.at}-{self.serial}"

    def login(self, what: str = "login") -> bool:
        self.cookies = {"csrf": TOKEN}
        fields = {"username": self.world["name"], "password": self.password}
        status, _, _ = self.ask(
            what, "POST", "/masuk/", urlencode(fields).encode(), Content_Type=FORM
        )
        return status == 302

    def do(self, what: str) -> None:
        if what == "save":
            self.save()
        elif what == "upload":
            self.upload()
        elif what == "login":
            while not self.login():
                time.sleep(1)
        else:
            address = {
                "form": self.home, "home": "/isian/", "dashboard": "/penilaian/2024/",
                "export": "/isian/buku-kerja.xlsx",
                "list": self.chance.choice(["/data-dukung/", "/penilaian/2024/matriks/"]),
            }[what]  # fmt: skip
            self.ask(what, "GET", address)

    def save(self) -> None:
        """One of one's own answers; what was lost is asked for again, with the same words."""
        answer = self.chance.choice(self.answers)
        pk, version, submission, levels = answer
        token = self.token("catatan")
        fields = {"catatan": token, "versi": version}
        fields |= {"tingkat": self.chance.choice(levels)} if levels else {}
        act = Act("save", pk, token, UNKNOWN)
        for _ in range(20):
            status, text, _ = self.ask(
                "save", "POST", f"/isian/{submission}/{pk}/", urlencode(fields).encode(),
                HX_Request="true", Content_Type=FORM,
            )  # fmt: skip
            if status == 200 and "Tersimpan" in text:
                told = text.partition('name="versi"')[2].partition('value="')[2].partition('"')[0]
                answer[1] = int(told)
                act.outcome, act.version = ACKED, int(told) - self.base[pk]
                break
            if 0 < status < 500:
                act.outcome = REFUSED if act.outcome == UNKNOWN else act.outcome
                self.log.words.append(f"a save was answered {status}: {plain(text)}")
                break
            time.sleep(2)
        self.log.acts.append(act)

    def upload(self, *, slow: bool | None = None) -> None:
        """A photo or a PDF; a quarter of them over a line of 256 kbit/s."""
        pk, _, submission, _ = self.chance.choice(self.answers)
        photo = self.chance.random() < 0.5
        token = self.token("berkas") + (".jpg" if photo else ".pdf")
        content = picture(self.chance) if photo else paper(self.chance)
        body, kind = of_file(token, content, "image/jpeg" if photo else "application/pdf")
        # A photo is drawn anew, without what it tells of the place: its bytes are others.
        act = Act("attach", pk, token, UNKNOWN)
        act.sha256 = "" if photo else hashlib.sha256(content).hexdigest()
        path = f"/isian/{submission}/{pk}/data-dukung/"
        slow = self.chance.random() < 0.25 if slow is None else slow
        for _ in range(20):
            if slow:
                status, text = self.trickle(path, body, kind)
            else:
                status, text, _ = self.ask(
                    "upload", "POST", path, body, HX_Request="true", Content_Type=kind
                )
            if status == 200 and token in text:
                act.outcome = ACKED
                break
            if 0 < status < 500:
                self.log.words.append(f"a file was answered {status}: {plain(text)}")
                break
            time.sleep(2)
        self.log.acts.append(act)

    def trickle(self, path: str, body: bytes, kind: str) -> tuple[int, str]:
        """The same over a slow line, on a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.monotonic()
        status, text = 0, ""
        try:
            line.putrequest("POST", path)
            for name, value in {
                "Cookie": cookies, "X-CSRFToken": self.cookies["csrf"], "Content-Type": kind,
                "Content-Length": str(len(body)), "HX-Request": "true",
            }.items():  # fmt: skip
                line.putheader(name, value)
            line.endheaders()
            for at in range(0, len(body), 16_000):
                line.send(body[at : at + 16_000])
                time.sleep(16_000 / SLOW)
            reply = line.getresponse()
            status, text = reply.status, reply.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            text = str(error)
        finally:
            line.close()
        self.log.write("slow upload", began, status, text)
        return status, text


def picture(chance: random.Random) -> bytes:
    """A photo of about 200 KB, no two alike."""
    noise = Image.frombytes("RGB", (240, 180), chance.randbytes(240 * 180 * 3))
    file = io.BytesIO()
    noise.resize((960, 720), Image.Resampling.BILINEAR).save(file, "JPEG", quality=88)
    return file.getvalue()


def paper(chance: random.Random) -> bytes:
    return b"%PDF-1.4\n" + chance.randbytes(3_000_000) + b"\n%%EOF\n"


def plain(page: str) -> str:
    """What a page says, in a line."""
    main = page.partition("<main")[2] or page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))[:160]


def percentile(taken: list[float], share: float) -> float:
    """The time within which this share of them was done."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def evening(database: str, people: int, minutes: float) -> dict[str, Any]:
    """The whole evening; the eight figures and what they come from."""
    with (
        tempfile.TemporaryDirectory(prefix="kla-evening-", ignore_cleanup_errors=True) as name,
        # What people do in one minute here is what they do anywhere: the pace of uploads stays.
        stack(Path(name), database, UPLOADS_PER_MINUTE="60") as machine,
    ):
        say("the example city, ten closed years, the people")
        world = machine.inside("evening", str(people))
        machine.start()
        log = Log()
        guests = [
            Guest(at, machine.port, each, world["password"], log)
            for at, each in enumerate(world["people"])
        ]
        say("one alone")
        alone = by_oneself(guests[0], log)
        say(f"{people} people for {minutes} minutes")
        told = crowd(machine, guests, log, minutes * 60)
        for line in by_minute(log, told["settled"], told["ended"]):
            say(line)
        say("how much more would hold")
        told["headroom"] = headroom(machine, guests, log, told["rate"])
        say("sixty slow uploads")
        told["slow"] = slow_uploads(machine, guests[0])
        say("what is there")
        base = {str(pk): version for guest in guests for pk, version in guest.base.items()}
        facts = Path(name) / "facts.json"
        since = [str(each) for each in world["since"]]
        wrong = machine.inside("end", str(facts), json.dumps(base), *since)
        told["wrong"] = wrong + check(log.acts, json.loads(facts.read_text()))
        told["acts"] = sum(act.outcome == ACKED for act in log.acts)
        told["locked"] = machine.log("web").count("database is locked")
        told |= {"alone": alone, "database": database, "people": people, "minutes": minutes}
        return told | {"words": log.words[:40], "figures": figures(told, log)}


def say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {words}\n")
    sys.stderr.flush()


def by_oneself(guest: Guest, log: Log) -> dict[str, float]:
    """p95 of the pages for one who has the machine alone; the middle one of some sign-ins."""
    for _ in range(5):
        assert guest.login("login alone"), "one alone cannot sign in"
    for _ in range(40):
        for what in ("form", "save", "dashboard"):
            guest.do(what)
    found = {each: percentile(log.seconds(each), 0.95) for each in ("form", "save", "dashboard")}
    return found | {"login": statistics.median(log.seconds("login alone"))}


def crowd(machine: Stack, guests: list[Guest], log: Log, seconds: float) -> dict[str, Any]:
    """All of them sign in at once and work; what breaks breaks on time."""
    over = threading.Event()
    began = time.monotonic()

    def work(guest: Guest) -> None:
        while not guest.login("rush"):
            time.sleep(1)
        kinds, weights = zip(*MIX, strict=True)
        while not over.wait(guest.chance.expovariate(1 / THINK)):
            guest.do(guest.chance.choices(kinds, weights)[0])
        guest.close()

    threads = [threading.Thread(target=work, args=(guest,)) for guest in guests]
    for thread in threads:
        thread.start()
    windows: list[tuple[float, float]] = []
    first = 60.0 if seconds > 120 else seconds / 4
    wait_until(began + first)
    memory = machine.memory()
    wait_until(began + seconds * 0.45)
    at = time.monotonic()
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(machine.web_workers()[0], signal.SIGKILL)
    windows.append((at, at + AFTER))
    say("a web process was killed")
    wait_until(began + seconds * 0.65)
    if machine.postgres is not None:
        at = time.monotonic()
        machine.postgres.restart("fast")
        windows.append((at, time.monotonic() + AFTER))
        say("PostgreSQL was restarted")
    wait_until(began + seconds)
    ended = time.monotonic()
    last = machine.memory()
    over.set()
    for thread in threads:
        thread.join()
    rush = [at + took - began for what, at, took, status in log.asked
            if what == "rush" and status == 302]  # fmt: skip
    settled = began + max([*rush, first])
    asked = [each for each in log.asked if began + first <= each[1] < ended]
    bad = [each for each in asked if each[3] >= 500 or each[3] == 0]
    # Under way while something was broken: begun before its end, and ended after its beginning.
    outside = [
        each
        for each in bad
        if not any(each[1] <= end and each[1] + each[2] >= begin for begin, end in windows)
    ]
    return {
        "settled": settled, "ended": ended, "rush": max(rush), "memory": last / memory,
        "rate": len(asked) / (ended - began - first), "bad": len(bad), "outside": len(outside),
        "outside_what": [f"{each[0]} {each[3]} {each[1] - began:.0f} s" for each in outside[:10]],
        "asked": len(asked),
    }  # fmt: skip


def by_minute(log: Log, since: float, until: float) -> Iterator[str]:
    """p95 of each minute in ms: whether it grew worse, or was bad at one time."""
    for at in range(0, int(until - since), 60):
        begin, end = since + at, min(since + at + 60, until)
        each = (
            f"{what} {percentile(log.seconds(what, begin, end), 0.95) * 1000:.0f}"
            for what in ("form", "save", "dashboard")
        )
        yield f"minute {at // 60 + 1}, p95 in ms: {', '.join(each)}"


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def headroom(machine: Stack, guests: list[Guest], log: Log, rate: float) -> float:
    """The highest rate with p95 under a second and no error, against the evening's; in steps of a
    half, each for some seconds, until one does not hold.
    """
    held = 1.0
    kinds, weights = zip(*MIX, strict=True)
    chance = random.Random(1)  # noqa: S311
    for tenths in range(20, 45, 5):
        mark, wanted = time.monotonic(), rate * tenths / 10
        free = list(guests)
        guard = threading.Lock()
        late: list[float] = []

        def one(what: str, free: list[Guest] = free, guard: threading.Lock = guard,
                late: list[float] = late) -> None:  # fmt: skip
            began = time.monotonic()
            with guard:
                guest = free.pop(0) if free else None
            if guest is None:
                late.append(99.0)  # nobody is left to ask: all of them wait
                return
            if what == "upload":
                guest.upload(slow=False)
            else:
                guest.do(what)
            if what not in {"upload", "export", "login"}:
                late.append(time.monotonic() - began)
            with guard:
                free.append(guest)

        threads = []
        while time.monotonic() < mark + STEP:
            thread = threading.Thread(target=one, args=(chance.choices(kinds, weights)[0],))
            thread.start()
            threads.append(thread)
            time.sleep(chance.expovariate(wanted))
        for thread in threads:
            thread.join()
        bad = [each for each in log.asked if each[1] >= mark and (each[3] >= 500 or not each[3])]
        say(f"{wanted:.0f}/s: p95 {percentile(late, 0.95):.2f} s, {len(bad)} errors")
        if bad or percentile(late, 0.95) >= 1:
            break
        held = tenths / 10
    return held


STEP = 10.0


def slow_uploads(machine: Stack, guest: Guest) -> float:
    """p99 of /healthz while sixty phones send, against none."""

    def probed() -> float:
        taken = []
        for _ in range(300):
            at = time.monotonic()
            with contextlib.suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
                with contextlib.closing(line):
                    line.request("GET", "/healthz")
                    line.getresponse().read()
            taken.append(time.monotonic() - at)
        return percentile(taken, 0.99)

    without = probed()
    cookies = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    pk, _, submission, _ = guest.answers[0]
    head = (
        f"POST /isian/{submission}/{pk}/data-dukung/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: {cookies}\r\nX-CSRFToken: {guest.cookies['csrf']}\r\nContent-Length: 3000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    ).encode()
    over = threading.Event()
    phones = []
    for _ in range(SLOW_ONES):
        phone = socket.create_connection(("127.0.0.1", machine.port), timeout=30)
        phone.sendall(head)
        phones.append(phone)

    def send() -> None:
        while not over.wait(16_000 / SLOW):
            for phone in phones:
                with contextlib.suppress(OSError):
                    phone.sendall(bytes(16_000))

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(1)
    beside = probed()
    over.set()
    sender.join()
    for phone in phones:
        phone.close()
    return beside / without


def figures(told: dict[str, Any], log: Log) -> dict[str, tuple[str, bool]]:
    """The eight, by the names of docs/trust.md: what was measured, and whether it is enough."""
    took: dict[str, list[float]] = defaultdict(list)
    for what in ("form", "save", "dashboard"):
        took[what] = log.seconds(what, told["settled"], told["ended"])
    ratio = {what: percentile(each, 0.95) / told["alone"][what] for what, each in took.items()}
    spread = percentile(took["save"], 0.99) / percentile(took["save"], 0.5)
    rush = told["rush"] / told["alone"]["login"]
    size = f"{told['people']} people, {told['minutes']:g} min"
    middle = {what: percentile(each, 0.95) * 1000 for what, each in took.items()}
    return {
        "missing": (
            f"{len(told['wrong'])} of {told['acts']:,} acts ({size})", not told["wrong"]),
        "errors": (
            f"{told['outside']} of {told['asked']:,} replies; {told['locked']} locked; "
            f"{told['bad'] - told['outside']} while something was killed or restarted",
            not told["outside"] and not told["locked"]),
        "slower": (
            "; ".join(f"{ratio[what]:.1f}" for what in ("form", "save", "dashboard"))
            + " (p95 " + ", ".join(f"{middle[what]:.0f}" for what in middle) + " ms)",
            ratio["form"] <= 3 and ratio["save"] <= 3 and ratio["dashboard"] <= 4),
        "spread": (f"{spread:.1f}", spread <= 8),
        "headroom": (
            f"{told['headroom']:.1f} times {told['rate']:.0f}/s", told["headroom"] >= 3),
        "login": (
            f"{rush:.0f} ({told['rush']:.1f} s against {told['alone']['login']:.2f} s)",
            rush <= 120),
        "memory": (f"{told['memory']:.2f}", told["memory"] <= 1.2),
        "slow": (f"{told['slow']:.1f}", told["slow"] <= 3),
    }  # fmt: skip


def report(told: dict[str, Any], *, keep: bool) -> bool:
    """Print the eight with their goals; store them for docs/trust.md; whether all were reached."""
    for name, (figure, reached) in told["figures"].items():
        key = f"evening_{name}_{told['database']}"
        line = results.LINES[key]
        mark = "reached" if reached else "MISSED "
        sys.stdout.write(f"{mark}  {line.promise}: {figure} (goal {line.goal})\n")
        if keep:
            results.record(key, figure=figure, reached=reached, people=told["people"],
                           minutes=told["minutes"])  # fmt: skip
    for each in [*told["wrong"][:20], *told["outside_what"], *told["words"][:10]]:
        sys.stdout.write(f"  {each}\n")
    return all(reached for _, reached in told["figures"].values())
