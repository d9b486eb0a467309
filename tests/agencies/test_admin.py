"""The admin: one role, no door of its own, no passwords, the own region, and sheets."""

import ast
import gettext
import io
import re
from pathlib import Path

import openpyxl
import pytest
import tablib
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, Assignment, Award, Change, Invitation, Region, User
from agencies.resources import AgencyResource, AssignmentResource, UserResource
from agencies.roles import Role
from indicators.resources.problems import SheetError
from indicators.resources.tables import read_sheet
from indicators.resources.writing import to_xlsx
from tests.factories import (
    PASSWORD,
    assign,
    make_agency,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
MODELS = ("region", "award", "agency", "user", "assignment", "change")


@pytest.fixture
def administrator(client):
    user = make_user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


# --- the door -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/admin/", "/admin/login/", "/admin/agencies/user/"])
def test_who_is_not_signed_in_goes_to_the_one_sign_in_page(client, page):
    assert client.get(page, follow=True).redirect_chain[-1][0].startswith("/masuk/?next=")


def test_the_admins_own_sign_in_takes_no_password(client):
    user = make_user(Role.ADMINISTRATOR)
    data = {"username": user.username, "password": PASSWORD}
    assert client.post("/admin/login/", data)["Location"].startswith("/masuk/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VERIFIKATOR, Role.PIMPINAN])
@pytest.mark.parametrize("flag", ["none", "is_staff", "is_superuser"])
def test_other_roles_do_not_get_in_whatever_their_flags(client, role, flag):
    if flag == "is_superuser":
        return_of = {"is_staff": True}
    else:
        return_of = {flag: True} if flag != "none" else {}
    client.force_login(make_user(role, **return_of))
    for name in MODELS:
        page = reverse(f"admin:agencies_{name}_changelist")
        assert client.get(page, follow=True).status_code == 403


def test_an_administrator_sees_every_desk(client, administrator):
    for name in MODELS:
        assert client.get(reverse(f"admin:agencies_{name}_changelist")).status_code == 200
    assert client.get("/admin/").status_code == 200


DESKS = {Region: "cv", Award: "acdv", Agency: "acv", User: "acv", Assignment: "v", Change: "v"}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("model", DESKS)
def test_what_a_role_may_do_at_a_desk(rf, model, role):
    request = rf.get("/")
    request.user = make_user(role)
    desk = admin.site._registry[model]
    may = {
        "a": desk.has_add_permission(request),
        "c": desk.has_change_permission(request),
        "d": desk.has_delete_permission(request),
        "v": desk.has_view_permission(request),
    }
    expected = DESKS[model] if role is Role.ADMINISTRATOR else ""
    assert "".join(letter for letter, yes in may.items() if yes) == expected


@pytest.mark.parametrize("name", ["agency", "user", "award"])
def test_another_region_is_not_there(client, administrator, name):
    foreign = make_agency()
    rows = {
        "agency": foreign,
        "user": make_user(agency=foreign),
        "award": Award.objects.create(region=foreign.region, year=2020, category="Madya"),
    }
    change = reverse(f"admin:agencies_{name}_change", args=[rows[name].pk])
    assert client.get(change)["Location"] == "/admin/"
    listed = client.get(reverse(f"admin:agencies_{name}_changelist"))
    assert rows[name] not in listed.context["cl"].queryset


# --- people -------------------------------------------------------------------------------------


def person(user, **changes):
    facts = {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "region": user.region_id or "",
        "agency": user.agency_id or "",
    }
    return facts | ({"is_active": "on"} if user.is_active else {}) | changes


def test_nobody_sees_or_sets_a_password_or_a_flag_here(client, administrator):
    user = make_user(region=administrator.region)
    page = reverse("admin:agencies_user_change", args=[user.pk])
    assert user.password not in client.get(page).content.decode()
    before = User.objects.filter(pk=user.pk).values().get()
    extra = {"password": "x", "is_staff": "on", "is_superuser": "on", "session_epoch": "9"}
    client.post(page, person(user, username="lain", name="Nama Baru", **extra))
    after = User.objects.filter(pk=user.pk).values().get()
    assert {key for key in before if before[key] != after[key]} == {"name"}


def test_a_new_person_is_invited_by_mail(client, administrator, mailoutbox):
    office = make_agency(administrator.region)
    data = {
        "username": "Budi",
        "name": "Budi",
        "email": "budi@contoh.example",
        "role": "operator",
        "region": office.region_id,
        "agency": office.pk,
    }
    assert client.post(reverse("admin:agencies_user_add"), data).status_code == 302
    made = User.objects.get(username="budi")
    assert (made.has_usable_password(), made.agency, made.is_staff) == (False, office, False)
    assert [mail.to for mail in mailoutbox] == [["budi@contoh.example"]]


def test_an_operator_without_an_office_is_refused_in_indonesian(client, administrator):
    user = make_user(region=administrator.region)
    page = reverse("admin:agencies_user_change", args=[user.pk])
    response = client.post(page, person(user, agency=""))
    assert "Operator harus punya perangkat daerah." in response.content.decode()


def test_an_administrator_does_not_demote_themselves(client, administrator):
    page = reverse("admin:agencies_user_change", args=[administrator.pk])
    response = client.post(page, person(administrator, role="pimpinan"))
    assert response.status_code == 200
    administrator.refresh_from_db()
    assert administrator.role == "administrator"


def test_moving_a_person_is_kept_in_the_history(client, administrator):
    user, office = make_user(region=administrator.region), make_agency(administrator.region)
    page = reverse("admin:agencies_user_change", args=[user.pk])
    assert client.post(page, person(user, agency=office.pk)).status_code == 302
    data = Change.objects.get(verb="change_user").data
    assert (data["before"]["agency"], data["after"]["agency"]) == (user.agency_id, office.pk)


def test_people_and_agencies_are_retired_and_not_deleted(client, administrator):
    office = make_agency(administrator.region)
    user = make_user(agency=office)
    for name, row in (("user", user), ("agency", office)):
        assert (
            client.post(
                reverse(f"admin:agencies_{name}_delete", args=[row.pk]), {"post": "yes"}
            ).status_code
            == 403
        )
        client.post(
            reverse(f"admin:agencies_{name}_changelist"),
            {"action": "retire", "_selected_action": [row.pk]},
        )
        row.refresh_from_db()
    assert (user.is_active, office.retired_at is not None) == (False, True)


def test_an_office_that_was_retired_by_mistake_is_used_again_and_a_merged_one_is_not(
    client, administrator
):
    region = administrator.region
    retired = make_agency(region, retired_at=timezone.now())
    merged = make_agency(region, retired_at=timezone.now(), merged_into=make_agency(region))
    desk = reverse("admin:agencies_agency_changelist")
    sent = {"action": "use_again", "_selected_action": [retired.pk, merged.pk]}
    told = client.post(desk, sent, follow=True).content.decode()
    assert f"{merged} sudah dilebur, jadi tidak dapat dipakai lagi." in told
    for row in (retired, merged):
        row.refresh_from_db()
    assert (retired.retired_at, merged.retired_at is None) == (None, False)
    assert Change.objects.get().data == {
        "row": "Agency", "pk": retired.pk, "changed": ["retired_at"],
    }  # fmt: skip


# --- sheets -------------------------------------------------------------------------------------


def sheets():
    """A resource each, with rows whose texts a spreadsheet would take for formulas."""
    region = make_region(code="32.77")
    kec = make_agency(region, code="kec-a", name="=1+1", kind="kecamatan")
    kel = make_agency(region, code="kel-b", name="@SUM(A1)", kind="kelurahan", parent=kec)
    make_user(agency=kel, name="-2+3", username="siti")
    make_user(Role.PIMPINAN, region=region, username="ketua", name="+62")
    indicator = make_indicator(make_instrument())
    assign(make_question(indicator, code="26.10"), kec, "support")
    assign(make_question(indicator, code="26.1", level="kelurahan"), kel, "area")
    publish(indicator.instrument)
    return {"agency": AgencyResource(), "user": UserResource(), "assignment": AssignmentResource()}


def table(model):
    return list(model.objects.order_by("pk").values())


@pytest.mark.parametrize("name", ["agency", "user", "assignment"])
def test_what_goes_out_comes_in_unchanged(name):
    resource = sheets()[name]
    model = resource._meta.model
    before, out = table(model), resource.sheet()
    back = read_sheet(to_xlsx(out, title="Data"))
    outcome = resource.load(back)
    assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, len(before))
    assert table(model) == before
    assert resource.sheet().dict == out.dict


@pytest.mark.parametrize(
    ("name", "column", "value", "sentence"),
    [
        ("agency", "jenis", "Partai", "harus salah satu dari"),
        ("agency", "nama", "#VALUE!", "adalah galat rumus"),
        ("user", "peran", "Raja", "harus salah satu dari"),
        ("user", "perangkat daerah", "tidak-ada", "tidak ada dalam data."),
        ("assignment", "pertanyaan", "99.9", "tidak ada dalam data."),
        ("assignment", "tugas", "Penanggung jawab", "pertanyaan wilayah tidak punya"),
    ],
)
def test_one_bad_row_keeps_the_whole_sheet_out(name, column, value, sentence):
    resource = sheets()[name]
    model = resource._meta.model
    before, out = table(model), resource.sheet()
    rows = [dict(row) for row in out.dict]
    text = "nama" if "nama" in rows[0] else "tugas"
    rows[0][text] = "Nama Lain" if text == "nama" else "Pendukung"
    rows[-1][column] = value
    bad = tablib.Dataset(*[list(row.values()) for row in rows], headers=out.headers)
    with pytest.raises(SheetError) as refused:
        resource.load(bad)
    assert f"Baris {len(rows) + 1}, kolom {column}" in str(refused.value)
    assert sentence in str(refused.value)
    assert table(model) == before
    assert Change.objects.count() == 0


def test_a_sheet_of_people_has_no_password():
    headings = sheets()["user"].headings()
    assert headings == [
        "nama pengguna", "nama", "surel", "peran", "wilayah", "perangkat daerah", "aktif",
    ]  # fmt: skip


def test_new_people_of_a_sheet_are_invited_and_have_no_password():
    resource = sheets()["user"]
    row = ["budi", "Budi", "b@contoh.example", "Operator", "32.77", "kel-b", "Ya"]
    outcome = resource.load(tablib.Dataset(row, headers=resource.headings()))
    made = User.objects.get(username="budi")
    assert (outcome.created, made.has_usable_password()) == (1, False)
    assert Invitation.objects.get(user=made).mailed_at is None
    assert Change.objects.get().data == {"row": "User", "pk": made.pk, "sheet": True}


@pytest.mark.parametrize(
    ("role", "region", "sentence"),
    [
        ("Operator", "32.77", None),
        ("Operator", "11.11", "Baris ini di luar wilayah Anda."),
        ("Administrator", "", "Baris ini di luar wilayah Anda."),
    ],
)
def test_an_administrator_of_a_region_loads_only_its_people(role, region, sentence):
    resource = sheets()["user"]
    by = make_user(Role.ADMINISTRATOR, region=Region.objects.get(code="32.77"))
    make_agency(make_region(code="11.11"), code="kel-b")
    office = "kel-b" if region else ""
    row = ["budi", "Budi", "b@contoh.example", role, region, office, "Ya"]
    sheet = tablib.Dataset(row, headers=resource.headings())
    if sentence is None:
        assert resource.load(sheet, by=by).created == 1
        return
    with pytest.raises(SheetError, match=sentence):
        resource.load(sheet, by=by)
    assert not User.objects.filter(username="budi").exists()


def test_the_admin_exports_text_as_text(client, administrator):
    make_agency(administrator.region, name="=1+1")
    resource = AgencyResource()
    data = {"format": "0", "resource": "0"} | {
        f"agencyresource_{name}": "on" for name in resource.fields
    }
    response = client.post(reverse("admin:agencies_agency_export"), data)
    assert response.status_code == 200
    page = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cells = [cell for row in page.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    name = f"perangkat-daerah-{timezone.localdate()}.xlsx"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    told = Change.objects.get(verb="export")
    assert (told.by, told.region, told.data) == (
        administrator, administrator.region, {"sheet": name},
    )  # fmt: skip


def test_the_admin_imports_after_a_preview(client, administrator):
    resource = AgencyResource()
    row = [administrator.region.code, "dlh", "Dinas Lingkungan", "Perangkat daerah", "", "Tidak"]
    content = to_xlsx(tablib.Dataset(row, headers=resource.headings()), title="Data")
    upload = SimpleUploadedFile("pd.xlsx", content)
    page = reverse("admin:agencies_agency_import")
    preview = client.post(page, {"import_file": upload, "format": "0", "resource": "0"})
    assert preview.status_code == 200
    assert not Agency.objects.filter(code="dlh").exists()
    confirm = preview.context["confirm_form"].initial
    client.post(reverse("admin:agencies_agency_process_import"), confirm)
    assert Agency.objects.get(code="dlh").name == "Dinas Lingkungan"
    assert Change.objects.get().by == administrator


# --- in Indonesian, and within the policy of the site -------------------------------------------

CATALOG = ROOT / "kla_tracker" / "locale" / "id" / "LC_MESSAGES"
TEXT = r'((?:"(?:[^"\\]|\\.)*"\n)+)'


def said(quoted):
    return "".join(ast.literal_eval(each) for each in quoted.splitlines())


def test_the_compiled_catalog_says_what_its_source_says():
    source = (CATALOG / "django.po").read_text("utf-8")
    with (CATALOG / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    pairs = re.findall(rf"msgid {TEXT}(?:msgid_plural {TEXT})?msgstr(?:\[0\])? {TEXT}", source)
    assert len(pairs) > 30
    for one, many, text in pairs[1:]:
        told = compiled.ngettext(said(one), said(many), 1) if many else compiled.gettext(said(one))
        assert told == said(text)


def test_every_title_of_a_desk_was_given_and_is_not_the_name_in_the_code():
    """A field without words of its own is shown by its English name."""
    rooms = {"agencies", "indicators", "submissions"}
    bare = []
    for model, desk in admin.site._registry.items():
        names = [each.name for each in model._meta.fields if each.name != "id"]
        if model._meta.app_label in rooms:
            bare += [
                (model.__name__, name)
                for name in {*names, *desk.list_display}
                if label_for_field(name, model, desk).lower() == name.replace("_", " ")
            ]
    assert bare == []


@pytest.mark.parametrize("name", ["agency", "user", "assignment"])
@pytest.mark.parametrize("page", ["import", "export"])
def test_sheets_go_in_and_out_in_indonesian_and_without_inline_scripts(
    client, administrator, name, page
):
    shown = client.get(reverse(f"admin:agencies_{name}_{page}")).content.decode()
    main = shown[shown.index('id="content"') :]
    assert [word for word in (" style=", "onchange=", "onclick=", "<script>") if word in main] == []
    english = ("importer will", "exporter will", ">Submit", '"Submit"', "File to import", "Select")
    assert [word for word in english if word in main] == []
    assert {"import": "Kolom yang diimpor", "export": "Kolom yang diekspor"}[page] in main


def test_the_form_of_a_person_speaks_good_indonesian(client, administrator):
    address = reverse("admin:agencies_user_add")
    assert "Paling banyak 150 karakter" in client.get(address).content.decode()
    assert "Perbaiki kesalahan di bawah ini." in client.post(address, {}).content.decode()
