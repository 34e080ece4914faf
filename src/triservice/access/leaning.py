"""Which withholdable fields a query asks by: to find a row by a field tells the field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col, F


def fields_asked(queryset: QuerySet[Any], fields: Iterable[str]) -> set[str]:
    """Return those of `fields` (names of the model) that the queryset filters or orders by.

    Looks at conditions and orderings on the model's own table, not inside sub-queries.
    """
    query, known = queryset.query, set(fields)
    if not known:
        return set()
    ordering = [*query.extra_order_by, *query.order_by]
    if not ordering and query.default_ordering:
        ordering = list(queryset.model._meta.ordering or ())
    found = {*_columns(query.where, queryset.model), *_ordered(ordering, queryset.model)}
    for annotation in query.annotations.values():  # a filter or an order may stand on one
        found |= set(_columns(annotation, queryset.model))
    return found & known


def _columns(node: Any, model: type[Model]) -> Iterator[str]:
    if isinstance(node, Col):
        if node.target.model._meta.concrete_model is model._meta.concrete_model:
            yield node.target.name
        return
    for child in _children(node):
        yield from _columns(child, model)


def _children(node: Any) -> Iterable[Any]:
    if hasattr(node, "children"):
        return node.children  # type: ignore[no-any-return]
    if hasattr(node, "get_source_expressions"):
        return [each for each in node.get_source_expressions() if each is not None]
    return ()


def _ordered(ordering: Iterable[Any], model: type[Model]) -> Iterator[str]:
    for each in ordering:
        if isinstance(each, str):
            name = each.lstrip("-+").split(LOOKUP_SEP)[0]
            yield _name(name, model)
        else:
            yield from (_name(name, model) for name in _named(each))


def _named(expression: Any) -> Iterator[str]:
    """Yield the names that an ordering not yet resolved stands on."""
    if isinstance(expression, F):
        yield expression.name.split(LOOKUP_SEP)[0]  # type: ignore[attr-defined]
    for child in _children(expression):
        yield from _named(child)


def _name(said: str, model: type[Model]) -> str:
    """Return the name of a field, also when it is said by its column (keeper_id)."""
    for field in model._meta.concrete_fields:
        if said in {field.name, field.attname}:
            return field.name
    return said
