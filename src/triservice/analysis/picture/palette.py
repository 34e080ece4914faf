"""Colours and classes of the maps.

Every ramp runs from light to dark with even steps of lightness, so that it reads in black and
white and to people who see colours differently; hue only says which service it is, and the
service is always named beside it. `lightness` (CIE L*) lets a test hold us to that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Five classes each, light to dark.
RAMPS: dict[str, tuple[str, ...]] = {
    "blue": ("#e4eef8", "#b3cfe8", "#6fa3d0", "#2f6fa8", "#0b3a6b"),
    "orange": ("#fdeadb", "#f9c49b", "#ea8f55", "#bb5514", "#6e2a00"),
    "green": ("#e2f3ea", "#aedac3", "#67b191", "#2a7c5e", "#074733"),
    "purple": ("#f0eaf7", "#d2c2e6", "#a58bc9", "#7450a3", "#3f1f6b"),
    "rose": ("#fbe8ee", "#f1bccd", "#d8809f", "#a94470", "#641541"),
    "slate": ("#eceff1", "#c9d1d6", "#93a1aa", "#5a6b76", "#2a3841"),
}
HUES: dict[str, str] = {
    "police": "blue",
    "fire": "orange",
    "ambulance": "green",
    "health": "green",
    "council": "purple",
}
SPARE_HUES = ("purple", "rose", "slate", "orange", "blue", "green")
NO_VALUE = "#ffffff"  # with hatching
SHARED: dict[int, tuple[str, ...]] = {  # areas in the worst share of 0, 1, … k layers
    2: ("#f1efea", "#f3bd77", "#8f2140"),
    3: ("#f1efea", "#f6cd8f", "#d96b35", "#6b1038"),
    4: ("#f1efea", "#f6cd8f", "#e08f45", "#b33f33", "#4a0a30"),
    5: ("#f1efea", "#f3cf94", "#e3a055", "#c8683a", "#942a3d", "#3f062a"),
}
CLASSES = 5


def shared_ramp(layers: int) -> tuple[str, ...]:
    """Return the colours for 0 … `layers` layers; beyond five, the last colour repeats."""
    if layers <= 1:
        return SHARED[2][:2]
    most = max(SHARED)
    ramp = SHARED[min(layers, most)]
    return ramp + ramp[-1:] * (layers - most)


def choose_hues(keys: Sequence[str]) -> dict[str, str]:
    """Give each layer a hue of its own: the familiar one of its service if it is free."""
    chosen: dict[str, str] = {}
    for key in keys:
        own = next((hue for word, hue in HUES.items() if word in key), None)
        wanted = (own, *SPARE_HUES)
        free = [hue for hue in wanted if hue and hue not in chosen.values()]
        chosen[key] = free[0] if free else "slate"
    return chosen


def lightness(colour: str) -> float:
    """Return CIE L* (0 black to 100 white) of '#rrggbb'."""
    y = luminance(colour)
    return 116 * (y ** (1 / 3) if y > 216 / 24389 else y * 841 / 108 + 4 / 29) - 16


def luminance(colour: str) -> float:
    """Return the relative luminance of '#rrggbb' as WCAG 2.2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on `colour`."""
    return "#ffffff" if contrast("#ffffff", colour) >= contrast("#0b0c0c", colour) else "#0b0c0c"


def class_breaks(values: Floats, digits: int = 0, classes: int = CLASSES) -> tuple[float, ...]:
    """Return ascending class limits holding every finite value: equal numbers in each class.

    Limits are rounded to `digits` decimals (outwards at both ends) so that the legend shows what
    the map uses; equal limits are merged, so there may be fewer classes than asked.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return ()
    step = 10.0**-digits
    limits = np.quantile(finite, np.linspace(0, 1, classes + 1))
    inner = np.ceil(limits[1:-1] / step - 1e-9) * step  # a limit belongs to the class above it
    low, high = np.floor(limits[0] / step) * step, np.ceil(limits[-1] / step) * step
    edges = np.unique(np.round([low, *inner[(inner > low) & (inner < high)], high], digits))
    return tuple(float(e) for e in edges) if edges.size > 1 else (float(low), float(low + step))


def classify(values: Floats, breaks: Sequence[float]) -> NDArray[np.int64]:
    """Return the class of each value from 0; -1 where there is no value."""
    if not breaks:
        return np.full(len(values), -1, dtype=np.int64)
    found = np.searchsorted(np.asarray(breaks[1:-1]), values, side="right")
    return np.where(np.isfinite(values), found, -1).astype(np.int64)


def class_colours(ramp: Sequence[str], classes: int) -> tuple[str, ...]:
    """Return `classes` colours spread over the whole of `ramp`."""
    if classes <= 1:
        return (ramp[len(ramp) // 2],)
    return tuple(ramp[round(i * (len(ramp) - 1) / (classes - 1))] for i in range(classes))
