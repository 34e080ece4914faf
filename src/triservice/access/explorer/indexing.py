"""Which rows each disclosure touched and whose they were: read from the record, kept to look up.

Runs before the record is explored and as a job; it never changes the record.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from triservice.access.models import Disclosure, Touched, TouchedUpTo
from triservice.access.openings.queries import protected_models

BATCH = 500  # disclosures in one transaction
AT_ONCE = 40  # batches before a page is answered; the job goes on until it is done


def catch_up(batches: int | None = AT_ONCE) -> int:
    """Index what the record has gained; None for all of it. Returns how many disclosures."""
    done = 0
    while batches is None or batches > 0:
        found = _one_batch()
        done += found
        if found < BATCH:
            break
        if batches is not None:
            batches -= 1
    return done


def _one_batch() -> int:
    last = Disclosure.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    reached = TouchedUpTo.objects.filter(pk=1).values_list("seq", flat=True).first()
    if reached is not None and reached >= last:
        return 0
    with transaction.atomic():
        TouchedUpTo.objects.get_or_create(pk=1)
        head = TouchedUpTo.objects.select_for_update().get(pk=1)
        rows = list(
            Disclosure.objects.filter(seq__gt=head.seq)
            .order_by("seq")[:BATCH]
            .values_list("seq", "what")
        )
        if not rows:
            return 0
        touched = [Touched(seq=seq, **each) for seq, what in rows for each in touches(what)]
        owners = owners_of((row.label, row.pk_text) for row in touched)
        for row in touched:
            row.owner = owners.get((row.label, row.pk_text))
        Touched.objects.bulk_create(touched, batch_size=1_000)
        TouchedUpTo.objects.filter(pk=1).update(seq=rows[-1][0])
        return len(rows)


def touches(what: str) -> Iterator[dict[str, str]]:
    """Yield label, pk_text and data_class of each row that a disclosure names, refused ones too."""
    try:
        said: Any = json.loads(what)
    except ValueError:
        return
    for label, classes in said.get("rows", {}).items():
        for data_class, keys in by_class(classes).items():
            for pk in keys:
                yield {"label": label, "pk_text": pk[:64], "data_class": data_class}
    words = str(said.get("refused", "")).split()
    if len(words) >= 2 and words[0] in protected_models():
        yield {"label": words[0], "pk_text": words[1][:64], "data_class": ""}


def by_class(classes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return keys by data class, each once; without a class only what was seen of none."""
    seen = {key for data_class, keys in classes.items() if data_class for key in keys}
    return {
        data_class: [key for key in dict.fromkeys(keys) if data_class or key not in seen]
        for data_class, keys in classes.items()
    }


def owners_of(rows: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the owner of each protected row that is still there, by (label, key as text)."""
    by_label: dict[str, set[str]] = defaultdict(set)
    for label, pk in rows:
        by_label[label].add(pk)
    models = protected_models()
    return {
        (label, str(pk)): owner
        for label, keys in by_label.items()
        if label in models
        for pk, owner in models[label]
        ._default_manager.filter(pk__in=list(valid_keys(models[label], keys)))
        .values_list("pk", "owner")
    }


def valid_keys(model: Any, keys: Iterable[str]) -> Iterator[Any]:
    """Yield the keys that may be keys of a model, as it holds them."""
    for key in keys:
        try:
            yield model._meta.pk.to_python(key)
        except ValidationError:  # what the record names is no key
            continue
