"""The print view: a left-to-right Graphviz graph.

Belief is told by the lightness of the fill, by a number and by the width of the border; status by a word
and by the form of the box. Labels are plain text: nothing in them can become markup or an escape.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import graphviz

from agents.tree.draw.face import Face, Kind, faces
from agents.tree.draw.palette import LIGHT, Palette
from agents.tree.model import ProblemTree

WRAP = 38
"""Characters of a line; the print view's width."""
NARROW = 14
"""The same where the picture stands beside something else, and has to stay legible at a third of a screen."""
_INCHES_PER_CHARACTER = 0.076
_FONT = "Helvetica,Arial,Liberation Sans,DejaVu Sans"
_FORMS: dict[Kind, dict[str, str]] = {
    "branch": {"style": "filled,rounded"},
    "open": {"style": "filled"},
    "supported": {"style": "filled,bold", "peripheries": "2"},
    "refuted": {"style": "filled,dashed"},
    "parked": {"style": "filled", "shape": "note"},
    "other": {"style": "filled,rounded,dotted"},
}


def to_dot(
    tree: ProblemTree,
    palette: Palette = LIGHT,
    collapsed: Collection[str] = (),
    caption: str = "",
    wrap: int = WRAP,
) -> graphviz.Digraph:
    """The graph; its nodes are named n0, n1 ... in reading order and carry the node's id as `id`."""
    graph = graphviz.Digraph("tree")
    gap, inset = ("0.5", "0.12") if wrap > NARROW else ("0.25", "0.06")
    graph.attr(rankdir="LR", bgcolor=palette.background, ranksep=gap, nodesep="0.12", pad="0.2")
    graph.attr(ordering="out")
    graph.attr("node", shape="box", fontname=_FONT, fontsize="11", margin=f"{inset},0.06", color=palette.line)
    graph.attr("node", width=f"{wrap * _INCHES_PER_CHARACTER:.2f}")
    graph.attr("edge", color=palette.line, arrowhead="none", headport="w", tailport="e")
    if caption:
        graph.attr(label=plain([caption]), fontname=_FONT, fontsize="9", fontcolor=palette.ink, labelloc="b")
    names: dict[str, str] = {}
    for face in faces(tree.root, collapsed):
        name = names.setdefault(face.node_id, f"n{len(names)}")
        graph.node(name, label=plain(face.lines(wrap)), id=face.node_id, **_look(face, palette))
        if face.parent_id is not None:
            graph.edge(names[face.parent_id], name)
    return graph


def plain(lines: list[str]) -> str:
    """A label of these lines, in which Graphviz reads no escape and no HTML; a `str` that says so."""
    return cast(str, graphviz.nohtml("\\n".join(graphviz.escape(line) for line in lines)))


def _look(face: Face, palette: Palette) -> dict[str, str]:
    shade = palette.shade(face.belief)
    width = 1 + 3.5 * min(max(face.belief or 0.0, 0.0), 1.0)
    look = {"fillcolor": shade.fill, "fontcolor": shade.ink, "penwidth": f"{width:.2f}", **_FORMS[face.kind]}
    return look | {"shape": "folder"} if face.hidden else look
