"""Colours of a drawing: one hue whose lightness tells belief, also in greyscale and to any eye."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shade:
    """A fill and the ink that is read on it."""

    fill: str
    ink: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme; every value is a six-digit hex colour."""

    background: str
    ink: str
    """Text and borders on the background."""
    line: str
    """Edges and the borders of nodes."""
    unknown: Shade
    """A node whose belief is not known."""
    shades: tuple[Shade, ...]
    """From no belief to full belief, in steps of equal width."""

    def shade(self, belief: float | None) -> Shade:
        """The shade for a belief in 0..1; values outside count as the nearest end."""
        if belief is None:
            return self.unknown
        step = int(min(max(belief, 0.0), 1.0) ** 0.5 * len(self.shades))
        return self.shades[min(step, len(self.shades) - 1)]


LIGHT = Palette(
    background="#FFFFFF",
    ink="#1A1F26",
    line="#4A5563",
    unknown=Shade("#F4F4F2", "#1A1F26"),
    shades=(
        Shade("#FFFFFF", "#1A1F26"),
        Shade("#DFEBF6", "#1A1F26"),
        Shade("#ABCDE8", "#1A1F26"),
        Shade("#63A1D2", "#10151B"),
        Shade("#1D5A97", "#FFFFFF"),
    ),
)

DARK = Palette(
    background="#0E1117",
    ink="#F2F5F9",
    line="#9AA7B8",
    unknown=Shade("#2A2C31", "#F2F5F9"),
    shades=(
        Shade("#151B25", "#F2F5F9"),
        Shade("#1F3852", "#F2F5F9"),
        Shade("#2B5A88", "#F2F5F9"),
        Shade("#6CA8DC", "#0B0E13"),
        Shade("#D3E7F8", "#0B0E13"),
    ),
)
