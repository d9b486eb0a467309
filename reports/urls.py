"""Addresses of the room, mounted by the roof."""

from django.urls import path

from reports.views import closing, figures, year

urlpatterns = [
    path("penilaian/", year.assessments, name="assessments"),
    path("penilaian/<int:year>/", year.dashboard, name="dashboard"),
    path("penilaian/<int:year>/pertanyaan/", year.question_list, name="question_list"),
    path("penilaian/<int:year>/tutup/", closing.close_year, name="close_year"),
    path("penilaian/<int:year>/buka-kembali/", closing.reopen_year, name="reopen_year"),
    path("penilaian/<int:year>/matriks/", year.matrix, name="matrix"),
    path(
        "penilaian/<int:year>/indikator/<str:code>/",
        year.indicator_report,
        name="indicator_report",
    ),
    path("penilaian/<int:year>/grafik/", figures.figures, name="figures"),
    path("penilaian/<int:year>/tahun/", figures.years, name="years"),
    path("ekspor/", year.exports, name="exports"),
    path("ekspor/<int:year>/penilaian.xlsx", year.export, name="export_assessment"),
]
