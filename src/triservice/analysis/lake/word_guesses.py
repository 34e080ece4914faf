"""Which columns of a sample hold what happened, who answered, identifiers and area codes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from triservice.analysis.lake.categories import load_categories
from triservice.analysis.lake.file_text import base_name
from triservice.analysis.lake.header import normal
from triservice.analysis.lake.mapping import built_in, load_mapping
from triservice.analysis.lake.rules import AreaRule, WordRule
from triservice.analysis.lake.sampling import Sample
from triservice.analysis.lake.time_guesses import words_of

MOST_WORDS = 400
# Words that say who answers, wherever they stand: in values, headings and file names.
_SERVICES = [
    ("ambulance", r"\bems\b|ambulance|medic(al|s)?\b|paramedic|\bcad amb\b|patient"),
    ("fire", r"\bfire\b|\bfrs\b|\blfb\b|brigade"),
    ("police", r"police|constab|sheriff|crime|offen[cs]e|traffic|law enforcement|burglar"),
    ("health", r"\bnhs\b|hospital|\bhealth\b|\bgp\b|clinic"),
    ("council", r"council|borough service|housing|noise|fly ?tip|environmental"),
]
_GROUP_SERVICE = {"crime": "police", "fire": "fire", "alarm": "fire", "rescue": "fire",
                  "medical": "ambulance"}  # fmt: skip
_CATEGORY = re.compile(
    r"categor|\btype\b|nature|crime|offen[cs]e|reason|title|complaint|problem|descript|incident"
    r"|class|\bkind\b|subject|event|issue|determinant|stop code|special service|what"
)
_BETTER = re.compile(
    r"crime type|incident type|call type|event type|offen[cs]e type|categor|title|nature|complaint"
    r"|stop code"
)
_NOT_CATEGORY = re.compile(
    r"\bname\b|ward|borough|district|town|street|road|address|postcode|post|zip|status|station"
    r"|reported by|falls within|agency|outcome|property|location|area|region|officer|unit\b|date"
    r"|time|month|year|\bday\b|hour|code$|url|source|lsoa|msoa|result|dispos|priority|grade|team"
    r"|phone|\bosm\b|amenity|qualifier|parish|beat|force|service$|age\b|gender|sex\b|ethnic"
)
_ID = re.compile(r"\bid\b|\bref\b|reference|number|\bno\b|\burn\b|\bkey\b|identifier|\bguid\b")
_SERVICE_NAME = re.compile(r"service|agency|responder|discipline|department|organi[sz]ation|force")
_PREFIX = re.compile(r"^([A-Za-z][A-Za-z &/]{1,19}):\s*\S")
_AREA = re.compile(r"[EWSN]\d{8}")
_UNITS = [  # by the beginning of the codes, the smallest areas first
    (("E01", "W01"), "lsoa"), (("S01",), "dz"), (("N20",), "dz"), (("E02", "W02", "S02"), "msoa"),
    (("E05", "W05", "S13", "N08"), "ward"),
    (("E06", "E07", "E08", "E09", "W06", "S12", "N09"), "la"),
]  # fmt: skip


@dataclass
class Words:
    """The proposal for everything that is a word."""

    service: WordRule | None = None
    category: WordRule | None = None
    unknown: dict[str, int] = field(default_factory=dict)  # values without a common category
    id_column: str = ""
    area: AreaRule | None = None
    uprn: str = ""
    outcome: str = ""
    notes: list[str] = field(default_factory=list)


@lru_cache(maxsize=1)
def known_words() -> dict[str, str]:
    """Return what sources say → common category, from the vocabulary and the shipped tables."""
    known: dict[str, str] = {}
    for name in built_in():
        for word, slug in load_mapping(name).category.table.items():
            known.setdefault(normal(word), slug)
    for slug, category in load_categories().items():
        for word in (slug, category.label):
            known[normal(word)] = slug
    return known


def service_of(text: str) -> str:
    """Return the service that a text names; "" when it names none or several."""
    spoken = " ".join(words_of(text))
    named = [service for service, pattern in _SERVICES if re.search(pattern, spoken)]
    return named[0] if len(named) == 1 else ""


def guess_words(sample: Sample, used: set[str]) -> Words:
    """Propose everything but times and coordinates, whose columns are `used`."""
    words = Words()
    free = [name for name in sample.values if name not in used and sample.filled(name)]
    words.area = _area(sample, free, words.notes)
    words.uprn = next((n for n in free if "uprn" in words_of(n) or "uprn" in n.lower()), "")
    words.outcome = _outcome(sample, free)
    taken = {words.uprn, words.outcome, words.area.column if words.area else ""}
    words.id_column = _identifier(sample, [n for n in free if n not in taken], words.notes)
    taken.add(words.id_column)
    _categories(sample, [n for n in free if n not in taken], words)
    if words.service is None:
        words.service = _service(sample, free, words)
    return words


def _area(sample: Sample, free: list[str], notes: list[str]) -> AreaRule | None:
    found = []
    for name in free:
        codes = sample.filled(name)
        if sum(bool(_AREA.fullmatch(code)) for code in codes) < 0.9 * len(codes):
            continue
        first = Counter(code[:3] for code in codes).most_common(1)[0][0]
        for rank, (prefixes, unit) in enumerate(_UNITS):
            if first in prefixes:
                found.append((rank, name, unit, set(codes)))
    if not found:
        return None
    _, name, unit, held = min(found)[:4] if len(found) == 1 else min(found, key=lambda f: f[:2])
    year = re.search(r"(?:20)?(01|11|21|22)(?=\D|$)", name)
    if unit == "lsoa" and not (year and year[1] in ("11", "21")):
        return _lsoa(name, held, notes)
    if unit == "dz" and not year:
        scottish = max((c for c in held if c[0] == "S"), default="")
        vintage = (
            "dz22" if scottish >= "S01013482" else "dz11" if scottish >= "S01006506" else "dz01"
        )
    else:
        vintage = f"{unit}{year[1] if year else '11' if unit == 'msoa' else ''}"
    notes.append(
        f"{name} is taken for codes of {vintage}. CHECK the year: codes of another year lead to "
        "other areas."
    )
    return AreaRule(name, vintage, "", (), "")


def _lsoa(name: str, held: set[str], notes: list[str]) -> AreaRule:
    newer = load_mapping("police-uk").area
    assert newer is not None
    is_newer = any(c[:1] == n[:1] and c >= n for c in held for n in newer.newer_codes)
    this = "2021" if is_newer else "2011" if len(held) >= 100 else "2011 or 2021: too few to say"
    notes.append(
        f"{name} holds LSOA codes; those of this file are of {this}. Each file is taken for 2021 "
        "when it holds a code that was new in 2021."
    )
    return AreaRule(name, newer.vintage, newer.newer, newer.newer_codes, "")


def _outcome(sample: Sample, free: list[str]) -> str:
    pattern = re.compile("outcome|dispos|^result$|action taken")
    return next((n for n in free if pattern.search(" ".join(words_of(n)))), "")


def _identifier(sample: Sample, free: list[str], notes: list[str]) -> str:
    best, score = "", 0.0
    for name in free:
        spoken, filled = " ".join(words_of(name)), sample.filled(name)
        if not _ID.search(spoken) or re.search(r"house|flat|phone|street|num .*|pumps", spoken):
            continue
        unique = len(set(filled)) / len(filled)
        if unique < 0.95 or len(filled) < 2 or sum(map(len, filled)) > 80 * len(filled):
            continue
        rating = unique + sample.share_filled(name) + ("incident" in spoken or "crime" in spoken)
        if rating > score:
            best, score = name, rating
    if best:
        filled = sample.filled(best)
        repeated = len(filled) - len(set(filled))
        if repeated:
            notes.append(
                f"{best}: {repeated:,} of {len(filled):,} sampled values repeat an earlier one; of "
                "rows with the same identifier only the first becomes an event."
            )
        if len(filled) < sample.sampled:
            notes.append(f"{best} is empty in some rows: those are known by the whole row.")
    return best


def _categories(sample: Sample, free: list[str], words: Words) -> None:
    """Choose the column of what happened: by its name, its few values, and the words we know."""
    best, score = "", 0.0
    for name in free:
        spoken, counts = " ".join(words_of(name)), Counter(sample.filled(name))
        most = min(MOST_WORDS, max(12, len(sample.filled(name)) // 3))
        if not 2 <= len(counts) <= most or _numeric(counts):
            continue
        if max(map(len, counts)) > 120:
            continue
        parts = [_rest(word) for word in counts]
        known = sum(normal(word) in known_words() for word in parts) / len(parts)
        named = bool(_CATEGORY.search(spoken)) + bool(_BETTER.search(spoken))
        banned = bool(_NOT_CATEGORY.search(spoken)) and not _BETTER.search(spoken)
        rating = 4 * known + named - 3 * banned + 0.2 * sample.share_filled(name)
        rating += 0.5 * min(1.0, len(counts) / 20)
        if rating > max(score, 0.9):
            best, score = name, rating
    if not best:
        return
    counts = Counter(sample.filled(best))
    after = _prefixed(best, counts, words)
    strip = "-" if sum(word.endswith(" -") for word in counts) > 2 else ""
    rule = WordRule("", (best,), "", after, strip, {})
    words.category = fill_table(rule, counts, words)


def fill_table(rule: WordRule, counts: Counter[str], words: Words) -> WordRule:
    """Return the rule with a table of the values whose common category is known."""
    table: dict[str, str] = {}
    unknown: Counter[str] = Counter()
    for value, count in counts.items():
        word = rule.word(value)
        slug = known_words().get(normal(word))
        if slug:
            table[word] = slug
        elif word:
            unknown[word] += count
    words.unknown = dict(unknown.most_common())
    return WordRule("", rule.columns, "", rule.after, rule.strip, dict(sorted(table.items())))


def _numeric(counts: Counter[str]) -> bool:
    return sum(not re.search("[A-Za-z]{2}", value) for value in counts) * 2 > len(counts)


def _rest(value: str) -> str:
    return (value.split(":", 1)[-1] if _PREFIX.match(value) else value).strip(" -")


def _prefixed(name: str, counts: Counter[str], words: Words) -> str:
    """Take "EMS: BACK PAINS" apart when the prefixes name services; return the mark, or ""."""
    prefixes = {match[1] for value in counts if (match := _PREFIX.match(value))}
    fits = sum(n for value, n in counts.items() if _PREFIX.match(value)) >= 0.95 * counts.total()
    services = {prefix: service_of(prefix) for prefix in sorted(prefixes)}
    if not fits or not 1 <= len(services) <= 8 or not all(services.values()):
        return ""
    words.service = WordRule("", (name,), ":", "", "", services)
    words.notes.append(
        f"{name} begins with the service: "
        + ", ".join(f"{p} → {s}" for p, s in services.items())
        + ". CHECK who answers these."
    )
    return ":"


def _service(sample: Sample, free: list[str], words: Words) -> WordRule | None:
    """Return the service by a column that names it, or one for all rows by what the file says."""
    for name in free:
        counts = Counter(sample.filled(name))
        services = {value: service_of(value) for value in counts}
        named = bool(_SERVICE_NAME.search(" ".join(words_of(name))))
        if named and 2 <= len(counts) <= 12 and all(services.values()):
            words.notes.append(f"The service of each row is read from {name}. CHECK the table.")
            return WordRule("", (name,), "", "", "", services)
    votes: Counter[str] = Counter()
    said: dict[str, str] = {}

    def vote(text: str, why: str, weight: int = 1) -> None:
        if service := service_of(text):
            votes[service] += weight
            said.setdefault(service, why)

    vote(base_name(sample.path), "the name of the file", 2)
    for name in sample.header:
        vote(name, f"the column {name!r}")
    for name in free:
        values = Counter(sample.filled(name))
        if len(values) <= 12 and _SERVICE_NAME.search(" ".join(words_of(name))):
            vote(values.most_common(1)[0][0], f"the values of {name!r}", 3)
    groups = {slug: category.group for slug, category in load_categories().items()}
    for slug in words.category.table.values() if words.category else ():
        if service := _GROUP_SERVICE.get(groups[slug]):
            votes[service] += 1
            said.setdefault(service, f"its categories ({slug})")
    if not votes:
        return None
    service = votes.most_common(1)[0][0]
    words.notes.append(f"The service was guessed from {said[service]}. CHECK it.")
    return WordRule(service, (), "", "", "", {})
