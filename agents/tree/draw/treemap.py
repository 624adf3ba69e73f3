"""Where the belief lies: a plotly treemap as plain data, one sector per node."""

from __future__ import annotations

import html
from typing import Any

from agents.errors import Refused
from agents.tree.draw.face import Face, faces, wrapped
from agents.tree.draw.palette import LIGHT, Palette
from agents.tree.model import ProblemTree

WRAP = 24


def to_treemap(tree: ProblemTree, palette: Palette = LIGHT) -> dict[str, Any]:
    """A figure `{"data": [...], "layout": {...}}`; sector ids are node ids, texts are escaped.

    `Refused` when no leaf holds belief, or one holds less than none.
    """
    shown = list(faces(tree.root))
    inner = {face.parent_id for face in shown}
    ends = [face for face in shown if face.node_id not in inner]
    if not any(face.belief for face in ends):
        raise Refused("This tree holds no belief yet, so there is nothing to draw by size.")
    if any((face.belief or 0.0) < 0 for face in ends):
        raise Refused(
            "A leaf holds a belief below 0, which no area can show. Mend it with the checker's remedy."
        )
    shades = [palette.shade(face.belief) for face in shown]
    trace = {
        "type": "treemap",
        "ids": [face.node_id for face in shown],
        "parents": [face.parent_id or "" for face in shown],
        "labels": [_label(face, inner) for face in shown],
        "values": [0.0 if face.node_id in inner else face.belief or 0.0 for face in shown],
        "text": [" \u00b7 ".join(face.notes()) or "belief unknown" for face in shown],
        "textinfo": "label+text",
        "hovertemplate": "%{label}<br>%{text}<extra></extra>",
        "marker": {
            "colors": [shade.fill for shade in shades],
            "line": {"color": palette.line, "width": 1},
        },
        "textfont": {"color": [shade.ink for shade in shades]},
        "tiling": {"pad": 2},
    }
    layout = {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": palette.background,
        "font": {"color": palette.ink},
        "uniformtext": {"minsize": 9, "mode": "hide"},
    }
    return {"data": [trace], "layout": layout}


def _label(face: Face, inner: set[str | None]) -> str:
    """A branch on its one header line, a leaf on short lines; plotly's line break is the only markup."""
    lines = [face.text] if face.node_id in inner else wrapped(face.text, WRAP)
    return "<br>".join(html.escape(line, quote=False) for line in lines)
