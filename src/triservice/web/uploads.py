"""What happens to files that are sent: nothing. No page takes one, so none may fill the disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler


class NoFiles(FileUploadHandler):
    """Refuse a request at the first file in it, before anything of the file is kept.

    Django's own handlers write files to disk without a limit, for whoever sends them to any page:
    the form is read to look for its token, before anybody asks who sends it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse it. Raises BadRequest."""
        raise BadRequest("No page takes a file")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep nothing; never reached."""

    def file_complete(self, file_size: int) -> None:
        """Make no file; never reached."""
