"""The table of powers that agencies can give."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from triservice.agencies.powers import powers, read_powers
from triservice.kernel.errors import InputError


def test_accreditation_is_given_by_police_and_names_its_law() -> None:
    accreditation = [power for power in powers().values() if power.code.startswith("csas.")]
    assert len(accreditation) == 16
    assert {power.giver for power in accreditation} == {"police"}
    assert all("Police Reform Act 2002, Schedule 5" in power.law for power in accreditation)


def test_a_repealed_power_is_no_longer_in_law() -> None:
    fouling = powers()["csas.penalty-dog-fouling"].period
    assert not fouling.covers(date(2026, 3, 27))
    assert fouling.covers(date(2005, 1, 1))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('code = "a"\ntitle = "A"', "row 1: has no law"),
        ('code = "a"\ntitle = "A"\nlaw = "x"\nsincee = 2020-01-01', "has a key 'sincee'"),
        (
            'code = "a"\ntitle = "A"\nlaw = "x"\n[[power]]\ncode = "a"\ntitle = "B"\nlaw = "y"',
            "row 2: repeats the code 'a'",
        ),
    ],
)
def test_a_wrong_table_is_refused_with_its_row(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "powers.toml"
    file.write_text(f'act = "An Act"\n[[power]]\n{row}\n')
    with pytest.raises(InputError, match=said):
        read_powers(file)
