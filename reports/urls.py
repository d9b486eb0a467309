"""Addresses of the room, mounted by the roof."""

from django.urls import path

from reports.views import (
    closing,
    entry,
    figures,
    programmes,
    public,
    rakor,
    simulation,
    stages,
    year,
)

urlpatterns = [
    path("penilaian/", year.assessments, name="assessments"),
    path("penilaian/<int:year>/", year.dashboard, name="dashboard"),
    path("penilaian/<int:year>/pertanyaan/", year.question_list, name="question_list"),
    path("penilaian/<int:year>/tutup/", closing.close_year, name="close_year"),
    path("penilaian/<int:year>/buka-kembali/", closing.reopen_year, name="reopen_year"),
    path("penilaian/<int:year>/entri/", entry.entry, name="entry"),
    path("penilaian/<int:year>/entri/<str:code>/", entry.entry_tick, name="entry_tick"),
    path("penilaian/<int:year>/tahap/", stages.stages, name="stages"),
    path("penilaian/<int:year>/matriks/", year.matrix, name="matrix"),
    path(
        "penilaian/<int:year>/indikator/<str:code>/",
        year.indicator_report,
        name="indicator_report",
    ),
    path("penilaian/<int:year>/grafik/", figures.figures, name="figures"),
    path("penilaian/<int:year>/tahun/", figures.years, name="years"),
    path("penilaian/<int:year>/program/", programmes.programmes, name="programmes"),
    path("penilaian/<int:year>/program/rad/", programmes.action_plan, name="action_plan"),
    path("ekspor/<int:year>/rakor.xlsx", rakor.export, name="export_rakor"),
    path("ekspor/<int:year>/rad.pdf", programmes.export_plan, name="export_action_plan"),
    path("ekspor/<int:year>/program.xlsx", programmes.export, name="export_programmes"),
    path("penilaian/<int:year>/publik/", public.releasing, name="releasing"),
    path("publik/<str:region>/<int:year>/", public.page, name="public"),
    path("publik/<str:region>/<int:year>/angka.json", public.as_json_file, name="public_json"),
    path("publik/<str:region>/<int:year>/angka.csv", public.as_csv_file, name="public_csv"),
    path("simulasi/<int:year>/", simulation.simulation, name="simulation"),
    path("simulasi/<int:year>/simpan/", simulation.save, name="simulation_save"),
    path("simulasi/<int:year>/hapus/<int:pk>/", simulation.drop, name="simulation_drop"),
    path("simulasi/<int:year>/upaya/", simulation.efforts, name="efforts"),
    path("ekspor/", year.exports, name="exports"),
    path("ekspor/<int:year>/penilaian.xlsx", year.export, name="export_assessment"),
]
