"""Bad input gets a sentence: what was wrong, where, what was kept, what to do."""

from __future__ import annotations

from pathlib import Path


class InputError(ValueError):
    """Input that cannot be used, said as one or more whole sentences.

    >>> str(InputError("is not a number", file="a.csv", row=3, field="easting", do="Correct it."))
    'a.csv, row 3, field easting: is not a number. Correct it.'
    """

    def __init__(
        self,
        what: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        field: str | None = None,
        kept: str | None = None,
        do: str | None = None,
    ) -> None:
        """Say `what` is wrong; `kept` and `do` are sentences of their own."""
        self.what, self.file, self.row, self.field, self.kept, self.do = (
            what,
            file,
            row,
            field,
            kept,
            do,
        )
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        places = [
            str(self.file) if self.file is not None else None,
            f"row {self.row:,}" if self.row is not None else None,
            f"field {self.field}" if self.field is not None else None,
        ]
        where = ", ".join(place for place in places if place)
        said = f"{where}: {self.what}" if where else self.what
        sentences = [said, self.kept, self.do]
        return " ".join(s if s.endswith((".", "?", "!")) else f"{s}." for s in sentences if s)


class Already(InputError):
    """What was asked for is so already: asked again by a program, that is no fault."""
