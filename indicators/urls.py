"""Addresses of the room, mounted by the roof."""

from django.urls import URLPattern, path

from indicators.views import browsing, versions, workbook

urlpatterns: list[URLPattern] = [
    path("instrumen/", browsing.instrument, name="instrument"),
    path("instrumen/versi/", versions.versions, name="instrument_versions"),
    path("instrumen/versi/pemetaan/", versions.mapping, name="instrument_mapping"),
    path("instrumen/versi/impor/", workbook.instrument_import, name="instrument_import"),
    path("instrumen/<slug:code>/", browsing.instrument, name="instrument_version"),
    path(
        "instrumen/<slug:code>/buku-kerja.xlsx", workbook.instrument_sheet, name="instrument_sheet"
    ),
    path("instrumen/<slug:code>/terbitkan/", versions.publish, name="instrument_publish"),
]
