"""Every address of the platform: the apps declare theirs."""

from common.addresses import pages

urlpatterns = pages()

handler400 = "common.views.bad_request"
handler403 = "common.views.permission_denied"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"
