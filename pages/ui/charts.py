"""Frames and beliefs in, Plotly figures out, as plain dictionaries; no Streamlit."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from agents.diagnosis.view import CauseBelief

Figure = dict[str, Any]
BAR_COLOR = "#0072B2"
REST_COLOR = "#8FA3AF"
ROW_PX = 34
NAME_CHARS = 27


def belief_bars(belief: Sequence[CauseBelief]) -> Figure:
    """Horizontal bars, the largest on top, each with its percent and last shift in words."""
    bars = list(reversed(belief))
    leading = belief[0].cause_id
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [_name(bar) for bar in bars],
                "x": [bar.percent for bar in bars],
                "text": [share_and_shift(bar) for bar in bars],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [BAR_COLOR if bar.cause_id == leading else REST_COLOR for bar in bars]},
                "hovertext": [escape(bar.claim) for bar in bars],
                "hoverinfo": "text",
            }
        ],
        "layout": {
            "height": ROW_PX * len(bars) + 20,
            "margin": {"l": 0, "r": 70, "t": 0, "b": 10},
            "xaxis": {"range": [0, 100], "visible": False, "fixedrange": True},
            "yaxis": {"automargin": True, "fixedrange": True},
            "bargap": 0.35,
            "showlegend": False,
        },
    }


def share_and_shift(bar: CauseBelief) -> str:
    """`54 % (+36)`; what is under half a percent is `<1 %`."""
    share = f"{bar.percent} %" if bar.percent else "<1 %"
    return escape(f"{share} ({bar.shift:+d})" if bar.shift else share)


def _name(bar: CauseBelief) -> str:
    """A label on lines that leave room for the bars on a narrow or zoomed page; no word is cut."""
    told = bar.label + (" (suspected)" if bar.stated else "")
    lines = wrap(told, NAME_CHARS, break_long_words=False, break_on_hyphens=False)
    return " <br>".join(map(escape, lines))


def escape(text: str) -> str:
    """Text that Plotly shows letter for letter: it reads a few HTML tags and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
