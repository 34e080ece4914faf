"""Run the peer and us on one input in one run, check that the answers agree, print the ratio.

A benchmark is a file that calls `compare(...)` under `if __name__ == "__main__"`. Every side runs
in a process of its own (fresh memory, no shared caches), makes the same seeded input, warms up
on a small one (imports and compilation are not what is measured), and is timed. Peak memory is
what the call added to the process at its highest moment, from the kernel's high-water mark.

    python benchmarks/bench_knox.py            all sizes
    python benchmarks/bench_knox.py --quick    the smallest size only
"""

from __future__ import annotations

import gc
import inspect
import json
import math
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parents[1] / "build" / "benchmarks"


@dataclass(frozen=True)
class Run:
    """What one side took at one size. Memory is None where the system does not tell."""

    side: str
    size: int
    seconds: float
    peak_mb: float | None


def compare(
    name: str,
    *,
    sizes: Sequence[int],
    make_input: Callable[[int], Any],
    ours: Callable[[Any], Any],
    peers: Mapping[str, Callable[[Any], Any]],
    agree: Callable[[Any, Any, Any], str],
    goal: str,
    warm_size: int | None = None,
    repeat: int = 3,
    peer_repeat: int = 1,
    peer_limit: Mapping[str, int] | None = None,
) -> None:
    """Compare `ours` with each of `peers` at each of `sizes` and print time, memory and ratio.

    `make_input(size)` must be seeded. `agree(ours, peer, input)` raises AssertionError when the
    answers differ and returns a sentence on how closely they agree. `peer_limit` leaves a peer
    out above a size that it cannot manage in reasonable time or memory. The best of `repeat`
    (`peer_repeat`) calls counts, for both sides.
    """
    sides = {"triservice": ours, **peers}
    if "--side" in sys.argv:
        side, size, out = sys.argv[sys.argv.index("--side") + 1 :][:3]
        times = repeat if side == "triservice" else peer_repeat
        _run_side(sides[side], side, int(size), make_input, warm_size or sizes[0], times, Path(out))
        return
    script = Path(inspect.stack()[1].filename)
    chosen = sizes[:1] if "--quick" in sys.argv else sizes
    runs: list[Run] = []
    table = Table(title=f"{name} — goal: {goal}", title_justify="left")
    for column in ("size", "side", "seconds", "peak MB", "time ratio", "memory ratio", "agreement"):
        table.add_column(column, justify="left" if column in ("side", "agreement") else "right")
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen:
            mine, my_answer = _spawn(script, "triservice", size, folder)
            runs.append(mine)
            table.add_row(f"{size:,}", "triservice", _s(mine.seconds), _mb(mine), "", "", "")
            for peer in peers:
                if size > (peer_limit or {}).get(peer, size):
                    table.add_row("", peer, "left out", "", "", "", "too large for this peer here")
                    continue
                theirs, their_answer = _spawn(script, peer, size, folder)
                runs.append(theirs)
                verdict = agree(my_answer, their_answer, make_input(size))
                memory = (
                    f"{mine.peak_mb / theirs.peak_mb:.2f}×"
                    if mine.peak_mb is not None and theirs.peak_mb
                    else ""
                )
                ratio = f"{theirs.seconds / mine.seconds:,.1f}×"
                table.add_row("", peer, _s(theirs.seconds), _mb(theirs), ratio, memory, verdict)
    Console(width=150).print(table)
    _print_growth(runs)
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = {"name": name, "goal": goal, "runs": [asdict(run) for run in runs]}
    (RESULTS / f"{script.stem}-{_slug(name)}.json").write_text(json.dumps(record, indent=1))


def _print_growth(runs: list[Run]) -> None:
    """Say how each side's time grows: the exponent between its smallest and largest size."""
    for side in dict.fromkeys(run.side for run in runs):
        own = [run for run in runs if run.side == side]
        if len(own) > 1:
            first, last = own[0], own[-1]
            exponent = math.log(last.seconds / first.seconds) / math.log(last.size / first.size)
            Console().print(f"  {side}: time grows as size^{exponent:.2f}")


def _spawn(script: Path, side: str, size: int, folder: str) -> tuple[Run, Any]:
    """Run one side in a process of its own; return its figures and its answer."""
    out = Path(folder) / f"{size}-{side.replace('/', '-')}.pickle"
    command = [sys.executable, str(script), "--side", side, str(size), str(out)]
    subprocess.run(command, check=True)
    run, answer = pickle.loads(out.read_bytes())
    out.unlink()
    return run, answer


def _run_side(
    call: Callable[[Any], Any],
    side: str,
    size: int,
    make_input: Callable[[int], Any],
    warm_size: int,
    times: int,
    out: Path,
) -> None:
    call(make_input(min(warm_size, size)))
    given = make_input(size)
    best, peak, answer = math.inf, None, None
    for _ in range(times):
        answer = None
        gc.collect()
        before = _reset_peak()
        start = time.perf_counter()
        answer = call(given)
        best = min(best, time.perf_counter() - start)
        if before is not None:
            used = max(_status_mb("VmHWM") - before, 0.1)
            peak = used if peak is None else max(peak, used)
    out.write_bytes(pickle.dumps((Run(side, size, best, peak), answer)))


def _reset_peak() -> float | None:
    """Reset the kernel's high-water mark; return the memory held now in MB (None if unknown)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return _status_mb("VmRSS")
    except OSError:
        return None


def _status_mb(key: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(key)


def _s(seconds: float) -> str:
    return f"{seconds:.3f}" if seconds < 10 else f"{seconds:.1f}"


def _mb(run: Run) -> str:
    return "" if run.peak_mb is None else f"{run.peak_mb:,.0f}"


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
