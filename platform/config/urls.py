"""Every address of the platform, app by app."""

import logging
from contextlib import suppress
from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from config import views

APPS = ("accounts", "audit", "jobs", "catalog", "training", "registry", "scoring")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
]
for app in APPS:  # pending: strict once every part has landed
    try:
        urlpatterns.append(path("", include(import_module(f"{app}.urls"))))
    except ImportError as missing:
        logging.getLogger(__name__).warning("the pages of %s are not there yet: %s", app, missing)
with suppress(ImportError):
    from config.api import api

    urlpatterns.append(path("api/v1/", api.urls))

handler400 = "common.views.bad_request"
handler403 = "common.views.permission_denied"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"
