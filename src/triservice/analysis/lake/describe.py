"""Proposing a mapping from a sample of a file."""

from pathlib import Path


def describe_file(path: Path) -> str:
    """Return a proposed mapping as TOML."""
    raise NotImplementedError
