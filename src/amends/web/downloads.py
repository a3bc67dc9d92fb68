"""A file handed out: always saved and never shown by the browser, whatever it holds."""

import logging
from typing import Final

from django.http import FileResponse

from amends.people.selectors import NotFound
from amends.recover.core.attachment import KINDS
from amends.recover.files import place_of
from amends.recover.models import Attachment

log = logging.getLogger(__name__)
HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def download(attachment: Attachment) -> FileResponse:
    """The file under its own name; whoever calls has checked that it may be seen.

    Raises:
        NotFound: it is on record but not on disk, as after a backup was put back without the folder of attachments.
    """
    place = place_of(attachment.digest)
    try:
        opened = place.open("rb")
    except FileNotFoundError:
        log.exception("attachment %s is on record, but there is no file %s", attachment.pk, place)
        raise NotFound from None
    answer = FileResponse(
        opened,
        as_attachment=True,
        filename=attachment.name,
        content_type=KINDS[attachment.kind].media_type,
    )
    for name, value in HEADERS.items():
        answer[name] = value
    return answer
