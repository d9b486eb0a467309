"""The room's name for Django."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "agencies"
    verbose_name = "Perangkat daerah"

    def ready(self) -> None:
        from allauth.mfa import signals  # noqa: PLC0415  (models must be ready first)

        from agencies.actions import factors  # noqa: PLC0415

        signals.authenticator_added.connect(factors.note_added, dispatch_uid="factor added")
        signals.authenticator_removed.connect(factors.note_removed, dispatch_uid="factor removed")
