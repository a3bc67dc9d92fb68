"""All addresses: the console at the root, the customers' pages, the machines' API, signing in, and the probes."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from amends.web.api.application import api, reference
from amends.web.api.streams import document, streams
from amends.web.probes import healthz, metrics, readyz
from amends.web.sign_in import password_reset, sign_in_link


def _not_offered(_request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/link/<str:token>/", sign_in_link, name="sign_in_link"),
    path("accounts/email/", _not_offered),  # an administrator looks after addresses, not their owner
    path("accounts/password/reset/", password_reset),  # allauth's own, where mail is sent
    path("accounts/", include("allauth.urls")),
    path("api/v1/docs", reference, name="api_reference"),
    path("api/v1/streams", streams, name="api_streams"),
    path("api/v1/asyncapi.json", document),
    path("api/v1/", api.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("mine/", include("amends.web.portal.urls")),
    path("", include("amends.web.console.urls")),
]

handler400 = "amends.web.console.views.doors.bad_request"
handler403 = "amends.web.console.views.doors.permission_denied"
handler404 = "amends.web.console.views.doors.page_not_found"
handler429 = "amends.web.console.views.doors.too_many_requests"
handler500 = "amends.web.console.views.doors.server_error"
