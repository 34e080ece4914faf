"""The common vocabulary of what happened: categories.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from triservice.toml_reader import Table


@dataclass(frozen=True)
class Category:
    """One word of the vocabulary."""

    slug: str
    label: str
    group: str


@lru_cache(maxsize=1)
def load_categories() -> dict[str, Category]:
    """Return the vocabulary: slug → Category, in the order of the file."""
    path = Path(str(resources.files("triservice.analysis.lake") / "categories.toml"))
    root = Table.read(path)
    return {
        slug: Category(slug, label, group)
        for group, entries in root.values.items()
        for slug, label in entries.items()
    }
