"""The real server: rates with eight clients at once, errors under load, memory of a worker."""

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.urls import reverse

from tests.bench.measure import UnmeasuredError, client

THREADS = 8
MIXED = 1000


class Visitor:
    """A signed-in browser on one kept connection, by http.client."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.cookies = port, cookies
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, address: str, data: dict | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if data is not None:
            body = urlencode(data)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.cookies.get(settings.CSRF_COOKIE_NAME, ""),
                "HX-Request": "true",
            }
        for again in (False, True):
            try:
                self.link.request(method, address, body, headers)
                response = self.link.getresponse()
                break
            except (http.client.HTTPException, ConnectionError):
                # gunicorn closes an idle connection; the request was not taken.
                self.link.close()
                if again:
                    raise
        text = response.read().decode(errors="replace")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, text


def visitor(bench_client, port: int) -> Visitor:
    """The same session, spoken to the real server."""
    name = settings.SESSION_COOKIE_NAME
    return Visitor(port, {name: bench_client.cookies[name].value})


@contextmanager
def server(workers: int):
    """A gunicorn of our own with the project's own settings file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "WEB_WORKERS": str(workers), "WEB_THREADS": "2"}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    command += ["--max-requests", "0"]
    process = subprocess.Popen(command, env=environment)
    try:
        for _ in range(150):
            time.sleep(0.1)
            try:
                if Visitor(port, {}).ask("GET", "/healthz")[0] == 200:
                    break
            except OSError:
                continue
        else:
            sys.exit("gunicorn did not start")
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def serve(bench, seconds: float) -> None:
    """Add the figures that only the real server can tell."""
    for group in (rates, memory):
        try:
            group(bench, seconds)
        except UnmeasuredError as error:
            bench.missing(group.__name__, error)


def rates(bench, seconds: float) -> None:
    """Saves by eight clients at once, beside small writes by the same eight."""
    people = targets(bench)
    sessions = [client(code) for code, _ in people]
    saver = Saver([row for _, row in people])
    connection.close()
    with server(2) as (port, _):
        small, saves = Rate(), Rate()
        # In turn, as everywhere: what else the machine does meanwhile slows both.
        browsers = [visitor(each, port) for each in sessions]
        for _ in range(3):
            hammer(browsers, seconds / 9, write_one, small)
            hammer(browsers, seconds / 3, saver, saves)
    if not saves.done:
        raise UnmeasuredError("no save succeeded")
    label = f"{THREADS} clients, {seconds:.0f} s, http.client, 2 workers x 2 threads"
    bench.add("floor: small writes at once", small.rate, unit="/s", note=label)
    bench.add("saves at once", saves.rate, unit="/s", floor=small.rate, least=0.25, note=label)
    bench.add("floor: small write at once, p95", small.p95)
    bench.add("save at once, p95", saves.p95, floor=small.p95, most=3)
    bench.add(
        "failed saves at once", saves.failed, unit="", most=0,
        note=f"of {saves.done}; lock errors, 5xx and conflicts",
    )  # fmt: skip


def write_one(browser: Visitor, _place: int, _number: int) -> int:
    """The floor of a save: a session, a user, one row."""
    return browser.ask("POST", "/bench/write/", {})[0]


def targets(bench) -> list[tuple[str, list]]:
    """Eight offices, each with answers of its own to save."""
    rows: dict[str, list] = {}
    for mode in ("choice", "graded"):
        for answer in bench.open_answers(mode):
            rows.setdefault(answer.submission.agency.code, []).append(answer)
    found = sorted(rows.items(), key=lambda each: -len(each[1]))
    # Fewer offices than clients: some share an office but never an answer.
    shares = [[code, []] for code, _ in found[:THREADS]]
    while len(shares) < THREADS:
        shares.append([found[len(shares) % len(found)][0], []])
    for code, answers in found:
        mine = [share for share in shares if share[0] == code]
        for number, answer in enumerate(answers):
            if mine:
                mine[number % len(mine)][1].append(answer)
    return [(code, answers) for code, answers in shares if answers]


class Saver:
    """Saves the answers of each client in turn, with the version that it knows."""

    def __init__(self, answers: list[list]) -> None:
        self.answers = answers
        self.version = {row.pk: row.version for rows in answers for row in rows}
        self.turns = [0] * len(answers)  # never the same words twice: that would be no save

    def __call__(self, browser: Visitor, place: int, _number: int) -> int:
        mine, number = self.answers[place], self.turns[place]
        self.turns[place] += 1
        answer = mine[number % len(mine)]
        if settings.CSRF_COOKIE_NAME not in browser.cookies:
            _, page = browser.ask("GET", "/akun/")
            found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
            if found is None:
                return 0
        data = {
            "versi": self.version[answer.pk], "tingkat": number // len(mine) % 2,
            "catatan": f"Catatan {number}",
        }  # fmt: skip
        address = reverse("work_answer", args=[answer.submission_id, answer.pk])
        status, _ = browser.ask("POST", address, data)
        self.version[answer.pk] += status == 200
        return status


class Rate:
    """How it went: what was done, and how long each took."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.failed, self.seconds = 0, 0.0

    @property
    def done(self) -> int:
        return len(self.taken)

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.taken, n=20)[-1] * 1000 if self.done > 20 else 0.0


def hammer(browsers: list[Visitor], seconds: float, work, rate: Rate) -> None:
    """Every browser works in a thread of its own until the time is over."""
    started = time.perf_counter()

    def run(place: int, browser: Visitor) -> None:
        number = 0
        while time.perf_counter() - started < seconds:
            begun = time.perf_counter()
            if work(browser, place, number) == 200:
                rate.taken.append(time.perf_counter() - begun)
            else:
                rate.failed += 1
            number += 1

    threads = [
        threading.Thread(target=run, args=(place, browser))
        for place, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate.seconds += time.perf_counter() - started


def memory(bench, _seconds: float) -> None:
    """One worker: bare, after a thousand mixed requests, and after a thousand more."""
    waiting = bench.year.submissions.filter(state="diajukan").order_by("pk")
    form = bench.form_of_thirty()
    addresses = [
        ("r", "/penilaian/2024/"), ("r", reverse("matrix", args=[2024])), ("r", "/verifikasi/"),
        ("r", "/instrumen/"), ("r", reverse("work_form", args=[form.pk])), ("o", "/isian/"),
        ("r", reverse("question_list", args=[2024])), ("r", "/perangkat-daerah/"),
        *(("r", reverse("review", args=[pk])) for pk in waiting.values_list("pk", flat=True)[:8]),
    ]  # fmt: skip
    operator = client("disdukcapil")
    connection.close()
    with server(1) as (port, process):
        browsers = {"r": visitor(bench.verifikator, port), "o": visitor(operator, port)}
        bare = resident(process)
        sizes = []
        for _ in range(2):
            for number in range(MIXED):
                who, address = addresses[number % len(addresses)]
                status, _ = browsers[who].ask("GET", address)
                if status != 200:
                    raise UnmeasuredError(f"{address} answered {status}")
            sizes.append(resident(process))
    bench.add("floor: worker's memory, bare", bare, unit="MiB")
    bench.add(
        f"worker's memory after {MIXED} mixed requests", sizes[0], unit="MiB", floor=58, most=1.7,
        note="floor 58 MiB as in the table; comparable system 311",
    )  # fmt: skip
    bench.add(f"growth over the next {MIXED}", (sizes[1] / sizes[0] - 1) * 100, unit="%", most=5)


def resident(process: subprocess.Popen) -> float:
    """MiB of the only worker of a gunicorn."""
    time.sleep(0.5)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    status = Path(f"/proc/{children[0]}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
