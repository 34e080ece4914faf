from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from triservice.kernel import clock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_frozen_stands_still_and_needs_a_zone() -> None:
    with clock.frozen(NOON):
        assert clock.now() == NOON
    assert clock.now() != NOON
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 6, 1)):
        pass


def test_moved_reaches_other_threads_adds_up_and_comes_back() -> None:
    with ThreadPoolExecutor(1) as threads:

        def ahead() -> float:
            told = threads.submit(clock.now).result()
            return (told - datetime.now(UTC)) / timedelta(hours=1)

        with clock.moved(timedelta(hours=2)):
            assert ahead() == pytest.approx(2, abs=0.1)
            with clock.moved(timedelta(hours=-1)):
                assert ahead() == pytest.approx(1, abs=0.1)
        assert ahead() == pytest.approx(0, abs=0.1)
        with clock.moved(timedelta(days=9)), clock.frozen(NOON):
            assert clock.now() == NOON  # frozen is exact
