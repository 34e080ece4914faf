"""Which pages take a file, how large, and from whom; everywhere else none is kept."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from triservice.access.pages import may_open, reader_of, rule_of

BESIDE = 64 * 1024  # what a form may hold besides its file
FAR_TOO_LARGE = 2  # times the limit: refused outright; below, the form says that it is too large


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


class Files(FileUploadHandler):
    """Take files into memory, each at most `most` bytes.

    Of one that is larger, and of those beyond `several`, only the size is kept: the form says so.
    """

    def __init__(self, most: int, several: int = 1) -> None:
        """Keep the limits: bytes of one, and how many."""
        super().__init__()
        self.most, self.several, self.data, self.begun = most, several, BytesIO(), 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        """Refuse what is far too large before it is read. Raises BadRequest."""
        if content_length > FAR_TOO_LARGE * self.most * self.several + BESIDE:
            raise BadRequest("The file is far too large")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file. Raises BadRequest for a second one where a page takes one."""
        self.begun += 1
        if self.several == 1 < self.begun:
            raise BadRequest("One file at a time")
        self.data = BytesIO()
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep what is within the limits."""
        if start + len(raw_data) <= self.most and self.begun <= self.several:
            self.data.write(raw_data)
        else:
            self.data.truncate(0)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; of one that is too large or too many, an empty one of its true size."""
        self.data.seek(0)
        return InMemoryUploadedFile(
            self.data, self.field_name, self.file_name or "", self.content_type or "", file_size,
            self.charset, self.content_type_extra,
        )  # fmt: skip


class TakesFiles:
    """Let a page that declares `files` take them from who may open it, before the form is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> None:
        """Set who reads the files of the request; settings name NoFiles for every other."""
        match = request.resolver_match
        rule = rule_of(view, match.view_name if match else "")
        if rule is not None and rule.files and may_open(rule, reader_of(request)):
            request.upload_handlers = [Files(rule.files, rule.several)]
