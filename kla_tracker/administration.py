"""The admin's site: for the administrator's role only, behind the one sign-in page."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator


class Site(AdminSite):
    """No door of its own: `/masuk/` throttles, and asks for a second factor one day."""

    site_header = "Administrasi KLA Tracker"
    site_title = "Administrasi KLA Tracker"
    index_title = "Data dasar"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """The role decides, never `is_staff`."""
        return bool(request.user.is_active and request.user.has_perm("agencies.use_admin"))

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send on to the sign-in page; a POST here does nothing. Other roles are refused."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The admin's own button leads to the account, which has the one way out."""
        return redirect("account")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account")
