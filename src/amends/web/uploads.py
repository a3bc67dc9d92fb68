"""Files that come with forms: a bound on the whole of a request, before a byte of it is kept, and the files read."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from amends.recover.core.attachment import LARGEST_FILE

LARGEST_REQUEST: Final = 4 * LARGEST_FILE  # so that a file somewhat too large is refused in words
MOST_AT_ONCE: Final = 5


class Bounded(FileUploadHandler):
    """Refuses forms larger than any that we offer, and counts what really comes."""

    came = 0  # bytes

    def handle_raw_input(self, *given: Any, **more: Any) -> None:
        """Before anything is read: what the request says of its length is `given[2]`."""
        if (more.get("content_length") or given[2]) > LARGEST_REQUEST:
            raise RequestDataTooBig("The files of this form are larger than this server takes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 -- the handlers' form
        """Hand on to the handlers that keep it."""
        self.came += len(raw_data)
        if self.came > LARGEST_REQUEST:
            raise RequestDataTooBig("The files of this form are larger than this server takes.")
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 -- the handlers' form
        """The others make the file."""
        return


def bytes_of(upload: UploadedFile) -> bytes:
    """A file's bytes, but not more of them than show that it is too large."""
    return bytes(upload.read(LARGEST_FILE + 1))
