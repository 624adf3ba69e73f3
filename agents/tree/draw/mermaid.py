"""The tree as Mermaid text, in which any character that could be markup is written as a code."""

from __future__ import annotations

import re
from collections.abc import Collection

from agents.tree.draw.face import Kind, faces
from agents.tree.draw.palette import LIGHT, Palette
from agents.tree.model import ProblemTree

WRAP = 25
"""Characters of a line; Mermaid itself wraps at 200 pixels, and lines wrapped twice read badly."""
_PLAIN = re.compile(r"[^\w ,.:!?'\u2013\u2014\u201c\u201d\u2018\u2019\u00b7-]")
_FORMS: dict[Kind, tuple[str, str]] = {
    "branch": ("(", ")"),
    "open": ("[", "]"),
    "supported": ("[[", "]]"),
    "refuted": ("[/", "/]"),
    "parked": ("{{", "}}"),
    "other": ("([", "])"),
}


def to_mermaid(
    tree: ProblemTree, palette: Palette = LIGHT, collapsed: Collection[str] = (), caption: str = ""
) -> str:
    """A `flowchart LR`; nodes are named n0, n1 ... in reading order."""
    lines = ["flowchart LR"]
    if caption:
        lines.append(f"  %% {_coded(' '.join(caption.split()))}")
    names: dict[str, str] = {}
    for face in faces(tree.root, collapsed):
        name = names.setdefault(face.node_id, f"n{len(names)}")
        before, after = _FORMS[face.kind]
        label = "<br/>".join(_coded(line) for line in face.lines(WRAP))
        lines.append(f'  {name}{before}"{label}"{after}')
        shade = palette.shade(face.belief)
        width = 1 + 3 * min(max(face.belief or 0.0, 0.0), 1.0)
        colours = f"fill:{shade.fill},color:{shade.ink},stroke:{palette.line}"
        lines.append(f"  style {name} {colours},stroke-width:{width:.1f}px")
        if face.parent_id is not None:
            lines.append(f"  {names[face.parent_id]} --- {name}")
    return "\n".join(lines) + "\n"


def _coded(text: str) -> str:
    """The text with markup characters as numeric codes, such as #60; for a less-than sign."""
    return _PLAIN.sub(lambda found: f"#{ord(found.group())};", text).replace("_", "#95;")
