"""Files on a case: what is known of each; its content lies sealed in a folder (casework/files)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from triservice.access.models import Protected
from triservice.casework.models.cases import Case
from triservice.casework.models.columns import maybe_officer, officer, one_of
from triservice.casework.models.visits import Visit
from triservice.casework.words import FileKind, Scan
from triservice.kernel.words import choices


class File(Protected):
    """A file that somebody added, of the class that they chose or that its question has.

    `key` is what an answer names a photograph by. `content` is the name under which the content
    lies, `seal` its key, sealed with the secret that `secret` names. A file that is removed keeps
    this row; its content is gone within two days.
    """

    FIELDS: ClassVar[tuple[str, ...]] = ("name", "content")

    key = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="files")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="files")
    question = models.CharField(max_length=60, blank=True)  # of the visit's form
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=choices(FileKind))
    size = models.PositiveIntegerField()  # bytes, as it is kept
    sha256 = models.CharField(max_length=64)  # of the content as it came, in hex
    scan = models.CharField(max_length=12, choices=choices(Scan))
    content = models.CharField(max_length=32, unique=True)
    seal = models.TextField()
    secret = models.CharField(max_length=16, db_index=True)
    at = models.DateTimeField()
    by = officer()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = maybe_officer()

    class Meta(Protected.Meta):
        constraints = (
            one_of("kind", FileKind, "a_file_is_of_a_known_kind"),
            one_of("scan", Scan, "a_file_was_scanned_or_not"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="who_removed_a_file_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"File on case {self.case_id}"
