"""A file handed out: always saved and never shown by the browser, whatever it holds."""

from typing import Final

from django.http import FileResponse

from amends.recover.core.attachment import KINDS
from amends.recover.files import place_of
from amends.recover.models import Attachment

HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def download(attachment: Attachment) -> FileResponse:
    """The file under its own name; whoever calls has checked that it may be seen."""
    answer = FileResponse(
        place_of(attachment.digest).open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=KINDS[attachment.kind].media_type,
    )
    for name, value in HEADERS.items():
        answer[name] = value
    return answer
