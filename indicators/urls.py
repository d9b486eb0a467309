"""Addresses of the room, mounted by the roof."""

from django.urls import URLPattern, path

from indicators import views

urlpatterns: list[URLPattern] = [
    path("instrumen/", views.instrument, name="instrument"),
    path("instrumen/<slug:code>/", views.instrument, name="instrument_version"),
]
