"""A run's bars in time as a Plotly figure, a plain dictionary; no Streamlit."""

from collections.abc import Sequence

from agents.running.records import Bar
from pages.ui import formats
from pages.ui.charts import Figure, escape

COLORS = {"agent": "#0072B2", "tool": "#009E73", "retrieval": "#CC79A7", "attempt": "#56B4E9"}
FAILED = "#D55E00"
NAMES = {"agent": "Step", "tool": "Tool", "retrieval": "Search", "attempt": "Call of a model"}
ROW_PX = 26
LEAST_SHARE = 0.004
"""Of the whole width, so that what took no time is seen too."""
LONGEST_NAME = 42


def waterfall(bars: Sequence[Bar], dark: bool) -> Figure:
    """A row per step or attempt, the first on top, from its start to its end; failed ones stand out."""
    rows = list(reversed(bars))
    whole = max((bar.offset_s + bar.duration_s for bar in bars), default=0.0) or 1.0
    places = list(range(len(rows)))
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": places,
                "base": [bar.offset_s for bar in rows],
                "x": [max(bar.duration_s, whole * LEAST_SHARE) for bar in rows],
                "text": [
                    formats.seconds(bar.duration_s) + (", failed" if bar.error_type else "") for bar in rows
                ],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [FAILED if bar.error_type else COLORS[bar.kind] for bar in rows]},
                "hovertext": [escape(told(bar)) for bar in rows],
                "hoverinfo": "text",
            }
        ],
        "layout": {
            "height": ROW_PX * len(rows) + 60,
            "margin": {"l": 0, "r": 90, "t": 0, "b": 30},
            "xaxis": {
                "title": {"text": "Seconds since the first step began"},
                "fixedrange": True,
                "rangemode": "tozero",
                "gridcolor": "#33414B" if dark else "#DDE3E8",
            },
            "yaxis": {
                "tickmode": "array",
                "tickvals": places,
                "ticktext": [escape(_name(bar)) for bar in rows],
                "automargin": True,
                "fixedrange": True,
            },
            "bargap": 0.3,
            "showlegend": False,
        },
    }


def told(bar: Bar) -> str:
    """A bar in a sentence."""
    end = f" and failed: {bar.error_type}" if bar.error_type else ""
    return f"{NAMES[bar.kind]} {bar.name}, began after {formats.seconds(bar.offset_s)}, took " + (
        f"{formats.seconds(bar.duration_s)}{end}"
    )


def _name(bar: Bar) -> str:
    indent = "\u2003" * bar.depth
    return indent + (bar.name if len(bar.name) <= LONGEST_NAME else f"{bar.name[: LONGEST_NAME - 1]}…")
