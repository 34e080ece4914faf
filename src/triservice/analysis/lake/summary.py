"""What an import did: counts that add up, and what a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from triservice.analysis.lake.breaks import Break, Gap, series_of, unusual
from triservice.analysis.lake.finding import Found
from triservice.analysis.lake.store import ImportRecord, Lake


@dataclass
class FileResult:
    """One file: imported, already imported or refused."""

    file: str
    status: str
    record: ImportRecord | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what happened to the file."""
        answer: dict[str, Any] = {"file": self.file, "status": self.status}
        if self.reason:
            answer["reason"] = self.reason
        if self.record:
            record = self.record
            answer |= {
                "import_id": record.import_id,
                "rows_read": record.rows_read,
                "accepted": record.accepted,
                "quarantined": record.quarantined,
                "duplicates": record.duplicates,
                "first": record.first,
                "last": record.last,
            }
        return answer


@dataclass
class ImportSummary:
    """The sums over the files that were imported by this run.

    rows_read = accepted + sum(quarantined) + duplicates, always.
    """

    source: str
    files: int
    rows_read: int
    accepted: int
    quarantined: dict[str, int]
    duplicates: int
    months: list[str]
    without_coordinates: int
    outside: int
    kept_aside: dict[str, int]
    unmapped_categories: dict[str, int]
    month_counts: dict[str, dict[str, int]]
    breaks: list[Break]
    missing_months: list[Gap]
    per_file: list[FileResult]
    ignored: dict[str, str]
    swept: list[str] = field(default_factory=list)

    def of(self, status: str) -> list[FileResult]:
        """Return the files of one status."""
        return [result for result in self.per_file if result.status == status]

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain values, keys settled."""
        return {
            "source": self.source,
            "files": self.files,
            "rows_read": self.rows_read,
            "accepted": self.accepted,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "months": self.months,
            "without_coordinates": self.without_coordinates,
            "outside": self.outside,
            "kept_aside": self.kept_aside,
            "unmapped_categories": self.unmapped_categories,
            "month_counts": self.month_counts,
            "already_imported": [result.file for result in self.of("already imported")],
            "refused": {result.file: result.reason for result in self.of("refused")},
            "ignored": self.ignored,
            "breaks": [found.as_json() for found in self.breaks],
            "missing_months": [gap.as_json() for gap in self.missing_months],
            "per_file": [result.as_json() for result in self.per_file],
        }


def summarise(
    lake: Lake, source: str, results: list[FileResult], found: Found, swept: Sequence[str]
) -> ImportSummary:
    """Add up the files; look for breaks in the whole series of the source in the lake."""
    new = [r.record for r in results if r.status == "imported" and r.record]
    month_counts: dict[str, Counter[str]] = {}
    for record in new:
        for service, months in record.months.items():
            month_counts.setdefault(service, Counter()).update(months)
    breaks, gaps = unusual(series_of(lake.imports(), source))
    return ImportSummary(
        source=source,
        files=len(results),
        rows_read=sum(r.rows_read for r in new),
        accepted=sum(r.accepted for r in new),
        quarantined=_added(r.quarantined for r in new),
        duplicates=sum(r.duplicates for r in new),
        months=sorted({month for counts in month_counts.values() for month in counts}),
        without_coordinates=sum(r.without_coordinates for r in new),
        outside=sum(r.outside for r in new),
        kept_aside=_added(r.kept for r in new),
        unmapped_categories=_added(r.unmapped for r in new),
        month_counts={s: dict(sorted(c.items())) for s, c in sorted(month_counts.items())},
        breaks=breaks,
        missing_months=gaps,
        per_file=results,
        ignored=found.ignored,
        swept=list(swept),
    )


def _added(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total.most_common())
