"""Frames and beliefs in, Plotly figures out, as plain dictionaries; no Streamlit."""

from collections.abc import Sequence
from itertools import accumulate
from textwrap import wrap
from typing import Any

from agents.diagnosis.bars import CauseBelief

Figure = dict[str, Any]
BAR_COLOR = "#0072B2"
REST_COLOR = "#8FA3AF"
INK = {False: "#10181E", True: "#E6ECF0"}
"""Color of text by whether the page is dark."""
LINE_PX, BAR_PX, GAP_PX = 17, 15, 10
NAME_CHARS = 32


def belief_bars(belief: Sequence[CauseBelief]) -> Figure:
    """Bars, the largest on top, each under its name, so that the narrowest column cuts no name short.

    Heights are in pixels from the top: a name of two lines takes the room of two.
    """
    names = [_lines(bar) for bar in belief]
    bottoms = list(accumulate(len(lines) * LINE_PX + BAR_PX + GAP_PX for lines in names))
    bars = [bottom - GAP_PX - BAR_PX / 2 for bottom in bottoms]
    tops = [bar - BAR_PX / 2 - len(lines) * LINE_PX / 2 for bar, lines in zip(bars, names, strict=True)]
    leading = belief[0].cause_id
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": bars,
                "x": [bar.percent for bar in belief],
                "width": BAR_PX,
                "text": [share_and_shift(bar) for bar in belief],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [BAR_COLOR if bar.cause_id == leading else REST_COLOR for bar in belief]},
                "hovertext": [escape(bar.claim) for bar in belief],
                "hoverinfo": "text",
            }
        ],
        "layout": {
            "height": bottoms[-1],
            "margin": {"l": 0, "r": 90, "t": 0, "b": 0, "pad": 0},
            "xaxis": {"range": [0, 100], "visible": False, "fixedrange": True},
            "yaxis": {
                "range": [bottoms[-1], 0],
                "tickvals": tops,
                "ticktext": ["<br>".join(map(escape, lines)) for lines in names],
                "ticklabelposition": "inside",
                "ticks": "",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "showlegend": False,
        },
    }


def share_of(bar: CauseBelief) -> str:
    """`54 %`; what is under half a percent is `<1 %`."""
    return f"{bar.percent} %" if bar.percent else "<1 %"


def share_and_shift(bar: CauseBelief) -> str:
    """`54 % (+36)`."""
    share = share_of(bar)
    return escape(f"{share} ({bar.shift:+d})" if bar.shift else share)


def _lines(bar: CauseBelief) -> list[str]:
    """A cause's name in lines that the narrowest column holds; no word is cut."""
    told = bar.label + (" (suspected)" if bar.stated else "")
    return wrap(told, NAME_CHARS, break_long_words=False, break_on_hyphens=False)


def escape(text: str) -> str:
    """Text that Plotly shows letter for letter: it reads a few HTML tags and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inked(figure: Figure, dark: bool) -> Figure:
    """The figure with its texts in the page's color: Streamlit's own is too faint on a light page."""
    layout, font = figure["layout"], {"color": INK[dark]}
    parts = {name: _inked(layout.get(name, {}), "tickfont", font) for name in ("xaxis", "yaxis")}
    parts["legend"] = _inked(layout.get("legend", {}), "font", font)
    titled = {
        name: {**part, "title": _inked(part.get("title", {}), "font", font)} for name, part in parts.items()
    }
    return {**figure, "layout": {**_inked(layout, "font", font), **titled}}


def _inked(part: Figure, name: str, font: Figure) -> Figure:
    return {**part, name: {**font, **part.get(name, {})}}
