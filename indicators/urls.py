"""Addresses of the room, mounted by the roof."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
