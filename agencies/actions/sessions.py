"""Where somebody is signed in: the list that its owner reads, and the end of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from agencies.models import User

# The first that is found: every browser calls itself Mozilla, and most call themselves Safari.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS", "Mac"), ("Linux", "Linux")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One session as its owner knows it again."""

    pk: int
    device: str
    address: str
    since: datetime
    current: bool


def device_of(agent: str) -> str:
    """Chrome di Windows; what cannot be told is said so."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "Peramban")
    system = next((name for mark, name in SYSTEMS if mark in agent), "perangkat lain")
    return f"{browser} di {system}"


def of(user: User, current: str) -> list[Place]:
    """The sessions that still live, newest first. Two queries."""
    found = list(UserSession.objects.filter(user=user).order_by("-created_at"))
    keys = [each.session_key for each in found]
    living = set(Session.objects.filter(session_key__in=keys).values_list("session_key", flat=True))
    return [
        Place(
            each.pk,
            device_of(each.user_agent),
            each.ip,
            each.created_at,
            each.session_key == current,
        )
        for each in found
        if each.session_key in living
    ]


def end(user: User, pk: int) -> bool:
    """End one of the user's own; False if it is no more, or never was."""
    found = UserSession.objects.filter(user=user, pk=pk).first()
    if found is None:
        return False
    found.end()
    return True
