"""Addresses of the room, mounted by the roof."""

from django.urls import path

from reports import views

urlpatterns = [
    path("penilaian/", views.assessments, name="assessments"),
    path("penilaian/<int:year>/", views.dashboard, name="dashboard"),
    path("penilaian/<int:year>/pertanyaan/", views.question_list, name="question_list"),
    path("penilaian/<int:year>/matriks/", views.matrix, name="matrix"),
    path(
        "penilaian/<int:year>/indikator/<str:code>/",
        views.indicator_report,
        name="indicator_report",
    ),
    path("ekspor/", views.exports, name="exports"),
    path("ekspor/<int:year>/penilaian.xlsx", views.export, name="export_assessment"),
]
