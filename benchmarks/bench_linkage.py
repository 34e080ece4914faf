"""Linking people: precision, recall and F1 against the known truth, and a day's increment.

FEBRL 1–3 (Christen 2008; invented Australians) and the 50,000 historical figures with errors of
Splink's authors. The increment: the last fiftieth of the records compared with all, by the saved
model, against training and predicting anew, on the pairs that both can find.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pandas as pd

from triservice.subjects import model_pass
from triservice.subjects.invented import invented_places, population
from triservice.subjects.model_pass import likely_pairs, train

DATA = Path(
    os.environ.get("TRISERVICE_OPEN_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)
MANY = int(os.environ.get("BENCH_PEOPLE", "1000000"))  # invented people of whom pairs are counted
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
Pairs = set[tuple[Any, Any]]


def febrl(number: int) -> pd.DataFrame:
    """Return a FEBRL file in our words; the truth is in the record's own name."""
    frame = pd.read_csv(
        DATA / "record_linkage" / f"febrl{number}.csv", dtype=str, skipinitialspace=True
    )
    born = frame["date_of_birth"]
    return _clean(
        pd.DataFrame(
            {
                "person": range(len(frame)),
                "given_name": frame["given_name"],
                "family_name": frame["surname"],
                "date_of_birth": born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:],
                "postcode": frame["postcode"],
                "address": frame["street_number"].fillna("") + " " + frame["address_1"].fillna(""),
                "nhs_number": frame["soc_sec_id"],
                "truth": frame["rec_id"].str.extract(r"rec-(\d+)-")[0],
            }
        )
    )


def historical() -> pd.DataFrame:
    """Return the historical figures in our words."""
    frame = pd.read_parquet(DATA / "record_linkage" / "historical_figures_with_errors_50k.parquet")
    return _clean(
        pd.DataFrame(
            {
                "person": range(len(frame)),
                "given_name": frame["first_name"],
                "family_name": frame["surname"],
                "date_of_birth": frame["dob"].astype("string"),
                "postcode": frame["postcode_fake"],
                "place_of_birth": frame["birth_place"],
                "truth": frame["cluster"],
            }
        )
    )


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    text = frame.columns.difference(["person"])
    frame[text] = frame[text].apply(lambda column: column.astype("string").str.strip())
    return frame.replace({"": pd.NA}).astype(object).where(lambda f: f.notna(), None)


def true_pairs(frame: pd.DataFrame) -> Pairs:
    groups = frame.groupby("truth")["person"].apply(sorted)
    return {pair for group in groups for pair in combinations(group, 2)}


def as_pairs(found: pd.DataFrame) -> Pairs:
    return {tuple(sorted(pair)) for pair in zip(found["left"], found["right"], strict=True)}  # type: ignore[misc]


def score(found: Pairs, truth: Pairs) -> tuple[float, float, float]:
    right = len(found & truth)
    precision = right / len(found) if found else 1.0
    recall = right / len(truth) if truth else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def table(name: str, found: pd.DataFrame, truth: Pairs) -> None:
    print(f"\n{name}: {len(truth):,} true pairs")
    print("  threshold  precision  recall     F1")
    for least in THRESHOLDS:
        figures = score(as_pairs(found[found["probability"] >= least]), truth)
        print(f"  {least:<9}  " + "  ".join(f"{figure:9.4f}"[:9] for figure in figures))


def columns(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="truth")


def rules(
    frame: pd.DataFrame, truth: Iterable[tuple[Any, Any]] = ()
) -> list[tuple[str, int, int, int]]:
    """Return of each rule: its words, pairs compared, true pairs of these, true pairs so far."""
    known = duckdb.connect()
    people, true = columns(frame), pd.DataFrame(sorted(truth), columns=["l", "r"])
    here = model_pass.rules_of(people)
    parts = sorted({name for rule in here for name in rule if name in model_pass.PARTS})
    named = ", ".join(f"{model_pass.part_sql(name)} AS {name}" for name in parts)
    known.register("known", people)
    known.register("true_pairs", true)
    known.execute(f"CREATE TABLE people AS SELECT *, {named} FROM known")
    told, so_far = [], []
    for rule in here:
        groups = (
            f"SELECT count(*) AS n FROM people GROUP BY {', '.join(rule)} HAVING "
            + " AND ".join(f"{name} IS NOT NULL" for name in rule)
        )
        so_far.append(" AND ".join(f"a.{name} = b.{name}" for name in rule))
        agree = "FROM true_pairs JOIN people a ON a.person = l JOIN people b ON b.person = r WHERE "
        told.append(
            (
                " + ".join(rule),
                _count(known, f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({groups})"),
                _count(known, f"SELECT count(*) {agree} {so_far[-1]}"),
                _count(known, f"SELECT count(*) {agree} ({') OR ('.join(so_far)})"),
            )
        )
    return told


def _count(known: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = known.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def rules_table(frame: pd.DataFrame, truth: Pairs) -> None:
    """Print what each rule finds in a frame, and how many pairs of it and of a million it costs."""
    many = {words: pairs for words, pairs, *_ in rules(invented(MANY))}
    print(
        f"\n  pairs agree on                             compared  of {MANY:,}  true pairs  in all"
    )
    for words, compared, right, so_far in rules(frame, truth):
        cost = f"{many.pop(words):,}"
        share = so_far / len(truth)
        print(f"  {words:<40} {compared:>10,} {cost:>13} {right:>11,}  {share:.3f}")
    for words, pairs in many.items():
        print(f"  {words:<40} {'-':>10} {pairs:>13,}")


def invented(people: int) -> pd.DataFrame:
    """Return invented people, whose names are as uneven as real ones; some born in one place."""
    from town import family

    random = Random(1)
    born_in = [None, *historical()["place_of_birth"].dropna()]
    made = population(people, random, invented_places(random), family)
    return pd.DataFrame(
        {
            "person": one.number,
            "given_name": one.given.lower(),
            "family_name": one.family.lower(),
            "date_of_birth": str(one.born),
            "postcode": one.home.postcode,
            "uprn": one.home.uprn,
            "phone": one.phone,
            "place_of_birth": random.choice(born_in),
            "truth": one.number,
        }
        for one in made
    )


def increment(frame: pd.DataFrame, truth: Pairs) -> None:
    """Compare a day of new people with all by the saved model, against starting anew."""
    new = frame["person"].sample(frac=0.02, random_state=1)
    fresh = set(new)
    known = frame[~frame["person"].isin(fresh)]
    saved = train(columns(known))
    start = time.perf_counter()
    daily = as_pairs(likely_pairs(columns(frame), saved, 0.5, list(new)))
    ours = time.perf_counter() - start
    start = time.perf_counter()
    anew = as_pairs(likely_pairs(columns(frame), train(columns(frame)), 0.5))
    theirs = time.perf_counter() - start

    def of_new(pairs: Iterable[tuple[Any, Any]]) -> Pairs:
        return {pair for pair in pairs if fresh & set(pair)}

    a, b = (score(of_new(pairs), of_new(truth))[2] for pairs in (daily, anew))
    print(f"\nA day's increment: {len(new):,} new of {len(frame):,}")
    print(f"  saved model {ours:.2f} s, F1 {a:.4f}; train + predict {theirs:.2f} s, F1 {b:.4f}")
    print(
        f"  {theirs / ours:.1f} times as fast (goal ≥5); F1 differs by {100 * (a - b):+.2f} point"
    )
    assert abs(a - b) <= 0.001, "the saved model finds something else"


def main() -> None:
    for number in (1, 2, 3):
        frame = febrl(number)
        truth = true_pairs(frame)
        found = likely_pairs(columns(frame), train(columns(frame)), min(THRESHOLDS))
        table(f"FEBRL {number}, {len(frame):,} records", found, truth)
    frame = historical()
    truth = true_pairs(frame)
    start = time.perf_counter()
    saved = train(columns(frame))
    trained = time.perf_counter() - start
    found = likely_pairs(columns(frame), saved, min(THRESHOLDS))
    table(f"Historical figures, {len(frame):,} records (trained in {trained:.1f} s)", found, truth)
    rules_table(frame, truth)
    increment(frame, truth)


if __name__ == "__main__":
    main()
