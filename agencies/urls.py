"""Addresses of the room, mounted by the roof."""

from allauth.account import views as allauth_account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as apps
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from agencies.views import account, assigning, directory, signing_in

urlpatterns = [
    path("masuk/", signing_in.sign_in, name="masuk"),
    path("masuk/", signing_in.sign_in, name="account_login"),  # what django-allauth calls it
    # a second factor, and the way in through a provider: django-allauth's views, our addresses
    path("masuk/kode/", factors.authenticate, name="mfa_authenticate"),
    path("masuk/batal/", signing_in.not_signed_in, name="socialaccount_login_cancelled"),
    path(
        "masuk/lewat/<slug:provider_id>/",
        signing_in.through_provider,
        name="openid_connect_login",
    ),
    path(
        "masuk/lewat/<slug:provider_id>/kembali/",
        signing_in.from_provider,
        name="openid_connect_callback",
    ),
    path("akun/konfirmasi/", allauth_account.reauthenticate, name="account_reauthenticate"),
    path("akun/konfirmasi/kode/", factors.reauthenticate, name="mfa_reauthenticate"),
    path(
        "akun/konfirmasi/kunci/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("akun/faktor/", factors.index, name="mfa_index"),
    path("akun/faktor/aplikasi/", apps.activate_totp, name="mfa_activate_totp"),
    path("akun/faktor/aplikasi/lepas/", apps.deactivate_totp, name="mfa_deactivate_totp"),
    path("akun/faktor/cadangan/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "akun/faktor/cadangan/baru/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("akun/faktor/kunci/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("akun/faktor/kunci/tambah/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("akun/faktor/kunci/<int:pk>/lepas/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("keluar/", signing_in.sign_out, name="keluar"),
    path("sandi/", signing_in.password_reset, name="password_reset"),
    path(
        "sandi/<str:uidb64>/<str:token>/",
        signing_in.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path("undangan/<str:uidb64>/<str:token>/", signing_in.invitation, name="invitation"),
    path("akun/", account.account, name="account"),
    path("akun/sesi/<int:pk>/akhiri/", account.account_session_end, name="account_session_end"),
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
    path("pengampuan/nama/", assigning.assignments_names, name="assignments_names"),
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
