"""Every address: pages in French at the bare path, in others under their code, the rest without."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from mapper.operations import health
from mapper.web import urls as web

handler400 = "mapper.errors.bad_request"
handler403 = "mapper.errors.permission_denied"
handler404 = "mapper.errors.page_not_found"
handler500 = "mapper.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("api/", include("mapper.api.urls")),
    *web.plain_urlpatterns,
    # One login for all staff; the admin's own would be a second door.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
    *i18n_patterns(*web.urlpatterns, prefix_default_language=False),
]
