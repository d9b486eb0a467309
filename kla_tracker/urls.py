"""Which room answers which prefix. Addresses are Indonesian and stable."""

from django.contrib import admin
from django.urls import include, path

from kla_tracker import views
from kla_tracker.history import views as history
from kla_tracker.privacy import views as privacy

urlpatterns = [
    path("", views.home, name="home"),
    path("gaya/", views.styleguide, name="styleguide"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics_page, name="metrics"),
    path("persiapan/", views.preparation, name="preparation"),
    path("status/", views.server_status, name="server_status"),
    path("status/pekerjaan/<uuid:job>/ulangi/", views.retry_job, name="retry_job"),
    path("riwayat/", history.history, name="history"),
    path("riwayat/unduh/", history.history_sheet, name="history_sheet"),
    path("data-dukung/terbatas/", privacy.openings, name="evidence_openings"),
    path("data-dukung/<int:pk>/musnahkan/", privacy.destroy, name="evidence_destroy"),
    path("", include("indicators.urls")),
    path("", include("agencies.urls")),
    path("", include("submissions.urls")),
    path("", include("reports.urls")),
    path("", include("meetings.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "kla_tracker.views.server_error"
