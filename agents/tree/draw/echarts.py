"""The interactive tree: an ECharts option (plain JSON data) whose first items are the tree's nodes.

It is a graph with every place given, once for each range of widths: in columns where they fit, as an outline
on a phone. Corners of lines and of the picture are invisible items behind the nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from agents.tree.draw.face import Face, Kind, faces
from agents.tree.draw.layout import FONT, INSET_X, INSET_Y, LINE, Box, Layout, Point, lay_out
from agents.tree.draw.palette import LIGHT, Palette
from agents.tree.model import ProblemTree

WIDTHS = (330, 580, 790, 1060)
"""Pixels of width that there is a layout for; each serves up to the next one."""
MARGIN = 6
_FORMS: dict[Kind, dict[str, Any]] = {
    "branch": {"borderWidth": 1, "borderRadius": 8},
    "open": {"borderWidth": 1},
    "supported": {"borderWidth": 3},
    "refuted": {"borderWidth": 1.5, "borderType": "dashed"},
    "parked": {"borderWidth": 1, "borderRadius": [0, 14, 0, 0]},
    "other": {"borderWidth": 1.5, "borderType": "dotted", "borderRadius": 8},
}
_UNSEEN = {"color": "transparent", "borderWidth": 0}
_LABEL = {
    "show": False,
    "position": "insideLeft",
    "distance": 0,
    "padding": [INSET_Y, INSET_X],
    "fontSize": FONT,
    "lineHeight": LINE,
    "overflow": "truncate",
}


def to_echarts(
    tree: ProblemTree, palette: Palette = LIGHT, collapsed: Collection[str] = (), selected: str | None = None
) -> dict[str, Any]:
    """An option for `setOption`; the series' first items are the nodes shown, in reading order, by `id`.

    Every text is drawn on the canvas as it stands; the tooltip, which would be HTML, is off.
    """
    shown = list(faces(tree.root, collapsed))
    drawn = layouts(shown)
    tall = max(layout.height for layout in drawn)
    series = [_series(layout, tall, palette, selected) for layout in drawn]
    return {
        "backgroundColor": "transparent",
        "tooltip": {"show": False},
        "series": [series[0]],
        "media": [
            {"query": query, "option": {"series": [each]}}
            for query, each in zip(_queries(), series, strict=True)
        ],
    }


def height(tree: ProblemTree, collapsed: Collection[str] = ()) -> int:
    """Pixels the chart needs, whatever its width turns out to be."""
    tallest = max(layout.height for layout in layouts(list(faces(tree.root, collapsed))))
    return round(tallest) + 2 * MARGIN


def node_at(tree: ProblemTree, data_index: int, collapsed: Collection[str] = ()) -> str | None:
    """The id of the node that a click on this item means, or None."""
    shown = [face.node_id for face in faces(tree.root, collapsed)]
    return shown[data_index] if 0 <= data_index < len(shown) else None


def layouts(shown: Sequence[Face]) -> list[Layout]:
    """The tree at each of `WIDTHS`."""
    return [lay_out(shown, width - 2 * MARGIN) for width in WIDTHS]


def _queries() -> list[dict[str, int]]:
    """Ranges of width without a gap, one for each layout."""
    lows = [0, *WIDTHS[1:]]
    ranges = [{"minWidth": low, "maxWidth": high - 1} for low, high in pairwise(lows)]
    return [*ranges, {"minWidth": lows[-1]}]


def _series(layout: Layout, tall: float, palette: Palette, selected: str | None) -> dict[str, Any]:
    """One layout, its rows spread over the height that the tallest one needs."""
    nodes = [_item(box, palette, chosen=box.face.node_id == selected) for box in layout.boxes]
    corners, links = _wires(layout, len(nodes))
    return {
        "type": "graph",
        "id": "tree",
        "layout": "none",
        "left": MARGIN,
        "right": MARGIN,
        "top": MARGIN,
        "height": tall,
        "data": [*nodes, *corners],
        "links": links,
        "selectedMode": "single",
        "animation": False,
        "lineStyle": {"color": palette.line, "width": 1, "opacity": 1},
        "symbol": "none",
        "label": _LABEL,
        "emphasis": {"scale": False, "label": {"borderColor": palette.ink}},
        "select": {"itemStyle": _UNSEEN},
    }


def _item(box: Box, palette: Palette, chosen: bool) -> dict[str, Any]:
    """A node: its label is the box that is seen, its symbol an unseen one of the same size to click on."""
    face, shade = box.face, palette.shade(box.face.belief)
    look: dict[str, Any] = {"color": shade.ink, "backgroundColor": shade.fill, "borderColor": palette.line}
    look |= _FORMS[face.kind]
    if chosen:
        look |= {"borderColor": palette.ink, "borderWidth": 3, "shadowBlur": 6, "shadowColor": palette.ink}
    return {
        "id": face.node_id,
        "name": "\n".join(box.lines),
        "x": round(box.left, 1),
        "y": round(box.middle, 1),
        "symbol": "rect",
        "symbolSize": [box.width, box.height],
        "symbolOffset": [box.width / 2, 0],
        "itemStyle": _UNSEEN,
        "label": {"show": True, "width": box.width - 2 * INSET_X, "height": box.height - 2 * INSET_Y, **look},
    }


def _wires(layout: Layout, first: int) -> tuple[list[dict[str, Any]], list[dict[str, int]]]:
    """Unseen items at the picture's corners and along the wires, and the links between those.

    Links speak of items by their place in the list, in which the unseen ones begin at `first`.
    """
    numbers: dict[Point, int] = {(0.0, 0.0): first, (layout.width, layout.height): first + 1}
    links: dict[tuple[int, int], None] = {}
    for wire in layout.wires:
        for ends in pairwise(numbers.setdefault(point, first + len(numbers)) for point in wire):
            links[ends] = None
    corners: list[dict[str, Any]] = [
        {"id": f"/{number}", "x": round(x, 1), "y": round(y, 1)} for (x, y), number in numbers.items()
    ]
    return corners, [{"source": start, "target": end} for start, end in links]
