"""Models made together are those made one by one, and go the same way back."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from triservice.migrating import CreateModels

KEY = ("id", models.BigAutoField(primary_key=True))
SHELF = CreateModel("Shelf", [KEY, ("name", models.CharField(max_length=9))])
BOOK = CreateModel(
    "Book",
    [KEY, ("shelf", models.ForeignKey("invented.Shelf", models.CASCADE))],
    {"indexes": [models.Index("id", "shelf", name="books_in_order")]},
)


@pytest.mark.django_db(transaction=True)
def test_models_made_together_come_and_go() -> None:
    before = ProjectState()
    assert before.apps.get_models() == []  # rendered: what was rendered must not stay
    after, together = before.clone(), CreateModels([SHELF, BOOK])
    together.state_forwards("invented", after)
    assert [model.__name__ for model in after.apps.get_models()] == ["Shelf", "Book"]
    with connection.schema_editor() as editor:
        together.database_forwards("invented", editor, before, after)
    shelf, book = (after.apps.get_model("invented", name) for name in ("Shelf", "Book"))
    assert book.objects.create(shelf=shelf.objects.create(name="top")).shelf.name == "top"
    with connection.cursor() as cursor:
        assert "books_in_order" in connection.introspection.get_constraints(cursor, "invented_book")
    with connection.schema_editor() as editor:
        together.database_backwards("invented", editor, after, before)
    assert not {"invented_shelf", "invented_book"} & set(connection.introspection.table_names())
