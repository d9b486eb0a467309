"""Addresses of the room, mounted by the roof."""

from django.urls import path

from agencies.views import account, assigning, directory, signing_in

urlpatterns = [
    path("masuk/", signing_in.sign_in, name="masuk"),
    path("keluar/", signing_in.sign_out, name="keluar"),
    path("sandi/", signing_in.password_reset, name="password_reset"),
    path(
        "sandi/<str:uidb64>/<str:token>/",
        signing_in.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path("undangan/<str:uidb64>/<str:token>/", signing_in.invitation, name="invitation"),
    path("akun/", account.account, name="account"),
    path("akun/data/", account.account_own, name="account_own"),
    path("akun/sandi/", account.account_password, name="account_password"),
    path(
        "akun/keluar-semua/",
        account.account_sign_out_everywhere,
        name="account_sign_out_everywhere",
    ),
    path("perangkat-daerah/", directory.agencies, name="agencies"),
    path("perangkat-daerah/<slug:code>/", directory.agency, name="agency"),
    path("perangkat-daerah/<slug:code>/undang/", directory.agency_invite, name="agency_invite"),
    path(
        "perangkat-daerah/<slug:code>/orang/<int:pk>/undang-lagi/",
        directory.agency_invite_again,
        name="agency_invite_again",
    ),
    path(
        "perangkat-daerah/<slug:code>/orang/<int:pk>/nonaktifkan/",
        directory.agency_retire_user,
        name="agency_retire_user",
    ),
    path("pengampuan/", assigning.assignments, name="assignments"),
    path("pengampuan/bagi/", assigning.assignments_standing, name="assignments_standing"),
    path(
        "pengampuan/indikator/<str:code>/",
        assigning.assignments_indicator,
        name="assignments_indicator",
    ),
    path(
        "pengampuan/pertanyaan/<str:code>/",
        assigning.assignments_question,
        name="assignments_question",
    ),
    path(
        "pengampuan/pertanyaan/<str:code>/lepas/",
        assigning.assignments_unassign,
        name="assignments_unassign",
    ),
]
