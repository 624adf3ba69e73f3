"""Beliefs in, Plotly figures in large type out, as plain dictionaries; no Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.diagnosis.bars import CauseBelief
from agents.diagnosis.inquiry import percent
from pages.ui.charts import BAR_COLOR, INK, REST_COLOR, Figure, escape, share_and_shift

FOUND_COLOR = "#E69F00"
LARGE = 18
ROW_PX = 62
TIMELINE_PX = 420


def belief_ladder(belief: Sequence[CauseBelief], dark: bool) -> Figure:
    """A bar per cause in the order given, its name above it, so that a narrow screen holds it too."""
    bars = list(reversed(belief))
    leading = max(belief, key=lambda bar: bar.belief).cause_id
    places = list(range(len(bars)))
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": places,
                "x": [bar.percent for bar in bars],
                "text": [share_and_shift(bar) for bar in bars],
                "textposition": "outside",
                "textfont": {"size": LARGE, "color": INK[dark]},
                "cliponaxis": False,
                "width": 0.42,
                "marker": {"color": [BAR_COLOR if bar.cause_id == leading else REST_COLOR for bar in bars]},
                "hovertext": [escape(bar.claim) for bar in bars],
                "hoverinfo": "text",
            }
        ],
        "layout": {
            "height": ROW_PX * len(bars),
            "margin": {"l": 0, "r": 90, "t": 8, "b": 0},
            "xaxis": {"range": [0, 100], "visible": False, "fixedrange": True},
            "yaxis": {"range": [-0.5, len(bars) - 0.15], "visible": False, "fixedrange": True},
            "showlegend": False,
            "annotations": [_name(bar, place, dark) for place, bar in zip(places, bars, strict=True)],
        },
    }


def belief_over_time(steps: Sequence[Mapping[str, float]], hidden: str, found: str, dark: bool) -> Figure:
    """A line per cause from the start over every answer; the hidden cause and the one found stand out."""
    order = sorted(steps[0], key=lambda label: (label == hidden, label == found))
    font = {"size": LARGE - 2, "color": INK[dark]}
    ticks = ["Start", *(str(number) for number in range(1, len(steps)))]
    return {
        "data": [_line(label, steps, hidden, found) for label in order],
        "layout": {
            "height": TIMELINE_PX,
            "margin": {"l": 0, "r": 12, "t": 8, "b": 0},
            "hovermode": "closest",
            "xaxis": {
                "tickvals": list(range(len(steps))),
                "ticktext": ticks,
                "tickfont": font,
                "title": {"text": "Answers", "font": font},
                "automargin": True,
                "fixedrange": True,
            },
            "yaxis": {
                "range": [0, 102],
                "ticksuffix": " %",
                "tickfont": font,
                "automargin": True,
                "fixedrange": True,
            },
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": font},
        },
    }


def _line(label: str, steps: Sequence[Mapping[str, float]], hidden: str, found: str) -> dict[str, Any]:
    stands_out = label in (hidden, found)
    color = BAR_COLOR if label == hidden else FOUND_COLOR if label == found else REST_COLOR
    role = " (hidden)" if label == hidden else " (leads)" if label == found else ""
    return {
        "type": "scatter",
        "mode": "lines+markers" if stands_out else "lines",
        "name": escape(label) + role,
        "x": list(range(len(steps))),
        "y": [percent(step[label]) for step in steps],
        "line": {"color": color, "width": 4 if stands_out else 1.5},
        "marker": {"size": 10},
        "opacity": 1 if stands_out else 0.6,
        "showlegend": stands_out,
        "hovertemplate": "%{y} %<extra>%{fullData.name}</extra>",
    }


def _name(bar: CauseBelief, place: int, dark: bool) -> dict[str, Any]:
    suspected = " (suspected)" if bar.stated else ""
    return {
        "x": 0,
        "y": place + 0.24,
        "text": escape(bar.label) + suspected,
        "font": {"size": LARGE, "color": INK[dark]},
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }
