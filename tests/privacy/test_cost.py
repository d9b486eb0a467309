"""Denial by cost: so many searches a minute from one person, a size of a page that nobody sets."""

import pytest
from django.test import Client

from agencies.roles import Role
from kla_tracker import searching
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers, operator, verifikator
from tests.submissions.test_evidence import give
from tests.submissions.test_uploads import PDF

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_searched(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    searching._seen.clear()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_sixty_first_search_of_a_minute_waits_and_nobody_else_does():
    user = make_user(Role.VERIFIKATOR)
    for second in range(60):
        assert searching.seconds_to_wait(user.pk, 1000.0 + second / 2) == 0
    assert searching.seconds_to_wait(user.pk, 1030.0) == 30
    assert searching.seconds_to_wait(user.pk, 1060.5) == 0
    assert searching.seconds_to_wait(make_user(Role.VERIFIKATOR).pk, 1030.0) == 0


def test_a_search_too_many_gets_a_sentence_and_a_time(settings):
    settings.SEARCHES_PER_MINUTE = 2
    client = signed_in(make_user(Role.VERIFIKATOR))
    addresses = ["/data-dukung/?kata=sk", "/riwayat/?pelaku=budi", "/riwayat/?apa=isi"]
    replies = [client.get(each) for each in addresses]
    assert [each.status_code for each in replies] == [200, 200, 429]
    assert 0 < int(replies[2].headers["Retry-After"]) <= 60
    assert "Terlalu banyak pencarian" in replies[2].content.decode()
    assert client.get("/data-dukung/").status_code == 200
    assert signed_in(make_user(Role.VERIFIKATOR)).get(addresses[0]).status_code == 200
    assert Client().get(addresses[0]).status_code == 302


def test_only_so_many_people_are_remembered():
    for user in range(searching.PEOPLE + 50):
        searching.seconds_to_wait(user, 1000.0)
    assert len(searching._seen) == searching.PEOPLE


LISTS = [
    "/data-dukung/", "/riwayat/", "/verifikasi/", "/penilaian/2024/pertanyaan/",
    "/data-dukung/terbatas/",
]  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_the_size_of_a_page_is_ours(address):
    submission = make_work()
    by = operator(submission)
    for number in range(60):
        give(answers(submission)[0], by, name=f"SK {number}.pdf", content=PDF + b"%%%d" % number)
    client = signed_in(verifikator(submission))
    plain = client.get(address)
    for words in ("page_size=100000", "limit=100000", "per_page=100000", "ukuran=100000"):
        asked = client.get(f"{address}?{words}")
        assert (asked.status_code, asked.content.count(b"<tr")) == (
            plain.status_code,
            plain.content.count(b"<tr"),
        )
    assert plain.content.count(b"<tr") <= 51
