"""The room's name for Django."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "agencies"
    verbose_name = "Perangkat daerah"

    def ready(self) -> None:
        from allauth.mfa import signals  # noqa: PLC0415  (models must be ready first)
        from allauth.mfa.models import Authenticator  # noqa: PLC0415
        from django.db.models.signals import post_save  # noqa: PLC0415, TID251  (its library stores)

        from agencies.actions import factors  # noqa: PLC0415

        # allauth's own signal comes after the commit: what fell in between would leave no event.
        post_save.connect(factors.note_added, sender=Authenticator, dispatch_uid="factor added")
        signals.authenticator_removed.connect(factors.note_removed, dispatch_uid="factor removed")
