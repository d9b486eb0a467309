"""Addresses of the room, mounted by the roof."""

from django.urls import path

from submissions.views import (
    answering,
    areas,
    arranging,
    asking,
    carrying,
    evidence,
    evidence_page,
    history,
    library,
    partnerships,
    pasting,
    registers,
    reviewing,
    stages,
    ticking,
    uploads,
    workbook,
    year,
)

urlpatterns = [
    # answering and evidence
    path("isian/", answering.work, name="work"),
    path("isian/impor/", workbook.work_import, name="work_import"),
    path("isian/buku-kerja.xlsx", workbook.work_sheet, name="work_sheet"),
    path("isian/<int:pk>/", answering.work_form, name="work_form"),
    path("isian/<int:pk>/ajukan/", answering.work_submit, name="work_submit"),
    path("isian/<int:pk>/tarik/", answering.work_withdraw, name="work_withdraw"),
    path("isian/<int:pk>/<int:response>/", answering.work_answer, name="work_answer"),
    path("isian/<int:pk>/<int:response>/data-dukung/", evidence.attach, name="work_attach"),
    path(
        "isian/<int:pk>/<int:response>/data-dukung/<int:link>/lepas/",
        evidence.detach,
        name="work_detach",
    ),
    path("isian/<int:pk>/<int:response>/ambil/", answering.work_take, name="work_take"),
    # what a lead asks of a support
    path("isian/<int:pk>/<int:response>/permintaan/", asking.work_requests, name="work_requests"),
    path("permintaan/<int:pk>/", asking.help_request, name="help_request"),
    # last year as a start
    path("isian/tahun-lalu/", carrying.carry_office, name="carry_office"),
    path("isian/<int:pk>/tahun-lalu/", carrying.carry_form, name="carry_form"),
    path("isian/<int:pk>/<int:response>/unggahan/", uploads.work_uploads, name="work_uploads"),
    path("unggahan/<uuid:token>/", uploads.upload, name="upload"),
    path("data-dukung/<int:pk>/", evidence.evidence, name="evidence"),
    path("data-dukung/<int:pk>/pemakaian/", evidence_page.evidence_page, name="evidence_page"),
    path("data-dukung/<int:pk>/gambar/", evidence.picture, name="evidence_picture"),
    path("data-dukung/<int:pk>/versi/", evidence_page.evidence_replace, name="evidence_replace"),
    path(
        "data-dukung/<int:pk>/terbatas/", evidence_page.evidence_restrict, name="evidence_restrict"
    ),
    path("data-dukung/<int:pk>/hapus/", evidence_page.evidence_discard, name="evidence_discard"),
    # the evidence library
    path("data-dukung/", library.evidence_list, name="evidence_list"),
    # kecamatan and kelurahan
    path("wilayah/<int:year>/", areas.areas, name="areas"),
    path("wilayah/<int:year>/<str:code>/", areas.area_question, name="area_question"),
    # reviewing and the year
    path("verifikasi/", reviewing.queue, name="review_queue"),
    path("verifikasi/tenggat/", year.due_dates, name="review_due"),
    path("verifikasi/<int:pk>/", reviewing.review, name="review"),
    path("verifikasi/<int:pk>/draf/", reviewing.draft, name="review_draft"),
    path("verifikasi/<int:pk>/batal/", reviewing.undo, name="review_undo"),
    path("verifikasi/<int:pk>/kosong/", reviewing.return_empty, name="review_return_empty"),
    path("verifikasi/<int:pk>/selesai/", reviewing.finish, name="review_finish"),
    path("verifikasi/<int:pk>/buka-kembali/", reviewing.reopen, name="review_reopen"),
    path("penilaian/buka/", year.open_year, name="open_year"),
    # who answers within a year
    path("penilaian/<int:year>/pengampuan/", arranging.arrange_list, name="arrange_list"),
    path("penilaian/<int:year>/pengampuan/<str:code>/", arranging.arrange, name="arrange"),
    path(
        "penilaian/<int:year>/pengampuan/<str:code>/alihkan/",
        arranging.arrange_move,
        name="arrange_move",
    ),
    path(
        "penilaian/<int:year>/pengampuan/<str:code>/lepas/",
        arranging.arrange_take,
        name="arrange_take",
    ),
    # what stages outside gave
    path("penilaian/<int:year>/tahap/impor/", stages.stage_import, name="stage_import"),
    path("penilaian/<int:year>/tahap/<int:pk>/", stages.stage_edit, name="stage_edit"),
    path("penilaian/<int:year>/tahap/<int:pk>/hapus/", stages.stage_remove, name="stage_remove"),
    # registers
    path("isian/<int:pk>/<int:response>/baris/", ticking.work_rows, name="work_rows"),
    path("isian/<int:pk>/<int:response>/riwayat/", history.work_history, name="work_history"),
    path("kemitraan/", partnerships.partnerships, name="partnerships"),
    path("daftar-induk/", registers.registers, name="registers"),
    path("daftar-induk/<slug:code>/", registers.register, name="register"),
    path("daftar-induk/<slug:code>/tempel/", pasting.register_paste, name="register_paste"),
    path("daftar-induk/<slug:code>/unduh/", registers.register_sheet_file, name="register_sheet"),
    path("daftar-induk/<slug:code>/<int:pk>/", registers.register_row, name="register_row"),
    path(
        "daftar-induk/<slug:code>/<int:pk>/hapus/",
        registers.register_retire,
        name="register_retire",
    ),
    path(
        "daftar-induk/<slug:code>/<int:pk>/data-dukung/",
        registers.register_evidence,
        name="register_evidence",
    ),
    path(
        "daftar-induk/<slug:code>/<int:pk>/unggahan/",
        uploads.register_uploads,
        name="register_uploads",
    ),
    path(
        "daftar-induk/<slug:code>/<int:pk>/data-dukung/<int:link>/lepas/",
        registers.register_detach,
        name="register_detach",
    ),
]
