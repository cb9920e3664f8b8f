"""Every address of the platform, app by app."""

from django.urls import URLPattern, URLResolver, include, path

from config import views
from config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("find/", views.find_page, name="find"),
    path("health/", views.health, name="health"),
    path("health/web/", views.health_of_web, name="health_of_web"),
    path("favicon.ico", views.favicon),
    path("", include("accounts.urls")),
    path("", include("audit.urls")),
    path("", include("jobs.urls")),
    path("", include("catalog.urls")),
    path("", include("checks.urls")),
    path("", include("training.urls")),
    path("", include("results.urls")),
    path("", include("registry.urls")),
    path("", include("scoring.urls")),
    path("api/v1/", api.urls),
]

handler400 = "common.views.bad_request"
handler403 = "common.views.permission_denied"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"
