"""The evidence library: whose, narrowed by what, and where each is used."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.roles import Role
from submissions.models import (
    Blob,
    Evidence,
    EvidenceLink,
    RegisterRow,
    ResponseRow,
    Review,
    RowEvidence,
)
from submissions.workflow import Verdict
from tests.factories import (
    first_response,
    make_agency,
    make_instrument,
    make_region,
    make_register,
    make_user,
    make_work,
)

pytestmark = pytest.mark.django_db
TYPES = {
    "pdf": "application/pdf",
    "gambar": "image/png",
    "lembar": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "dokumen": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@pytest.fixture
def work():
    return make_work()


@pytest.fixture
def operator(work):
    return make_user(agency=work.agency)


def give(by, name, kind="pdf"):
    """What the user's office gave, attached to nothing yet."""
    if kind == "tautan":
        return Evidence.objects.create(
            agency=by.agency, name=name, url="https://contoh.id/", created_by=by
        )
    count = Blob.objects.count()
    blob = Blob.objects.create(
        sha256=f"{count:064d}", size=2048, content_type=TYPES[kind], file=f"data-dukung/{count}.x"
    )
    return Evidence.objects.create(agency=by.agency, name=name, blob=blob, created_by=by)


def attach(work, evidence, by):
    return EvidenceLink.objects.create(
        response=first_response(work), evidence=evidence, added_by=by
    )


def page_of(user, **filters):
    client = Client()
    client.force_login(user)
    return client.get("/data-dukung/", filters)


def names(user, **filters):
    return [line.evidence.name for line in page_of(user, **filters).context["lines"]]


def test_each_sees_the_own_office_or_the_own_region_newest_first(work, operator):
    region = work.agency.region
    give(operator, "lama")
    give(make_user(agency=make_agency(region)), "tetangga")
    give(make_user(agency=make_agency(make_region())), "kota lain")
    give(operator, "baru")
    assert names(operator) == ["baru", "lama"]
    for role in (Role.VERIFIKATOR, Role.PIMPINAN, Role.ADMINISTRATOR):
        assert names(make_user(role, region=region)) == ["baru", "tetangga", "lama"]


def test_filters_narrow_and_nonsense_is_passed_over(work, operator):
    for kind in (*TYPES, "tautan"):
        give(operator, f"berkas {kind}", kind)
    attach(work, Evidence.objects.get(name="berkas pdf"), operator)
    code = first_response(work).question.code
    year = work.assessment.year
    for kind in (*TYPES, "tautan"):
        assert names(operator, jenis=kind) == [f"berkas {kind}"]
    assert names(operator, kata="berkas GAMBAR") == ["berkas gambar"]
    assert names(operator, kata=code) == ["berkas pdf"]
    assert names(operator, tahun=year) == ["berkas pdf"]
    assert names(operator, pakai="ya") == ["berkas pdf"]
    assert len(names(operator, pakai="tidak")) == 4
    assert len(names(operator, jenis="x", tahun="x", pakai="x", perangkat="x", page="x")) == 5
    verifikator = make_user(Role.VERIFIKATOR, region=work.agency.region)
    assert len(names(verifikator, perangkat=work.agency.code)) == 5
    other = make_agency(work.agency.region)
    assert names(verifikator, perangkat=other.code) == []


def test_a_line_says_where_it_is_used_and_what_rests_on_it(work, operator):
    evidence = give(operator, "SK.pdf")
    link = attach(work, evidence, operator)
    verifikator = make_user(Role.VERIFIKATOR, region=work.agency.region)
    answer = first_response(work)
    review = Review.objects.create(
        response=answer, version=1, verdict=Verdict.ACCEPTED.value, by=verifikator
    )
    review.evidence.add(evidence)
    code, year = answer.question.code, work.assessment.year
    [mine] = page_of(operator).context["lines"]
    [theirs] = page_of(verifikator).context["lines"]
    assert [(use.label, use.href) for use in mine.uses] == [
        (f"{code} ({year})", f"/isian/{work.pk}/")
    ]
    assert [use.href for use in theirs.uses] == [
        f"/penilaian/{year}/indikator/{work.indicator.code}/"
    ]
    assert (mine.verdicts, mine.href) == ([f"Diterima: {code}"], f"/data-dukung/{evidence.pk}/")
    EvidenceLink.objects.filter(pk=link.pk).update(removed_at=timezone.now(), removed_by=operator)
    [after] = page_of(operator).context["lines"]
    assert (list(after.uses), after.verdicts) == ([], [f"Diterima: {code}"])
    assert "tidak dipakai" in page_of(operator).content.decode()


def test_an_empty_library_says_so_in_words(operator):
    assert "Belum ada data dukung" in page_of(operator).content.decode()
    assert "Tidak ada data dukung yang cocok" in page_of(operator, kata="x").content.decode()


def test_one_and_many_cost_the_same_queries_and_fifty_fill_a_page(work, operator):
    counts = []
    for number in range(52):
        attach(work, give(operator, f"berkas {number}"), operator)
        if number in {0, 51}:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                shown = names(operator)
            counts.append(len(queries))
    assert (counts[0], len(shown)) == (counts[1], 50)
    assert len(names(operator, page="2")) == 2


def test_documents_are_found_by_kind_and_number_and_by_whether_they_still_hold(work, operator):
    sk, photo, old = (give(operator, name) for name in ("satu", "dua", "tiga"))
    data_year = work.assessment.data_year
    Evidence.objects.filter(pk=sk.pk).update(
        kind="sk", document_number="440/12/2022", valid_until=date(data_year, 12, 31)
    )
    Evidence.objects.filter(pk=old.pk).update(valid_until=date(data_year, 12, 30))
    assert names(operator, dokumen="sk") == ["satu"]
    assert names(operator, dokumen="tanpa") == ["tiga", "dua"]
    assert names(operator, kata="440/12") == ["satu"]
    assert names(operator, kata="keputusan") == ["satu"]
    assert names(operator, berlaku="tidak") == ["tiga"]
    assert names(operator, berlaku="ya") == ["dua", "satu"]
    assert [each.expired for each in page_of(operator).context["lines"]] == [True, False, False]
    assert "kedaluwarsa" in page_of(operator, berlaku="tidak").content.decode()
    del photo


def test_a_year_and_a_question_find_what_hangs_on_rows_of_registers(work, operator):
    register = make_register(make_instrument())
    answer, data_year = first_response(work), work.assessment.data_year
    for name, years in (("dulu", (2001, 2002)), ("kini", (data_year, None))):
        row = RegisterRow.objects.create(
            agency=operator.agency, register=register, code=register.code, data={}, words="",
            valid_from=years[0], valid_to=years[1], created_by=operator, changed_by=operator,
        )  # fmt: skip
        RowEvidence.objects.create(row=row, evidence=give(operator, name), added_by=operator)
        ResponseRow.objects.create(row=row, response=answer, added_by=operator)
    assert names(operator, tahun=work.assessment.year) == ["kini"]
    assert names(operator, kata=answer.question.code) == ["kini", "dulu"]
    ResponseRow.objects.filter(row=row).update(removed_at=timezone.now())
    assert names(operator, kata=answer.question.code) == ["dulu"]


def test_a_replaced_version_has_a_line_only_while_something_uses_it(work, operator):
    old = give(operator, "lama")
    new = give(operator, "baru")
    Evidence.objects.filter(pk=new.pk).update(first=old, number=2)
    assert names(operator) == ["baru"]
    attach(work, old, operator)
    assert names(operator) == ["baru", "lama"]


@pytest.mark.parametrize("many", [1, 20])
def test_the_library_takes_the_same_queries_for_any_number(work, operator, many):
    for number in range(many):
        attach(work, give(operator, f"berkas {number}"), operator)
    client = Client()
    client.force_login(operator)
    with CaptureQueriesContext(connection) as queries:
        client.get("/data-dukung/", {"kata": "berkas", "tahun": work.assessment.year})
    assert len(queries) == 11
