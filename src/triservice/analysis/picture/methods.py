"""How the numbers were made and what to bear in mind, in words a reader can check."""

from __future__ import annotations

from collections.abc import Iterable

from triservice.analysis.overlap.findings import caveats as overlap_caveats
from triservice.analysis.overlap.model import Overlap
from triservice.analysis.picture.model import Method
from triservice.analysis.picture.options import Options

_METHODS = (
    Method(
        "counts",
        "Counting",
        "An event belongs to the area that its source states, or, without a usable code, to the "
        "area whose outline holds its point. Codes of another year are followed by the change "
        "lookup or by the outlines; “Moved” in the sources says for how many that was needed. "
        "What could not be placed is counted and said, never dropped.",
    ),
    Method(
        "rates",
        "Rates and intervals",
        "Events divided by residents, for a year. The 95% interval is the exact (Garwood) one of "
        "the count: how far chance alone could move it. Residents are not visitors or workers, so "
        "town centres and resorts look worse than they are for the people who live there. Where "
        "nobody's number of residents is known, a count is shown as it is.",
    ),
    Method(
        "published",
        "Ranks and scores",
        "Shown as published. When it had to move to larger areas it is the mean of the smaller "
        "ones, weighed by the people in them.",
    ),
    Method(
        "worst",
        "The worst share",
        "The areas of each layer are put in order and the worst {percent:g}% of them taken; equal "
        "values at the cut by code. “By chance” is what layers with nothing to do with each other "
        "would have in common.",
    ),
    Method(
        "spearman",
        "How far layers agree",
        "Spearman's rank correlation, turned so that worse with worse is positive. Neighbouring "
        "areas are alike, so {areas} areas are not {areas} independent witnesses: the p-value "
        "compares with maps that keep each layer's own clustering ({method}; {permutations:,} "
        "randomisations), and the interval counts only as many areas as the layers are worth.",
    ),
    Method(
        "hotspots",
        "Hot spots",
        "Getis-Ord Gi*, as the command “triservice hotspots” has it: an area and its neighbours "
        "together stand higher than as many areas drawn at random from all. Rates are smoothed "
        "first, so that a few events among few people weigh little. p is exact for counts and "
        "drawn for rates and scores. At a false-discovery rate of 5% (Benjamini–Hochberg), at most "
        "one in twenty of those outlined is expected to be there by chance.",
    ),
    Method(
        "bases",
        "Bases",
        "Each layer is turned into shares of its own total, so that no service drowns another, and "
        "the bases are those that have the largest share of the joint burden within "
        "{reach:g} km (maximal covering location, by integer programming).",
    ),
    Method(
        "near-repeat",
        "Near repeats",
        "Knox test: pairs of events close in place and time, against the same events with their "
        "times dealt out anew. The ratio is observed over expected. Where the nearest band holds "
        "(5% over all bands), zones are drawn: 400 m round the events of the last 14 days, raised "
        "where they overlap, as in Operation Insight.",
    ),
    Method(
        "small",
        "Small numbers",
        "Counts from 1 to {last} are not shown, nor what follows from them; where a total is shown "
        "another count is hidden as well, so that none can be had by subtraction. An average of "
        "several years is judged by the events behind it. This holds for every file beside this "
        "page too.",
    ),
)


def methods(options: Options, compared: Overlap | None) -> tuple[Method, ...]:
    """Return the methods that this picture used, with its own settings in the words."""
    values = {
        "percent": options.worst * 100,
        "areas": compared.areas if compared else 0,
        "method": compared.method if compared else "",
        "permutations": compared.permutations if compared else 0,
        "reach": (options.reach_m or 0.0) / 1000,
        "last": options.suppress_below - 1,
    }
    absent = set() if compared else {"worst", "spearman", "bases"}
    if options.suppress_below < 2:
        absent.add("small")
    return tuple(
        Method(m.id, m.title, m.text.format(**values)) for m in _METHODS if m.id not in absent
    )


def caveats(
    compared: Overlap | None, said: Iterable[str] = (), first: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return what a reader must keep in mind, only what applies, each once, `first` on top."""
    found = overlap_caveats(compared) if compared else []
    return tuple(dict.fromkeys([*first, *found, *said]))
