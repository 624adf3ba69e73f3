"""Charts of result tables as plain plotly dicts: no plotly is needed to make them."""

import html
from collections.abc import Sequence

from pydantic import JsonValue

from agents.data.results import Figure, ResultTable
from agents.data.sentences import MISSING
from agents.data.values import Cell

MOST_BARS = 30
MOST_LINES = 8
LONGEST_LABEL = 60


def bars(table: ResultTable, label: str, value: str) -> Figure:
    """A bar for each of the first rows, the first on top."""
    shown = range(min(MOST_BARS, len(table.rows)))
    trace: dict[str, JsonValue] = {
        "type": "bar",
        "orientation": "h",
        "y": [_label(table.value(row, label)) for row in shown],
        "x": [_number(table.value(row, value)) for row in shown],
    }
    layout: dict[str, JsonValue] = {
        "xaxis": {"title": {"text": escaped(value)}},
        "yaxis": {"title": {"text": escaped(label)}, "type": "category", "autorange": "reversed"},
    }
    return Figure(table=table.id, spec={"data": [trace], "layout": layout})


def columns(table: ResultTable, position: str, value: str, title: str) -> Figure:
    """Upright bars at numbers, one beside the other."""
    trace: dict[str, JsonValue] = {
        "type": "bar",
        "x": [_number(one) for one in table.values(position)],
        "y": [_number(one) for one in table.values(value)],
        "offset": 0,
    }
    layout: dict[str, JsonValue] = {
        "bargap": 0.02,
        "xaxis": {"title": {"text": escaped(title)}},
        "yaxis": {"title": {"text": escaped(value)}},
    }
    return Figure(table=table.id, spec={"data": [trace], "layout": layout})


def grouped_bars(table: ResultTable, label: str, parts: str, value: str) -> Figure:
    """Bars side by side for a second column; of labels and parts only the first ones of the rows."""
    labels = list(dict.fromkeys(table.values(label)))[:MOST_BARS]
    kept = list(dict.fromkeys(table.values(parts)))[:MOST_LINES]
    cells = _pairs(table, label, parts, value)
    data: list[JsonValue] = [
        {
            "type": "bar",
            "name": _label(part),
            "x": [_label(one) for one in labels],
            "y": [_number(cells.get((one, part))) for one in labels],
        }
        for part in kept
    ]
    layout: dict[str, JsonValue] = {
        "barmode": "group",
        "xaxis": {"title": {"text": escaped(label)}, "type": "category"},
        "yaxis": {"title": {"text": escaped(value)}},
        "legend": {"title": {"text": escaped(parts)}},
    }
    return Figure(table=table.id, spec={"data": data, "layout": layout})


def lines(table: ResultTable, time: str, value: str, by: str | None = None) -> Figure:
    """A line over time, or one for each value of `by`; a stretch without a value leaves a gap."""
    axis: dict[str, JsonValue] = {"title": {"text": escaped(time)}}
    if by is None:
        data: list[JsonValue] = [_line(table.values(time), table.values(value), escaped(value))]
    else:
        stretches = list(dict.fromkeys(table.values(time)))
        cells = _pairs(table, time, by, value)
        names = list(dict.fromkeys(table.values(by)))[:MOST_LINES]
        data = [_line(stretches, [cells.get((one, key)) for one in stretches], _label(key)) for key in names]
    layout: dict[str, JsonValue] = {"xaxis": axis, "yaxis": {"title": {"text": escaped(value)}}}
    return Figure(table=table.id, spec={"data": data, "layout": layout})


def contributions(table: ResultTable, label: str, value: str) -> Figure:
    """What each of the first rows adds to a change, upwards and downwards."""
    figure = bars(table, label, value)
    return figure.model_copy(update={"spec": {**figure.spec, "layout": _zero_line(figure.spec["layout"])}})


def escaped(text: str) -> str:
    """A text in which plotly finds none of its markup, cut to a bearable length."""
    line = " ".join(text.split())
    short = line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…"
    return html.escape(short, quote=False)


def _line(times: Sequence[Cell], values: Sequence[Cell], name: str) -> dict[str, JsonValue]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [_label(one) if isinstance(one, str) else one for one in times],
        "y": [_number(one) for one in values],
        "connectgaps": False,
    }


def _pairs(table: ResultTable, first: str, second: str, value: str) -> dict[tuple[Cell, Cell], Cell]:
    keys = zip(table.values(first), table.values(second), strict=True)
    return dict(zip(keys, table.values(value), strict=True))


def _zero_line(layout: JsonValue) -> JsonValue:
    if not isinstance(layout, dict) or not isinstance(layout["xaxis"], dict):
        raise TypeError("A figure's layout is a dict.")
    return {**layout, "xaxis": {**layout["xaxis"], "zeroline": True}}


def _label(value: Cell) -> str:
    return MISSING if value is None else escaped(str(value))


def _number(value: Cell) -> float | int | None:
    return value if isinstance(value, int | float) else None
