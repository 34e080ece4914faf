"""The probabilistic pass: Splink's model of Fellegi and Sunter, trained once, used each day.

Needs the `linkage` extra; imported only where it runs, for it takes seconds to load. What it
finds is proposed for people to judge, never joined by itself.

Method: Fellegi & Sunter (1969), as in Splink 4 (Linacre et al. 2022): u by random sampling, m by
expectation maximisation, names by Jaro–Winkler with their frequencies.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from triservice.analysis.lake.engine import Engine, spark_session
from triservice.kernel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Settings = dict[str, Any]
ID = "person"
SEED = 1
PROPOSE = 0.9  # the least probability that is worth a person's time

# Field → the comparison that Splink makes of it. A frame may have any of them.
COMPARED: dict[str, Callable[[Any], Any]] = {
    "given_name": lambda cl: cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(
        term_frequency_adjustments=True
    ),
    "family_name": lambda cl: cl.JaroWinklerAtThresholds("family_name", [0.92, 0.8]).configure(
        term_frequency_adjustments=True
    ),
    "date_of_birth": lambda cl: cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
    "postcode": lambda cl: cl.LevenshteinAtThresholds("postcode", [1, 2]).configure(
        term_frequency_adjustments=True
    ),
    "uprn": lambda cl: _place(cl),
    "address": lambda cl: cl.JaroWinklerAtThresholds("address", [0.95, 0.85]),
    "nhs_number": lambda cl: cl.LevenshteinAtThresholds("nhs_number", [1]),
    "phone": lambda cl: cl.LevenshteinAtThresholds("phone", [1]),
    "place_of_birth": lambda cl: cl.ExactMatch("place_of_birth").configure(
        term_frequency_adjustments=True
    ),
}


def _place(cl: Any) -> Any:
    """Compare homes: the same home, else the same postcode, else nearly the same postcode."""
    import splink.comparison_level_library as cll

    nothing = cll.And(cll.NullLevel("uprn"), cll.NullLevel("postcode"))
    return cl.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            nothing.configure(is_null_level=True),
            cll.ExactMatchLevel("uprn"),
            cll.ExactMatchLevel("postcode"),
            cll.LevenshteinLevel("postcode", 1),
            cll.ElseLevel(),
        ],
    )


# Parts of columns that a slip of the pen, a nickname or a wrong day often leaves as they were:
# the column, the first letter (from 1) and how many.
PARTS: dict[str, tuple[str, int, int]] = {
    "initial": ("given_name", 1, 1),
    "given_beginning": ("given_name", 1, 3),
    "family_initial": ("family_name", 1, 1),
    "year_of_birth": ("date_of_birth", 1, 4),
    "day_of_birth": ("date_of_birth", 6, 5),
}
# Pairs that agree on any of these are compared; a rule counts where a frame has its columns. None
# compares more than a few million pairs of a million people, save the same whole name: what each
# finds and costs is in docs/reference/benchmarks.md, by benchmarks/bench_linkage.py.
BLOCKS: tuple[tuple[str, ...], ...] = (
    ("nhs_number",),
    ("date_of_birth", "postcode"),
    ("given_name", "family_name"),
    ("family_name", "date_of_birth"),
    ("given_name", "date_of_birth"),
    ("family_name", "postcode"),
    ("given_name", "postcode"),
    ("family_name", "uprn"),
    ("phone",),
    ("place_of_birth", "date_of_birth"),
    ("initial", "family_name", "year_of_birth"),
    ("family_name", "day_of_birth"),
    ("initial", "date_of_birth"),
    ("initial", "postcode"),
    ("family_initial", "postcode"),
    ("year_of_birth", "postcode"),
    ("given_beginning", "family_initial", "place_of_birth"),
    ("initial", "family_name", "place_of_birth"),
    ("family_name", "year_of_birth", "place_of_birth"),
    ("initial", "year_of_birth", "place_of_birth"),
    ("initial", "day_of_birth", "place_of_birth"),
)


def train(people: pd.DataFrame, engine: Engine = "duckdb") -> Settings:
    """Train on people (columns `person` and any of `COMPARED`) and return what to save, as JSON.

    Missing values are null. What one engine trained serves the other. Raises InputError without
    Splink or the engine, or without names and birthdays.
    """
    needed = {"given_name", "family_name", "date_of_birth"}
    if missing := needed - set(people.columns):
        raise InputError(f"The people to train on lack {', '.join(sorted(missing))}")
    splink, cl = _splink()
    here = set(people.columns)
    if "uprn" in here:  # a home and its postcode are one thing, compared together
        here.discard("postcode")
    compared = [make(cl) for name, make in COMPARED.items() if name in here]
    rules = rules_of(people)
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=ID,
        comparisons=compared,
        blocking_rules_to_generate_predictions=[
            splink.block_on(*map(part_sql, rule)) for rule in rules
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = _linker(people, settings, engine)
    sure = [rule for rule in rules if len(rule) > 1 or rule == ("nhs_number",)][:3]
    teach = linker.training
    teach.estimate_probability_two_random_records_match(
        [splink.block_on(*rule) for rule in sure], recall=0.7
    )
    teach.estimate_u_using_random_sampling(max_pairs=2e6, seed=SEED)
    for rule in (("given_name", "family_name"), ("date_of_birth",)):
        teach.estimate_parameters_using_expectation_maximisation(splink.block_on(*rule))
    saved: Settings = linker.misc.save_model_to_json()
    return saved


def likely_pairs(
    people: pd.DataFrame,
    settings: Settings,
    least: float = PROPOSE,
    new: Sequence[Any] = (),
    engine: Engine = "duckdb",
) -> pd.DataFrame:
    """Return pairs (left, right, probability) at least as likely as `least`, by the saved model.

    With `new` (numbers of people), only pairs with at least one of them: a day's increment.
    """
    if len(new):
        fresh = set(new)
        people = people.assign(is_new=people[ID].isin(fresh))
        settings = settings | {
            "blocking_rules_to_generate_predictions": [
                rule | {"blocking_rule": f"({rule['blocking_rule']}) and (l.is_new or r.is_new)"}
                for rule in settings["blocking_rules_to_generate_predictions"]
            ],
            "additional_columns_to_retain": ["is_new"],
        }
    linker = _linker(people, worded(settings, engine), engine)
    found = linker.inference.predict(threshold_match_probability=least).as_pandas_dataframe()
    left, right = f"{ID}_l", f"{ID}_r"
    renamed = found.rename(
        columns={left: "left", right: "right", "match_probability": "probability"}
    )
    pairs: pd.DataFrame = renamed[["left", "right", "probability"]]
    return pairs


def _linker(people: pd.DataFrame, settings: Any, engine: Engine) -> Any:
    """Return Splink's linker of these people on an engine."""
    splink, _ = _splink()
    return splink.Linker(people, settings, _ENGINES[engine](), set_up_basic_logging=False)


def _duckdb() -> Any:
    import splink

    return splink.DuckDBAPI()


def _spark() -> Any:
    """Return Splink on Spark: what it keeps on the way lies in a folder that goes with the process.

    How alike two names are is worked out by functions that Splink brings for Spark.
    """
    session = spark_session()
    from splink.backends.spark import SparkAPI, similarity_jar_location

    session.sql(f"ADD JAR '{similarity_jar_location()}'")
    return SparkAPI(  # type: ignore[no-untyped-call]
        spark_session=session, break_lineage_method="persist"
    )


_ENGINES: dict[Engine, Callable[[], Any]] = {"duckdb": _duckdb, "spark": _spark}

# How each engine quotes a name, and calls the function by which names are alike. In what a model
# says in SQL nothing else differs.
_WORDS: dict[Engine, tuple[str, str]] = {
    "duckdb": ('"', "jaro_winkler_similarity("),
    "spark": ("`", "jaro_winkler("),
}


def worded(saved: Any, engine: Engine) -> Any:
    """Return a saved model, or a part of it, with its SQL in an engine's words."""
    if isinstance(saved, dict):
        return {k: engine if k == "sql_dialect" else worded(v, engine) for k, v in saved.items()}
    if isinstance(saved, list):
        return [worded(one, engine) for one in saved]
    if isinstance(saved, str):
        for words in _WORDS.values():
            for theirs, ours in zip(words, _WORDS[engine], strict=True):
                saved = saved.replace(theirs, ours)
    return saved


def rules_of(people: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the rules of `BLOCKS` for which a frame has the columns."""
    here = set(people.columns)
    whole = {*here, *(name for name, (column, *_) in PARTS.items() if column in here)}
    return [rule for rule in BLOCKS if whole.issuperset(rule)]


def part_sql(name: str) -> str:
    """Return a column, or a part of one, in words that every engine knows."""
    return f"substr({', '.join(map(str, PARTS[name]))})" if name in PARTS else name


def _splink() -> tuple[Any, Any]:
    try:
        import splink
        import splink.comparison_library as cl
    except ImportError:
        raise InputError(
            "The probabilistic pass needs Splink", do="Install triservice[linkage]."
        ) from None
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="splink")
    return splink, cl
