"""The figures that one process can tell: pages, verbs, sheets, sizes, queries."""

import gzip
import os
import re
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Count, Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import User
from kla_tracker.demo.files import pdf
from meetings.actions.deciding import close_meeting
from meetings.models import Meeting
from reports.scores import score_of
from submissions.models import Assessment, EvidenceLink, Response, Submission
from submissions.workflow import State
from tests.bench.figures import Figure, paired

HTMX = {"HX-Request": "true"}
LOCAL = {"SERVER_NAME": "127.0.0.1"}
QUESTIONS = 274
SESSION, ROWS, CELLS = "/bench/floor/", "/bench/rows/", "/bench/cells/"


class UnmeasuredError(Exception):
    """It does not work, so there is nothing to measure."""


def client(username: str) -> Client:
    """A browser that is signed in."""
    browser = Client(raise_request_exception=False, **LOCAL)
    browser.force_login(
        User.objects.get(username=username), backend="agencies.backends.RoleBackend"
    )
    return browser


def expect(response, *codes: int) -> None:
    """Measure nothing but what worked."""
    if response.status_code not in (codes or (200,)):
        raise UnmeasuredError(f"{response.request['PATH_INFO']} answered {response.status_code}")


class Bench:
    """The figures of one database, one after the other."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.year = Assessment.objects.select_related("region", "instrument").get(
            region__code="32.77", year=2024
        )
        self.verifikator = client("verifikator")

    def get(self, address: str, browser: Client | None = None) -> Callable[[int], None]:
        """A page as work to be timed."""
        return lambda _: expect((browser or self.verifikator).get(address))

    def nothing(self, number: int) -> None:
        """The floor of most: a session, a user, a line."""
        self.get(SESSION)(number)

    def queries(self, work: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as caught:
            work()
        return len(caught)

    def add(self, name: str, value: float, **more) -> None:
        self.figures.append(Figure(name, round(value, 3), **more))
        sys.stderr.write(f"    {name}: {value:.2f}\n")

    def missing(self, name: str, error: Exception) -> None:
        """A figure that could not be measured counts as missed, and the rest goes on."""
        sys.stderr.write(f"    {name}: {error}\n")
        self.figures.append(Figure(name, 0, unit="", least=1, note=f"not measured: {error}"))

    def add_paired(
        self, name: str, work: Callable[[int], None], floor: Callable[[int], None], **more
    ) -> None:
        """A figure beside its floor, with the queries of one run."""
        try:
            value, beside, steady = paired(work, floor)
        except UnmeasuredError as error:
            self.missing(name, error)
            return
        count = self.queries(lambda: work(99))
        self.add(name, value, floor=beside, steady=steady, queries=count, **more)

    def add_page(self, name: str, address: str, browser: Client, **more) -> None:
        floor = self.get(more.pop("floor", SESSION))
        self.add_paired(name, self.get(address, browser), floor, **more)

    def all(self) -> None:
        """Every group; one that does not work does not hold up the others."""
        for group in (
            self.pages,
            self.year_figures,
            self.rakor,
            self.saving,
            self.attaching,
            self.first_page,
        ):
            try:
                group()
            except UnmeasuredError as error:
                self.missing(group.__name__, error)

    def pages(self) -> None:
        """What people look at most."""
        operator = client("disdukcapil")
        waiting = self.year.submissions.filter(state=State.SUBMITTED.value)
        biggest = waiting.annotate(n=Count("responses")).order_by("-n", "pk").first()
        form, seen = self.form_of_thirty(), self.verifikator
        most = {"most_queries": 12}
        self.add_page("page without a list (/akun/)", "/akun/", seen, most=10, **most)
        self.add_page("review queue, list of 50", "/verifikasi/", seen, most=15, **most)
        self.add_page("what an office owes (/isian/)", "/isian/", operator, most=15, **most)
        self.add_page("instrument, searched", "/instrumen/?q=akta", seen, most=15, **most)
        self.add_page("dashboard of a city", "/penilaian/2024/", seen, most=25, **most)
        self.add_page(
            f"form of {form.responses.count()} questions with evidence, to a 300-row page",
            reverse("work_form", args=[form.pk]), client(form.agency.code), floor=ROWS, most=2,
        )  # fmt: skip
        self.add_page(
            f"review of {biggest.n} answers, to a 300-row page",
            reverse("review", args=[biggest.pk]), seen, floor=ROWS, most=2,
        )  # fmt: skip
        address = reverse("matrix", args=[2024])
        self.add_page("matrix, to a plain template", address, seen, floor=CELLS, most=2, **most)
        self.add("matrix, gzip", len(self.zipped(address)) / 1024, unit="KB", most=15)

    def form_of_thirty(self) -> Submission:
        """The form that is nearest to thirty questions."""
        forms = self.year.submissions.select_related("agency").annotate(n=Count("responses"))
        return min(forms, key=lambda form: (abs(form.n - 30), form.pk))

    def zipped(self, address: str) -> bytes:
        response = self.verifikator.get(address, headers={"Accept-Encoding": "gzip"})
        data = b"".join(response) if response.streaming else response.content
        return data if response.headers.get("Content-Encoding") == "gzip" else gzip.compress(data)

    def year_figures(self) -> None:
        """A whole year: every question, its score, its workbook."""
        address = reverse("question_list", args=[2024])
        pages = [f"{address}?page={number}" for number in range(1, 2 + (QUESTIONS - 1) // 100)]

        def every(number: int) -> None:
            for each in pages:
                self.get(each)(number)

        self.add_paired(
            f"every question of a year (all {len(pages)} pages of the list)", every, self.nothing,
            most=60, most_queries=12 * len(pages),
        )  # fmt: skip
        self.add_paired(
            "score of a year", lambda _: score_of(self.year), self.nothing, most=10, most_queries=6
        )
        address = reverse("export_assessment", args=[2024])

        def export(_: int) -> None:
            response = self.verifikator.post(address)
            expect(response)
            b"".join(response)

        self.add_paired(
            "city workbook, four sheets, to XlsxWriter alone with 274 x 12", export,
            lambda _: plain_workbook(), most=6, most_queries=15,
        )  # fmt: skip
        self.add("full workbook of a year, in milliseconds", self.figures[-1].value, most=150)

    def rakor(self) -> None:
        """The presenter view, live and from the record, and the closing of a meeting."""
        meeting = Meeting.objects.called().filter(assessment=self.year).first()
        held = Meeting.objects.filter(assessment=self.year, closed_at__isnull=False).first()
        seen, most = self.verifikator, {"most_queries": 12}
        address = f"/rakor/{meeting.pk}/"
        self.add_page("page of a meeting", address, seen, most=25, **most)
        for name, slide in (("clusters", 3), ("an indicator", 6)):
            address = f"/rakor/{meeting.pk}/tayang/?slide={slide}"
            self.add_page(f"presenter view, {name}", address, seen, most=25, **most)
        address = f"/rakor/{held.pk}/tayang/?slide=6"
        self.add_page("presenter view of a closed meeting", address, seen, most=25, **most)
        by, taken = User.objects.get(username="verifikator"), []
        for _ in range(5):
            with transaction.atomic():
                started = time.perf_counter()
                close_meeting(meeting, by=by, now=meeting.ends_at)
                taken.append(time.perf_counter() - started)
                transaction.set_rollback(True)
            meeting.refresh_from_db()
        self.add("closing a meeting of the example city", max(taken), unit="s", most=2)

    def saving(self) -> None:
        """Saving an answer, with its event."""
        answer = self.open_answers("choice").first()
        browser = client(answer.submission.agency.code)
        address = reverse("work_answer", args=[answer.submission_id, answer.pk])
        version = answer.version

        def save(number: int) -> None:
            nonlocal version
            data = {"versi": version, "tingkat": number % 2, "catatan": f"Catatan {number}"}
            expect(browser.post(address, data, headers=HTMX))
            version += 1

        self.add_paired(
            "save one answer with its event", save, self.nothing, most=12, most_queries=8
        )
        self.add_paired(
            "save one answer, to a page that writes one row", save,
            lambda _: expect(browser.post("/bench/write/")), most=4,
        )  # fmt: skip
        stored = Response.objects.get(pk=answer.pk).version
        if stored != version:
            raise UnmeasuredError(f"The saves did not arrive: version {stored}, not {version}.")

    def attaching(self) -> None:
        """A file of one megabyte, looked into and stored, at one answer after the other."""
        begun = self.open_answers("choice").filter(submission__state=State.DRAFT.value)
        agency = begun.first().submission.agency
        answers = list(begun.filter(submission__agency=agency))
        browser = client(agency.code)
        files = [megabyte() for _ in range(34)]  # the making of them is not measured
        mine = EvidenceLink.objects.filter(response__in=answers)
        before = mine.count()

        def attach(number: int) -> None:
            answer = answers[number % len(answers)]
            address = reverse("work_attach", args=[answer.submission_id, answer.pk])
            upload = SimpleUploadedFile(f"bukti {number}.pdf", files.pop(), "application/pdf")
            expect(browser.post(address, {"berkas": upload}, headers=HTMX))

        self.add_paired("attach 1 MB of evidence", attach, self.nothing, most=15, most_queries=12)
        if mine.count() != before + 34:
            raise UnmeasuredError("The attachments did not arrive.")

    def open_answers(self, mode: str):
        """Answers that their office may still change, with levels to choose from."""
        editable = Q(submission__state__in=[State.DRAFT.value, State.EMPTY.value])
        return (
            Response.objects.filter(
                editable, assessment=self.year, role="lead", question__rubric__mode=mode
            )
            .select_related("submission__agency")
            .order_by("pk")
        )

    def first_page(self) -> None:
        """The dashboard and what it loads, packed, without fonts."""
        page = self.verifikator.get("/penilaian/2024/").content.decode()
        names = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page))
        parts = [Path(settings.STATIC_ROOT) / name.removeprefix("/static/") for name in names]
        weight = len(self.zipped("/penilaian/2024/"))
        weight += sum(len(gzip.compress(part.read_bytes())) for part in parts)
        self.add(
            "first page with CSS and JavaScript, gzip", weight / 1024, unit="KB", most=60,
            note=f"{len(parts)} files",
        )  # fmt: skip
        css = sum(len(gzip.compress(p.read_bytes())) for p in parts if p.suffix == ".css")
        self.add("its CSS, gzip", css / 1024, unit="KB", most=15)


def plain_workbook() -> None:
    """A styled sheet and nothing else."""
    book = xlsxwriter.Workbook(BytesIO(), {"in_memory": True})
    sheet = book.add_worksheet()
    style = book.add_format({"text_wrap": True, "border": 1})
    for row in range(QUESTIONS):
        for column in range(12):
            sheet.write_string(row, column, f"Pertanyaan {row} kolom {column}", style)
    book.close()


def megabyte() -> bytes:
    """A PDF of one megabyte that nobody has sent yet."""
    page = pdf(["Bukti ukur", os.urandom(8).hex()])
    return page + b"\n%" + os.urandom(510_000).hex().encode() + b"\n%%EOF\n"
