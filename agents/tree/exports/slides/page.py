"""The slide's measures in inches, and the areas that its parts may use without touching each other."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 13.333, 7.5
MARGIN = 0.45
SMALLEST = 9
"""No text on a slide is smaller than this many points."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a slide."""

    left: float
    top: float
    width: float
    height: float


TITLE = Area(MARGIN, 0.3, WIDTH - 2 * MARGIN, 0.95)
BODY = Area(MARGIN, 1.4, WIDTH - 2 * MARGIN, 5.45)
FOOTER = Area(MARGIN, 7.0, WIDTH - 2 * MARGIN, 0.3)
