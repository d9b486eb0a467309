"""Addresses of the room, mounted by the roof."""

from django.urls import path

from submissions.views import reviewing, year

urlpatterns = [
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
]
