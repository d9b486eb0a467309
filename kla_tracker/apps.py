"""The roof as an app, for its commands and for the triggers that no migration may drop."""

from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


def install_triggers(*, using: str, **_: Any) -> None:
    """After every migration: on SQLite a changed table loses its triggers without a word."""
    from kla_tracker import triggers  # noqa: PLC0415  (settings must be ready first)

    triggers.install(connections[using])


def loosen_triggers(*, using: str, plan: Any = (), **_: Any) -> None:
    """Before a migration that does something."""
    from kla_tracker import triggers  # noqa: PLC0415  (settings must be ready first)

    if plan:
        triggers.loosen(connections[using])


class RoofConfig(AppConfig):
    default = True
    name = "kla_tracker"
    verbose_name = "KLA Tracker"

    def ready(self) -> None:
        from allauth.mfa import signals as factors  # noqa: PLC0415
        from django.apps import apps  # noqa: PLC0415
        from django.contrib.auth import signals  # noqa: PLC0415
        from django.core import checks  # noqa: PLC0415

        from kla_tracker import watching  # noqa: PLC0415
        from kla_tracker.checks import real_server  # noqa: PLC0415  (models must be ready)

        checks.register(real_server, checks.Tags.security, deploy=True)

        signals.user_logged_in.connect(watching.signed_in, dispatch_uid="doors: in")
        signals.user_login_failed.connect(watching.not_let_in, dispatch_uid="doors: refused")
        factors.authentication_failed.connect(watching.wrong_code, dispatch_uid="doors: code")
        signals.user_logged_out.connect(watching.signed_out, dispatch_uid="doors: out")

        pre_migrate.connect(
            loosen_triggers,
            sender=apps.get_app_config("submissions"),
            dispatch_uid="kla_tracker.loosen_triggers",
        )
        post_migrate.connect(
            install_triggers,
            sender=apps.get_app_config("submissions"),
            dispatch_uid="kla_tracker.install_triggers",
        )


class AdminConfig(admin_apps.AdminConfig):
    """The admin for the administrator's role, without a sign-in page of its own."""

    default = False
    default_site = "kla_tracker.administration.Site"
