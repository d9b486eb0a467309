"""Who works while things break: one operator and one verifikator in one person, over real HTTP on
a connection that is kept, who asks again until there is an answer, with the same token, and writes
down what was told.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.torture.checker import ACKED, REFUSED, UNKNOWN, Act

TOKEN = "0123456789abcdefghijABCDEFGHIJ01"  # noqa: S105  (a csrf cookie and its header)
FORM = "application/x-www-form-urlencoded"
# What a page says when something is in its way: to come again, and that it may not be stored.
SENTENCES = ("kirim lagi sebentar lagi", "Coba lagi nanti", "coba lagi sebentar")
KEPT = 4  # attachments of one answer before one is taken away again


@dataclass(slots=True)
class Reply:
    status: int
    text: str
    place: str = ""  # of a redirect


@dataclass
class Told:
    """What all of them write into: acts, and how the product behaved while it was in trouble."""

    acts: list[Act] = field(default_factory=list)
    saved_at: list[float] = field(default_factory=list)
    replies: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    refused_files: int = 0
    mute: list[str] = field(default_factory=list)  # 5xx without a sentence and Retry-After
    guard: threading.Lock = field(default_factory=threading.Lock)
    saved: threading.Condition = field(default_factory=threading.Condition)

    def write(self, act: Act) -> None:
        act.at = time.monotonic()
        with self.guard:
            self.acts.append(act)
        if act.what == "save" and act.outcome == ACKED:
            with self.saved:
                self.saved_at.append(act.at)
                self.saved.notify_all()

    def seconds_to_a_save(self, since: float, patience: float) -> float:
        """From `since` to the first save that was acknowledged after it."""
        with self.saved:
            self.saved.wait_for(lambda: bool(self.saved_at) and self.saved_at[-1] > since, patience)
            first = [at for at in self.saved_at[-50:] if at > since]
        return first[0] - since if first else patience

    def count(self, reply: Reply, headers: Any) -> None:
        with self.guard:
            self.replies[reply.status] = self.replies.get(reply.status, 0) + 1
            if reply.status >= 500:
                told = "Retry-After" in headers or reply.status == 507
                if not told or not any(each in reply.text for each in SENTENCES):
                    self.mute.append(f"{reply.status}: {reply.text[:300]}")


class Stopped(Exception):  # noqa: N818  (no error: the run is over)
    """The run ended while somebody still waited for a reply."""


class Line:
    """A browser's connection: kept, opened again when it broke."""

    def __init__(self, port: int, cookies: dict[str, str], told: Told, wait: float = 0.15) -> None:
        self.port, self.told, self.wait = port, told, wait
        pairs = cookies | {"csrf": TOKEN}
        self.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in pairs.items()),
            "X-CSRFToken": TOKEN,
        }
        self.link = self._open()

    def _open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)

    def close(self) -> None:
        self.link.close()

    def once(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """One request; an exception when its reply is lost."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.link.request(method, path, body, sent)
            answer = self.link.getresponse()
            text = answer.read().decode(errors="replace")
        except BaseException:
            self.link.close()
            self.link = self._open()
            raise
        reply = Reply(answer.status, text, answer.headers.get("Location", ""))
        self.told.count(reply, answer.headers)
        return reply

    def ask(
        self, over: threading.Event, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[Reply, bool]:
        """Ask until there is a definite answer; whether a reply was lost on the way."""
        lost = False
        patience = time.monotonic() + 60
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                try:
                    reply = self.once(method, path, body, **headers)
                    if reply.status < 500:
                        return reply, lost
                    lost = True  # it may have happened before it failed
                except ConnectionRefusedError:
                    raise
                except (OSError, http.client.HTTPException):
                    lost = True
                    with self.told.guard:
                        self.told.lost += 1
            if over.is_set() and time.monotonic() > patience:
                raise Stopped
            time.sleep(self.wait)


class Person:
    """Fills in, attaches, hands in, judges, and opens again, in an order drawn from a seed."""

    def __init__(
        self, number: int, port: int, world: dict[str, Any], told: Told, seed: int,
        over: threading.Event, shared_versions: dict[int, int],
    ) -> None:  # fmt: skip
        self.number, self.world, self.told, self.over = number, world, told, over
        self.chance = random.Random(seed * 1000 + number)  # noqa: S311
        self.operator = Line(port, world["operator"], told)
        self.reviewer = Line(port, world["reviewer"], told)
        self.submission: int = world["submission"]
        self.versions = dict.fromkeys(world["answers"], 0)
        self.shared_versions = shared_versions
        self.attached: dict[int, list[tuple[str, str]]] = {pk: [] for pk in world["answers"]}
        self.serial = 0

    def token(self, kind: str) -> str:
        self.serial += 1
        return f"{kind}-{self.number}-{self.serial}"

    def run(self) -> None:
        """Rounds of work until it is over."""
        with (
            contextlib.suppress(Stopped),
            contextlib.closing(self.operator),
            contextlib.closing(self.reviewer),
        ):
            while not self.over.is_set():
                *most, last = self.world["answers"]
                self.fill(most, self.chance.randrange(40, 90))
                self.hand_in(dict.fromkeys(most, "diterima") | {last: "dikembalikan"})
                if self.over.is_set():
                    return
                self.fill([last], self.chance.randrange(2, 8))
                self.hand_in({last: "diterima"})
                self.reopen()

    def fill(self, answers: list[int], steps: int) -> None:
        for _ in range(steps):
            if self.over.is_set():
                return
            answer, luck = self.chance.choice(answers), self.chance.random()
            if luck < 0.84:
                self.save(answer)
            elif luck < 0.90:
                self.save_shared()
            elif luck < 0.96:
                self.attach(answer)
            elif luck < 0.99:
                self.detach(answer)
            else:
                self.forget_password()

    # --- the operator ----------------------------------------------------------------------------

    def save(self, answer: int) -> None:
        """An answer with a note of its own; the last question stays without a level."""
        level = "" if answer == self.world["answers"][-1] else str(self.chance.randrange(5))
        self.versions[answer] = self._save(self.submission, answer, self.versions[answer], level)

    def save_shared(self) -> None:
        """The same answer as the colleague, who is often faster: then the next turn."""
        submission, answer = self.world["shared"]
        version = self.shared_versions.get(answer, 0)
        self.shared_versions[answer] = self._save(submission, answer, version, "1")

    def _save(self, submission: int, answer: int, version: int, level: str) -> int:
        token = self.token("catatan")
        body = urlencode({"catatan": token, "versi": version, "tingkat": level}).encode()
        path = f"/isian/{submission}/{answer}/"
        act = Act("save", answer, token, UNKNOWN)
        try:
            reply, lost = self.operator.ask(
                self.over, "POST", path, body, HX_Request="true", Content_Type=FORM
            )
            mine = re.findall(r'name="versi"[^>]* value="(\d+)"', reply.text)
            theirs = re.findall(r'name="timpa" value="(\d+)"', reply.text)
            if reply.status == 200 and "Tersimpan" in reply.text and mine:
                act.outcome, act.version = ACKED, int(mine[0])
                return act.version
            act.outcome = UNKNOWN if lost else REFUSED
            if reply.status != 409 or not theirs:
                raise AssertionError(f"a save was answered {reply.status}: {reply.text[:500]}")
            return int(theirs[0])
        finally:
            self.told.write(act)

    def attach(self, answer: int) -> None:
        if len(self.attached[answer]) >= KEPT:
            self.detach(answer)
            return
        token = self.token("berkas")
        path = f"/isian/{self.submission}/{answer}/data-dukung/"
        act = Act("attach", answer, token, UNKNOWN)
        if self.chance.random() < 0.75:
            fields = {"tautan": f"https://contoh.example/{token}", "nama": token}
            body, kind = urlencode(fields).encode(), FORM
        else:
            act.token = token = f"{token}.pdf"
            content = b"%PDF-1.4\n" + self.chance.randbytes(3000) + b"\n%%EOF\n"
            act.sha256 = hashlib.sha256(content).hexdigest()
            body, kind = of_file(token, content, "application/pdf")
        try:
            reply, lost = self.operator.ask(
                self.over, "POST", path, body, HX_Request="true", Content_Type=kind
            )
            found = re.findall(
                rf"data-dukung/(\d+)/lepas/[^>]*Lepas {re.escape(token)} ", reply.text
            )
            if reply.status == 200 and found:
                act.outcome = ACKED
                self.attached[answer].append((token, found[0]))
                return
            if "penyimpanan sistem bermasalah" not in reply.text and reply.status != 507:
                raise AssertionError(f"a file was answered {reply.status}: {reply.text[:500]}")
            act.outcome = UNKNOWN if lost else REFUSED
            with self.told.guard:
                self.told.refused_files += 1
        finally:
            self.told.write(act)

    def detach(self, answer: int) -> None:
        if not self.attached[answer]:
            return
        token, link = self.attached[answer].pop(0)
        path = f"/isian/{self.submission}/{answer}/data-dukung/{link}/lepas/"
        act = Act("detach", answer, f"lepas {token}", UNKNOWN)
        try:
            reply, lost = self.operator.ask(self.over, "POST", path, HX_Request="true")
            # Taken away, and asked again because the reply was lost: it is not found any more.
            if reply.status == 200 or (lost and reply.status == 404):
                act.outcome = ACKED
            else:
                raise AssertionError(f"a removal was answered {reply.status}: {reply.text[:300]}")
        finally:
            self.told.write(act)

    def forget_password(self) -> None:
        """Asks for a mail, which is a job: the page waits for no mail server."""
        body = urlencode({"typed": self.world["name"]}).encode()
        self.operator.ask(self.over, "POST", "/sandi/", body, Content_Type=FORM)

    def hand_in(self, verdicts: dict[int, str]) -> None:
        """Submit, judge every answer that waits, and finish."""
        token = self.token("alasan")
        body = urlencode({"alasan": token}).encode()
        self._move("submit", f"/isian/{self.submission}/ajukan/", token, body, self.operator)
        for answer, verdict in verdicts.items():
            self.judge(answer, verdict)
        body = urlencode({"tenggat": "", "terakhir": ""}).encode()
        path = f"/verifikasi/{self.submission}/selesai/"
        self._move("finish", path, self.token("selesai"), body, self.reviewer)

    def _move(self, what: str, path: str, token: str, body: bytes, line: Line) -> None:
        act = Act(what, self.submission, token, UNKNOWN)
        try:
            reply, lost = line.ask(self.over, "POST", path, body, Content_Type=FORM)
            arrived(what, reply)
            # Done, and asked again because the reply was lost: it says that it is done.
            act.outcome = ACKED
            if reply.place.startswith(path):
                assert lost, f"{what} was sent back to {reply.place}"
        finally:
            self.told.write(act)

    # --- the verifikator -------------------------------------------------------------------------

    def judge(self, answer: int, verdict: str) -> None:
        """Look at the answer as a person does, then say what it is worth."""
        address = f"/verifikasi/{self.submission}/?jawaban={answer}"
        page, _ = self.reviewer.ask(self.over, "GET", address)
        shown = dict(re.findall(r'name="(jawaban|versi|terakhir)"[^>]* value="(\d+)"', page.text))
        token = self.token("putusan")
        fields = {
            "jawaban": answer, "versi": shown.get("versi", ""),
            "terakhir": shown.get("terakhir", ""), "hasil": verdict, "catatan": token,
            "tingkat": "4",
        }  # fmt: skip
        act = Act("judge", answer, token, UNKNOWN, verdict=verdict)
        try:
            reply, _ = self.reviewer.ask(
                self.over, "POST", f"/verifikasi/{self.submission}/",
                urlencode(fields).encode(), Content_Type=FORM,
            )  # fmt: skip
            arrived("a verdict", reply)
            act.outcome = ACKED
        finally:
            self.told.write(act)

    def reopen(self) -> None:
        token = self.token("dibuka")
        body = urlencode({"alasan": token, "jawaban": self.world["answers"]}, doseq=True).encode()
        act = Act("reopen", self.submission, token, UNKNOWN)
        try:
            path = f"/verifikasi/{self.submission}/buka-kembali/"
            reply, _ = self.reviewer.ask(self.over, "POST", path, body, Content_Type=FORM)
            arrived("reopening", reply)
            act.outcome = ACKED
        finally:
            self.told.write(act)


def arrived(what: str, reply: Reply) -> None:
    """Raise AssertionError unless the reply leads on in the work: a redirect to elsewhere (signing
    in, a second factor) is no word that anything was done.
    """
    if reply.status != 302 or not reply.place.startswith(("/isian/", "/verifikasi/")):
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", reply.text))
        raise AssertionError(f"{what} was answered {reply.status} {reply.place}: {said[-900:]}")


def of_file(name: str, content: bytes, kind: str) -> tuple[bytes, str]:
    """A form with one file, and its Content-Type."""
    mark = "batas0123456789"
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="berkas"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"
