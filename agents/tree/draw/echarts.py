"""The interactive tree: an ECharts option (plain JSON data) whose items carry their node's id."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from typing import Any

from agents.tree.draw.face import Face, Kind, faces
from agents.tree.draw.palette import LIGHT, Palette
from agents.tree.model import ProblemTree

WRAP = 26
LEAF_CHARACTERS = 60
CHARACTER = 5.8
"""Pixels that a character of a label takes on average."""
ROW = 26
"""Pixels of height per leaf at which no label touches the next."""
_SYMBOLS: dict[Kind, str] = {
    "branch": "circle",
    "open": "circle",
    "supported": "diamond",
    "refuted": "triangle",
    "parked": "rect",
    "other": "circle",
}


def to_echarts(
    tree: ProblemTree, palette: Palette = LIGHT, collapsed: Collection[str] = (), selected: str | None = None
) -> dict[str, Any]:
    """An option for `setOption`; the items of the series hold `id` (the node's), `name` and `children`.

    Every text is drawn on the canvas as it stands; the tooltip, which would be HTML, is off.
    """
    items: dict[str, dict[str, Any]] = {}
    for face in faces(tree.root, collapsed):
        item = items[face.node_id] = _item(face, palette, chosen=face.node_id == selected)
        if face.parent_id is not None:
            items[face.parent_id].setdefault("children", []).append(item)
    return {
        "backgroundColor": "transparent",
        "tooltip": {"show": False},
        "series": [_series(items, tree, palette)],
    }


def height(tree: ProblemTree, collapsed: Collection[str] = ()) -> int:
    """Pixels the chart needs so that labels do not overlap."""
    shown = list(faces(tree.root, collapsed))
    parents = {face.parent_id for face in shown}
    ends = sum(face.node_id not in parents for face in shown)
    return max(320, ROW * (ends + len(parents)) + 40)


def node_at(tree: ProblemTree, data_index: int, collapsed: Collection[str] = ()) -> str | None:
    """The id of the node that a click on this data index means, or None.

    ECharts counts the items in reading order and puts a root of its own before the first.
    """
    shown = [face.node_id for face in faces(tree.root, collapsed)]
    return shown[data_index - 1] if 0 < data_index <= len(shown) else None


def _item(face: Face, palette: Palette, chosen: bool) -> dict[str, Any]:
    shade = palette.shade(face.belief)
    belief = min(max(face.belief or 0.0, 0.0), 1.0)
    border = {"color": shade.fill, "borderColor": palette.line, "borderWidth": 1 + 3 * belief}
    if face.kind == "other":
        border["borderType"] = "dotted"
    return {
        "id": face.node_id,
        "name": _name(face),
        "value": face.belief,
        "symbol": "roundRect" if face.hidden else _SYMBOLS[face.kind],
        "symbolSize": 10 + 14 * belief**0.5,
        "itemStyle": border | ({"borderColor": palette.ink, "borderWidth": 4} if chosen else {}),
    }


def _name(face: Face) -> str:
    """Branches wrap above their symbol; leaves stand on one line beside it."""
    if face.kind == "branch" and not face.hidden:
        return "\n".join(face.lines(WRAP))
    text = textwrap.shorten(face.text, LEAF_CHARACTERS, placeholder=" \u2026")
    return "  ".join((text, *face.notes()))


def _room_for_leaves(items: dict[str, dict[str, Any]]) -> int:
    """Pixels right of the last symbol that the longest leaf's label needs."""
    longest = max((len(item["name"]) for item in items.values() if "children" not in item), default=0)
    return 40 + round(CHARACTER * longest)


def _series(items: dict[str, dict[str, Any]], tree: ProblemTree, palette: Palette) -> dict[str, Any]:
    return {
        "type": "tree",
        "id": "tree",
        "data": [items[tree.root.id]],
        "orient": "LR",
        "left": 110,
        "right": _room_for_leaves(items),
        "top": 40,
        "bottom": 20,
        "initialTreeDepth": -1,
        "expandAndCollapse": False,
        "roam": True,
        "selectedMode": "single",
        "animation": False,
        "lineStyle": {"color": palette.line},
        "label": {
            "color": palette.ink,
            "position": "top",
            "align": "center",
            "fontSize": 11,
            "lineHeight": 13,
        },
        "leaves": {"label": {"position": "right", "verticalAlign": "middle", "align": "left"}},
        "select": {"itemStyle": {"borderColor": palette.ink, "borderWidth": 4}},
    }
