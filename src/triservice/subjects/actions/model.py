"""Train the model of the probabilistic pass, and propose by it: `triservice link`, and each day.

The whole of who-and-where of all agencies is compared, by the system and not by a person: nothing
of it is shown, and what is found is proposed to those who may see both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from triservice.access.models import Kind
from triservice.access.record import recording
from triservice.analysis.lake.engine import Engine
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.errors import InputError
from triservice.kernel.words import many
from triservice.subjects import model_pass
from triservice.subjects.actions.linkage import Linked, identities, propose
from triservice.subjects.matching import compare
from triservice.subjects.models import Link, LinkageModel, RecordPart
from triservice.subjects.names import plain

if TYPE_CHECKING:
    import pandas as pd

Tell = Callable[[str], None]
FEWEST = 100  # people; fewer teach nothing
COLUMNS = ("given_name", "family_name", "date_of_birth", "postcode", "uprn", "nhs_number", "phone")


def train_model(
    reader: Reader, engine: Engine = "duckdb", tell: Tell = lambda _: None
) -> LinkageModel:
    """Train on everyone known, and keep the parameters. Raises InputError for too few people."""
    tell("Reading who and where everybody is")
    people = people_frame()
    if len(people) < FEWEST:
        raise InputError(
            f"There are {len(people):,} people: too few to train on",
            do=f"Train when {FEWEST} or more are known; until then the exact pass works alone.",
        )
    tell(f"Training on {many(len(people), 'person', 'people')}")
    settings = model_pass.train(people, engine)
    with recording(reader, Kind.COMBINATION, "trained the model that compares people") as record:
        made = LinkageModel.objects.create(
            settings=settings, trained_at=clock.now(), people=len(people)
        )
        record.did("subjects.linkagemodel", made.pk)
    return made


def link_by_model(
    reader: Reader,
    least: float = model_pass.PROPOSE,
    engine: Engine = "duckdb",
    tell: Tell = lambda _: None,
) -> Linked:
    """Propose pairs by the saved model: those with someone who came since the last run.

    Safe to repeat: a pair is proposed once, ever. Raises InputError before a model is trained.
    """
    model = LinkageModel.objects.order_by("-pk").first()
    if model is None:
        raise InputError("No model is trained yet", do="Run: triservice link train")
    tell("Reading who and where everybody is")
    people = people_frame()
    new = [int(pk) for pk in people[model_pass.ID] if pk > model.seen_to]
    done = Linked()
    if not new:
        return done
    everyone = len(new) == len(people)
    tell(f"Comparing {many(len(new), 'new person', 'new people')} with {len(people):,}")
    fresh = () if everyone else new
    found = model_pass.likely_pairs(people, model.settings, least, fresh, engine)
    pairs = {
        (min(left, right), max(left, right)): float(probability)
        for left, right, probability in found.itertuples(index=False)
    }
    with recording(reader, Kind.COMBINATION, "compared people by the model") as record:
        known = identities({side for pair in pairs for side in pair})
        judged: list[tuple[tuple[int, int], dict[str, Any], float | None]] = [
            (pair, dict(compare(known[pair[0]], known[pair[1]])), probability)
            for pair, probability in sorted(pairs.items())
        ]
        done.compared, done.proposed = len(pairs), propose(record, judged, "model")
        LinkageModel.objects.filter(pk=model.pk).update(seen_to=max(new))
    return done


def people_frame() -> pd.DataFrame:
    """Return one row a person: what their latest records say of each column; null: not told."""
    import pandas as pd

    owners = dict(
        Link.objects.filter(
            person__isnull=False, ended_at__isnull=True, record__current=True
        ).values_list("record", "person")
    )
    told = RecordPart.objects.filter(
        current=True, data_class__in=("identity", "contact", "location")
    ).order_by("record")
    rows: dict[int, dict[str, Any]] = {}
    for source, *values in told.values_list("record", *COLUMNS).iterator(10_000):
        if source in owners:
            row = rows.setdefault(owners[source], {})
            row.update({n: v for n, v in zip(COLUMNS, values, strict=True) if v})
    frame = pd.DataFrame(
        [
            {
                model_pass.ID: person,
                "given_name": plain(row.get("given_name", "")) or None,
                "family_name": plain(row.get("family_name", "")) or None,
                "date_of_birth": str(row["date_of_birth"]) if "date_of_birth" in row else None,
                **{name: row.get(name) for name in COLUMNS[3:]},
            }
            for person, row in sorted(rows.items())
        ],
        columns=[model_pass.ID, *COLUMNS],
    )
    named: pd.DataFrame = frame[frame["given_name"].notna() | frame["family_name"].notna()]
    return named
