"""Addresses of the room, mounted by the roof."""

from django.urls import path

from meetings.views import (
    attending,
    calling,
    comparing,
    following,
    packs,
    papers,
    planning,
    presenting,
    reminding,
    taking,
    tasks,
)

urlpatterns = [
    path("rakor/", calling.meetings, name="meetings"),
    path("rakor/panggil/", calling.call, name="meeting_call"),
    path("rakor/<int:pk>/", calling.meeting, name="meeting"),
    path("rakor/<int:pk>/ubah/", calling.change, name="meeting_change"),
    path("rakor/<int:pk>/batal/", calling.cancel, name="meeting_cancel"),
    path("rakor/<int:pk>/undangan/", papers.invitation, name="invitation_page"),
    path("rakor/<int:pk>/undangan.pdf", papers.invitation_pdf, name="invitation_pdf"),
    path("rakor/<int:pk>/rakor.ics", papers.calendar, name="meeting_calendar"),
    path("rakor/<int:pk>/tayang/", presenting.present, name="meeting_present"),
    path("rakor/<int:pk>/catatan/", packs.notes, name="meeting_notes"),
    path("rakor/<int:pk>/berkas/", packs.pack, name="meeting_pack"),
    path(
        "rakor/<int:pk>/berkas/<int:number>/<slug:kind>/", packs.pack_file, name="meeting_pack_file"
    ),
    path("rakor/<int:pk>/banding/<int:other>/", comparing.comparison, name="meeting_comparison"),
    path("rakor/<int:pk>/keputusan/", following.decide, name="meeting_decide"),
    path("rakor/<int:pk>/tutup/", following.close, name="meeting_close"),
    path("rakor/<int:pk>/hadir/", attending.attendance, name="attendance"),
    path("rakor/<int:pk>/hadir/masuk/", attending.sign, name="attendance_sign"),
    path("rakor/<int:pk>/hadir/catat/", attending.tick, name="attendance_tick"),
    path("rakor/<int:pk>/hadir/layar/", attending.wall, name="attendance_wall"),
    path("rakor/<int:pk>/hadir/cetak/", attending.paper, name="attendance_paper"),
    path("rakor/<int:pk>/hadir/<int:there>/hapus/", attending.untick, name="attendance_untick"),
    path("pengingat/", reminding.reminders, name="reminders"),
    path("pengingat/pengaturan/", reminding.set_region, name="reminders_region"),
    path("pengingat/kantor/", reminding.set_office, name="reminders_office"),
    path("pengingat/<int:pk>/kirim-lagi/", reminding.send_again, name="reminder_again"),
    path("tindak-lanjut/", following.followups, name="followups"),
    path("ekspor/<int:year>/tindak-lanjut.<slug:kind>", taking.export, name="export_followups"),
    path("tindak-lanjut/<int:pk>/", following.followup, name="followup"),
    path("tindak-lanjut/<int:pk>/tenggat/", following.change_due, name="followup_due"),
    path("tindak-lanjut/<int:pk>/<slug:name>/", following.move, name="followup_move"),
    path("rencana/<int:year>/", planning.proposals, name="proposals"),
    path("rencana/<int:year>/usulan.xlsx", planning.proposals_xlsx, name="proposals_xlsx"),
    path("rencana/<int:year>/usulan.csv", planning.proposals_csv, name="proposals_csv"),
    path("tugas/<slug:code>/", tasks.task_sheet, name="task_sheet"),
    path("tugas/<slug:code>/dibaca/", tasks.read, name="task_sheet_read"),
    path("tugas/<slug:code>/lembar-tugas.pdf", tasks.task_sheet_pdf, name="task_sheet_pdf"),
    path("tugas/<slug:code>/lembar-tugas.xlsx", tasks.task_sheet_xlsx, name="task_sheet_xlsx"),
]
