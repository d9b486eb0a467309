"""The request as our views see it: signed in, and aware of htmx."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from agencies.models import User


class Request(HttpRequest):
    """For annotations only: `LoginRequiredMiddleware` has seen to the user, `HtmxMiddleware` to
    `htmx`.
    """

    user: User
    htmx: HtmxDetails
