"""Who was received before is found by all their names as well, as 0005 has it for who comes."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

from triservice.subjects.search_words import all_forms, keys_of, vocabulary
from triservice.subjects.words import COMES_FROM, Kept

IN_ONE = 2_000


def keep_names_in_full(apps: Any, _: Any) -> None:
    """Put beside the key of each name with others in the middle one of them all."""
    key, form = (apps.get_model("subjects", name) for name in ("SearchKey", "WordForm"))
    named = key.objects.filter(kind=str(Kept.NAME)).exclude(part__middle_names="")
    done = key.objects.filter(kind=str(Kept.NAMES)).values("part")
    rows = named.exclude(part__in=done).select_related("part").order_by("pk")
    pks = list(rows.values_list("pk", flat=True))
    for start in range(0, len(pks), IN_ONE):
        keys = list(_in_full(rows.filter(pk__in=pks[start : start + IN_ONE])))
        key.objects.bulk_create(keys)
        words = {word for each in keys for word in vocabulary(Kept.NAMES, each.text)}
        forms = [form(form=each, word=word) for word in sorted(words) for each in all_forms(word)]
        form.objects.bulk_create(forms, ignore_conflicts=True)


def _in_full(rows: Any) -> Iterator[Any]:
    for row in rows:
        said = {name: getattr(row.part, name) for name in COMES_FROM[Kept.NAMES]}
        for kind, text in keys_of(said):
            if kind is Kept.NAMES:
                row.pk, row.kind, row.text = None, str(kind), text[:500]
                row._state.adding = True
                yield row


class Migration(migrations.Migration):
    dependencies = [
        ("subjects", "0005_names_in_full"),
    ]

    operations = [migrations.RunPython(keep_names_in_full, migrations.RunPython.noop)]
