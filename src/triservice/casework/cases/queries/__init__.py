"""The only readers of cases."""

from __future__ import annotations

from triservice.casework.cases.queries.works_on import works_on

__all__ = ["works_on"]
