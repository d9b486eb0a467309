"""Inviting, setting a password by a link, retiring, and another role."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks import default_task_backend

from agencies import tasks
from agencies.actions import (
    INVITATION,
    RESET,
    RefusedError,
    change_user,
    invite,
    invite_again,
    retire_user,
)
from agencies.models import Change, Invitation, User
from agencies.roles import Role
from tests.factories import PASSWORD, make_agency, make_region, make_user

pytestmark = pytest.mark.django_db
NEW = "sebuah gerbong penuh melati"


def invited(by=None, agency=None, role=Role.OPERATOR, now=None, **changes):
    agency = agency or make_agency()
    values = {"username": "orang-baru", "name": "Orang Baru", "email": "baru@contoh.example"}
    return invite(
        role=role,
        agency=agency,
        region=agency.region,
        by=by,
        now=now or timezone.now(),
        **(values | changes),
    )


def path_of(address):
    return address.removeprefix("https://kla.example.go.id")


def link_in(mail):
    return path_of(re.search(r"https://\S+/(?:undangan|sandi)/\S+", mail.body).group())


# --- who may ------------------------------------------------------------------------------------

MAY = {
    Role.OPERATOR: set(),
    Role.PIMPINAN: set(),
    Role.VERIFIKATOR: {Role.OPERATOR, Role.VERIFIKATOR},
    Role.ADMINISTRATOR: set(Role),
}


@pytest.mark.parametrize("invited_role", list(Role))
@pytest.mark.parametrize("by_role", list(Role))
def test_who_may_invite_whom_in_the_own_region(by_role, invited_role):
    agency = make_agency()
    by = make_user(by_role, agency=agency)
    if invited_role in MAY[by_role]:
        assert invited(by, agency, invited_role).user.role == invited_role
        return
    with pytest.raises(PermissionDenied):
        invited(by, agency, invited_role)
    assert not User.objects.filter(username="orang-baru").exists()


@pytest.mark.parametrize("by_role", list(Role))
def test_nobody_invites_into_another_region(by_role):
    by = make_user(by_role)
    with pytest.raises(PermissionDenied):
        invited(by, make_agency())
    assert Invitation.objects.count() == 0


def test_an_administrator_of_a_region_makes_no_administrator_without_one():
    by = make_user(Role.ADMINISTRATOR)
    with pytest.raises(PermissionDenied):
        invite(
            username="bebas",
            name="B",
            email="b@contoh.example",
            role=Role.ADMINISTRATOR,
            agency=None,
            region=None,
            by=by,
            now=timezone.now(),
        )


@pytest.mark.parametrize("target", list(Role))
@pytest.mark.parametrize("by_role", list(Role))
def test_who_may_retire_whom(by_role, target):
    agency = make_agency()
    by, user = make_user(by_role, agency=agency), make_user(target, agency=agency)
    if target in MAY[by_role]:
        retire_user(user, by=by)
    else:
        with pytest.raises(PermissionDenied):
            retire_user(user, by=by)
    user.refresh_from_db()
    assert user.is_active is (target not in MAY[by_role])


def test_nobody_retires_themselves_and_one_administrator_is_left():
    by = make_user(Role.ADMINISTRATOR)
    with pytest.raises(RefusedError, match="akun Anda sendiri"):
        retire_user(by, by=by)
    with pytest.raises(RefusedError, match="paling sedikit satu administrator"):
        retire_user(by, by=None)


@pytest.mark.parametrize("by_role", list(Role))
def test_only_an_administrator_changes_a_role(by_role):
    agency = make_agency()
    by, user = make_user(by_role, agency=agency), make_user(agency=agency)
    facts = {
        "name": "Nama",
        "email": "n@contoh.example",
        "role": Role.PIMPINAN,
        "region": agency.region,
        "agency": agency,
        "is_active": True,
        "by": by,
    }
    if by_role is Role.ADMINISTRATOR:
        change_user(user, **facts)
    else:
        with pytest.raises(PermissionDenied):
            change_user(user, **facts)
    user.refresh_from_db()
    assert (user.role == Role.PIMPINAN) is (by_role is Role.ADMINISTRATOR)


def test_nobody_is_moved_out_of_reach():
    by, user = make_user(Role.ADMINISTRATOR), None
    user = make_user(region=by.region, agency=make_agency(by.region))
    with pytest.raises(PermissionDenied):
        change_user(
            user,
            name="N",
            email="n@contoh.example",
            role=Role.OPERATOR,
            region=make_region(),
            agency=None,
            is_active=True,
            by=by,
        )


def test_another_address_by_an_administrator_stands_in_the_history_without_it():
    """Links for a new password go there: who could become somebody else is to be found."""
    user = make_user(email="lama@contoh.example")
    by = make_user(Role.ADMINISTRATOR, region=user.region)
    change_user(
        user, name=user.name, email="baru@contoh.example", role=Role(user.role), by=by,
        region=user.region, agency=user.agency, is_active=True,
    )  # fmt: skip
    [change] = Change.objects.filter(verb="change_user", data__user=user.pk)
    assert (change.by, change.data["changed"]) == (by, ["surel"])
    assert "contoh.example" not in str(change.data)


def test_a_change_of_role_says_before_and_after_in_the_history():
    agency = make_agency()
    by, user = make_user(Role.ADMINISTRATOR, agency=agency), make_user(agency=agency)
    change_user(
        user,
        name="N",
        email="n@contoh.example",
        role=Role.VERIFIKATOR,
        region=agency.region,
        agency=agency,
        is_active=True,
        by=by,
    )
    data = Change.objects.get(verb="change_user").data
    assert (data["before"]["role"], data["after"]["role"]) == ("operator", "verifikator")


# --- the link -----------------------------------------------------------------------------------


def test_the_invited_set_their_own_password_and_sign_in(client, mailoutbox):
    made = invited()
    tasks.mail_invitation.enqueue(made.user_id)
    link = link_in(mailoutbox[0])
    page = client.get(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert client.post(link, {"new_password1": NEW, "new_password2": NEW})["Location"] == "/masuk/"
    made.refresh_from_db()
    assert made.accepted_at is not None
    assert client.post("/masuk/", {"username": "orang-baru", "password": NEW}).status_code == 302


def test_the_mail_has_our_address_and_no_password(mailoutbox):
    made = invited()
    tasks.mail_invitation.enqueue(made.user_id)
    mail = mailoutbox[0]
    assert mail.to == ["baru@contoh.example"]
    assert "https://kla.example.go.id/undangan/" in mail.body
    assert "72 jam" in mail.body
    assert "&quot;" not in mail.body
    assert made.user.password not in mail.body


def test_an_invitation_works_once(client):
    link = path_of(INVITATION.address(invited().user))
    client.post(link, {"new_password1": NEW, "new_password2": NEW})
    assert client.get(link).status_code == 410
    other = "lain lagi sama sekali ini"
    assert client.post(link, {"new_password1": other, "new_password2": other}).status_code == 410
    assert User.objects.get(username="orang-baru").check_password(NEW)


def test_looking_at_the_link_does_not_use_it_up(client):
    link = path_of(INVITATION.address(invited().user))
    assert [client.get(link).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(("hours", "status"), [(71, 200), (73, 410)])
def test_an_invitation_lives_72_hours(client, monkeypatch, hours, status):
    link = path_of(INVITATION.address(invited().user))
    later = INVITATION._now() + timedelta(hours=hours)
    monkeypatch.setattr(INVITATION, "_now", lambda: later)
    assert client.get(link).status_code == status


def test_inviting_again_ends_the_link_before(client):
    made = invited()
    old = path_of(INVITATION.address(made.user))
    again = invite_again(made.user, by=None, now=timezone.now() + timedelta(minutes=1))
    assert client.get(old).status_code == 410
    assert client.get(path_of(INVITATION.address(again.user))).status_code == 200


def test_a_link_that_went_astray_dies_and_another_goes_to_the_right_address(client):
    made = invited()
    astray = path_of(INVITATION.address(made.user))
    by = make_user(Role.VERIFIKATOR, region=made.user.region)
    client.force_login(by)
    page = f"/perangkat-daerah/{made.user.agency.code}/"
    again = f"{page}orang/{made.user.pk}/undang-lagi/"
    wrong = client.post(again, {"email": "orang.benar@"}, follow=True)
    assert "Alamat surel itu tidak lengkap" in wrong.content.decode()
    made.user.refresh_from_db()
    assert made.user.email == "baru@contoh.example"
    client.post(again, {"email": "orang.benar@contoh.example"})
    made.user.refresh_from_db()
    assert made.user.email == "orang.benar@contoh.example"
    assert 'value="orang.benar@contoh.example"' in client.get(page).content.decode()
    assert Client().get(astray).status_code == 410
    told = Change.objects.filter(verb="invite").latest("pk")
    assert told.data == {"user": made.user.pk, "again": True, "changed": ["surel"]}


def test_who_has_a_password_is_not_invited_again(client):
    made = invited()
    link = path_of(INVITATION.address(made.user))
    client.post(link, {"new_password1": NEW, "new_password2": NEW})
    with pytest.raises(RefusedError, match="sudah diterima"):
        invite_again(made.user, by=None, now=timezone.now())


def test_the_link_of_a_retired_user_is_dead(client):
    made = invited()
    link = path_of(INVITATION.address(made.user))
    retire_user(made.user, by=None)
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("link", ["/undangan/x/y/", "/undangan/MQ/abc-def/", "/sandi/OTk5/a-b/"])
def test_a_made_up_link_is_dead(client, link):
    assert client.get(link).status_code == 410


def test_an_invitation_is_no_reset_and_a_reset_no_invitation(client):
    user = make_user()
    Invitation.objects.create(user=user, invited_at=timezone.now())
    as_invitation = path_of(RESET.address(user)).replace("/sandi/", "/undangan/")
    as_reset = path_of(INVITATION.address(user)).replace("/undangan/", "/sandi/")
    assert client.get(as_invitation).status_code == 410
    assert client.get(as_reset).status_code == 410


def test_a_weak_first_password_is_refused(client):
    link = path_of(INVITATION.address(invited().user))
    weak = {"new_password1": "orang-baru", "new_password2": "orang-baru"}
    assert client.post(link, weak).status_code == 422
    assert not User.objects.get(username="orang-baru").has_usable_password()


def test_a_doubled_name_is_refused_by_the_verb_too():
    agency = make_agency()
    invited(agency=agency)
    with pytest.raises(RefusedError, match="sudah dipakai"):
        invited(agency=agency, username="Orang-Baru")


# --- a forgotten password -----------------------------------------------------------------------


def reset_page(client, typed):
    page = client.post("/sandi/", {"typed": typed})
    return page.status_code, page.content


def test_the_answer_is_the_same_whether_anybody_is_meant(client, mailoutbox):
    user = make_user()
    assert reset_page(client, user.username) == reset_page(client, "tidak-ada")
    assert [mail.to for mail in mailoutbox] == [[user.email]]


def test_the_look_up_is_a_job_and_not_in_the_request(client, settings, mailoutbox):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    user = make_user()
    counts = []
    for typed in (user.username, "tidak-ada"):
        with CaptureQueriesContext(connection) as queries:
            reset_page(client, typed)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert [result.args for result in default_task_backend.results] == [
        [user.username],
        ["tidak-ada"],
    ]
    assert mailoutbox == []


@pytest.mark.parametrize("case", ["inactive", "invited"])
def test_no_mail_to_who_may_not_sign_in(client, mailoutbox, case):
    user = make_user(is_active=case != "inactive") if case == "inactive" else invited().user
    reset_page(client, user.username)
    assert mailoutbox == []


def test_a_reset_works_once_and_ends_the_sessions(client, mailoutbox):
    user, other = make_user(), Client()
    other.force_login(user)
    reset_page(client, user.email.upper())
    link = link_in(mailoutbox[0])
    assert client.post(link, {"new_password1": NEW, "new_password2": NEW})["Location"] == "/masuk/"
    assert client.get(link).status_code == 410
    assert other.get("/akun/").status_code == 302
    user.refresh_from_db()
    assert (user.check_password(NEW), user.check_password(PASSWORD)) == (True, False)


def test_a_reset_link_dies_when_the_password_changes_otherwise(client):
    user = make_user()
    link = path_of(RESET.address(user))
    user.set_password(NEW)
    user.save()
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(("minutes", "status"), [(119, 200), (121, 410)])
def test_a_reset_link_lives_two_hours(client, monkeypatch, minutes, status):
    link = path_of(RESET.address(make_user()))
    later = RESET._now() + timedelta(minutes=minutes)
    monkeypatch.setattr(RESET, "_now", lambda: later)
    assert client.get(link).status_code == status


def test_the_mail_does_not_take_its_address_from_the_request(client, mailoutbox):
    user = make_user()
    client.post("/sandi/", {"typed": user.username}, headers={"Host": "localhost"})
    assert "https://kla.example.go.id/sandi/" in mailoutbox[0].body
    assert "localhost" not in mailoutbox[0].body


def test_a_foreign_host_is_refused(client):
    assert (
        client.post("/sandi/", {"typed": "x"}, headers={"Host": "evil.example"}).status_code == 400
    )


def test_a_line_end_in_a_name_or_an_address_adds_nothing_to_the_head_of_a_mail(mailoutbox):
    by = make_user(Role.VERIFIKATOR)
    client = Client()
    client.force_login(by)
    agency = make_agency(by.region)
    data = {"name": "Budi\nBcc: a@b.example", "username": "budi", "role": "operator"}
    path = f"/perangkat-daerah/{agency.code}/undang/"
    wrong = data | {"email": "budi@contoh.example\nBcc: a@b.example"}
    assert client.post(path, wrong).status_code == 422
    assert client.post(path, data | {"email": "budi@contoh.example"}).status_code == 302
    [mail] = mailoutbox
    assert (mail.subject, mail.recipients()) == ("Undangan KLA Tracker", ["budi@contoh.example"])
    assert mail.message().get("Bcc") is None


def test_nobody_floods_a_mailbox(client, mailoutbox):
    user = make_user()
    for _ in range(30):
        assert reset_page(client, user.username)[0] == 200
    assert len(mailoutbox) == 10


# --- mail that does not go out ------------------------------------------------------------------


class DeadServer(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    "backend",
    ["tests.agencies.test_people.DeadServer", "django.core.mail.backends.console.EmailBackend"],
)
def test_a_mail_that_failed_is_noted_and_breaks_no_page(client, settings, backend):
    settings.EMAIL_BACKEND = backend
    agency = make_agency()
    client.force_login(make_user(Role.VERIFIKATOR, region=agency.region))
    data = {"name": "B", "email": "b@contoh.example", "username": "budi", "role": "operator"}
    response = client.post(f"/perangkat-daerah/{agency.code}/undang/", data, follow=True)
    assert response.status_code == 200
    assert "surel tidak terkirim" in response.content.decode()
    row = Invitation.objects.get(user__username="budi")
    assert (row.mailed_at, row.failed_at is not None) == (None, True)


def test_the_page_says_that_no_mail_server_is_set(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    agency = make_agency()
    client.force_login(make_user(Role.VERIFIKATOR, region=agency.region))
    page = client.get(f"/perangkat-daerah/{agency.code}/").content.decode()
    assert "Server surel belum disetel" in page
