"""The reference pages of events and mappings say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from invented_imports import files_of, mapping_file, row, write_rows

from triservice.analysis.lake import mapping as mapping_module
from triservice.analysis.lake.importing import import_files
from triservice.analysis.lake.mapping import load_mapping
from triservice.analysis.lake.quarantine import REASONS
from triservice.analysis.lake.schema import EVENT_COLUMNS, LOCATION_PRECISIONS
from triservice.analysis.lake.time_formats import compile_formats

DOCS = Path(__file__).resolve().parents[3] / "docs"
SCHEMA = (DOCS / "reference" / "event-schema.md").read_text(encoding="utf-8")
MAPPING = (DOCS / "reference" / "mapping.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "import-your-own-files.md").read_text(encoding="utf-8")


def test_every_column_of_an_event_is_on_the_page_as_it_is_in_the_code() -> None:
    written = [
        f"| `{c.name}` | {c.type} | {c.unit or '—'} | {may_be_empty} | {c.meaning} |"
        for c in EVENT_COLUMNS
        for may_be_empty in ("yes" if c.nullable else "no",)
    ]
    on_page = [
        line for line in SCHEMA.splitlines() if re.match(r"\| `\w+` \| .* (yes|no) \|", line)
    ]
    assert on_page == written


def test_every_precision_of_a_place_is_explained() -> None:
    assert re.findall(r"^\| `(\w+)` \| [^|]+ \|$", SCHEMA, re.MULTILINE) == [*LOCATION_PRECISIONS]


def test_every_reason_is_on_the_page_with_its_sentence_and_has_advice() -> None:
    for reason in REASONS[1:]:
        assert f"| `{reason.slug}` | {reason.kind} | {reason.sentence} |" in MAPPING
        assert re.search(rf"^\| .*`{reason.slug}`.* \|.*\|.*\|$", HOW_TO, re.MULTILINE), reason.slug
    listed = re.findall(
        r"^\| `([a-z-]+)` \| (?:quarantined|duplicate|kept) \|", MAPPING, re.MULTILINE
    )
    assert listed == [reason.slug for reason in REASONS[1:]]


def test_every_key_that_a_mapping_is_read_for_is_on_the_page() -> None:
    source = Path(mapping_module.__file__).read_text(encoding="utf-8")
    asked = r'\.(?:text_of|need_text|texts|take|choice|words|table|tables)\(\s*"(\w+)"'
    keys = set(re.findall(asked, source)) | set(mapping_module.STAGES) | {"seconds", "minutes"}
    assert len(keys) > 30
    missing = {key for key in keys if f"`{key}`" not in MAPPING and f"[{key}]" not in MAPPING}
    assert missing == set()


@pytest.mark.parametrize(
    "example", re.findall(r"^```toml\n(.*?)^```", MAPPING, re.MULTILINE | re.DOTALL)
)
def test_the_examples_are_mappings(tmp_path: Path, example: str) -> None:
    file = tmp_path / "example.toml"
    file.write_text(example, encoding="utf-8")
    assert load_mapping(file).name == tomllib.loads(example)["name"]


def test_the_directives_of_time_formats_are_those_that_are_understood() -> None:
    directives = set(re.findall(r"`%(\w)`", MAPPING))
    for directive in directives:
        compile_formats((f"%Y-%m %{directive}",))
    assert directives == set("YymdbBaAHIpMSfz")


def test_every_file_of_a_lake_is_named_on_the_page(tmp_path: Path) -> None:
    rows = [row(n) for n in range(40)] + [row(60, when="yesterday")]
    import_files(tmp_path / "lake", mapping_file(tmp_path), [write_rows(tmp_path / "a.csv", rows)])
    tree = re.search(r"^## On disk\n\n```text\n(.*?)^```", SCHEMA, re.MULTILINE | re.DOTALL)
    assert tree is not None
    names = [re.split(r"\s{2,}", line)[0] for line in tree[1].splitlines()]
    holes = {"<service>": r"\w+", "<YYYY-MM>": r"\d{4}-\d\d", "<id>": r"\w+", "<n>": r"\d+"}
    patterns = {name: re.escape(name) for name in names[:-1]}
    for hole, fits in holes.items():
        patterns = {name: p.replace(re.escape(hole), fits) for name, p in patterns.items()}
    found = files_of(tmp_path / "lake")
    for name, pattern in patterns.items():
        assert any(re.fullmatch(pattern, file) for file in found), name
    unexplained = [f for f in found if not any(re.fullmatch(p, f) for p in patterns.values())]
    assert unexplained == []
