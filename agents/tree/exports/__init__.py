"""Taking a tree along: every format by its name, each made from the tree and what is to be said about it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from agents.errors import NotFound
from agents.tree.document import ENVELOPE
from agents.tree.draw.dot import to_dot
from agents.tree.draw.mermaid import to_mermaid
from agents.tree.draw.render import Format, render
from agents.tree.exports.context import ExportContext
from agents.tree.model import ProblemTree

Maker = Callable[[ProblemTree, ExportContext], bytes]
_LONGEST_NAME = 60

__all__ = ["EXPORTS", "Export", "ExportContext", "export", "file_name"]


@dataclass(frozen=True, slots=True)
class Export:
    """One format a tree can leave in."""

    label: str
    """As a person picks it."""
    extension: str
    """Of the file's name, without the dot."""
    media_type: str
    make: Maker


def file_name(tree: ProblemTree, version: int, name: str) -> str:
    """A name that people and every file system can read: `sales-fall-v3.pptx`."""
    letters = unicodedata.normalize("NFKD", tree.title).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", letters)
    slug = ""
    for word in words:
        if len(slug) + len(word) >= _LONGEST_NAME:
            break
        slug = f"{slug}-{word}" if slug else word
    return f"{slug or 'problem-tree'}-v{version}.{EXPORTS[name].extension}"


def export(name: str, tree: ProblemTree, context: ExportContext) -> bytes:
    """The file's bytes; `NotFound` for a format there is none of."""
    if name not in EXPORTS:
        raise NotFound(f"There is no export named {name!r}. Choose one of: {', '.join(EXPORTS)}.")
    return EXPORTS[name].make(tree, context)


def _json(tree: ProblemTree, context: ExportContext) -> bytes:
    """The tree in an envelope that says where it comes from; `load_tree` reads it back."""
    envelope = {
        "format": ENVELOPE,
        "version": context.version,
        "made_at": context.made,
        "tree": json.loads(tree.model_dump_json(exclude_none=True)),
    }
    return json.dumps(envelope, indent=2, ensure_ascii=False).encode()


def _memo(tree: ProblemTree, context: ExportContext) -> bytes:
    from agents.tree.exports.memo import to_memo

    return to_memo(tree, context).encode()


def _page(tree: ProblemTree, context: ExportContext) -> bytes:
    from agents.tree.exports.page import to_page

    return to_page(tree, context).encode()


def _workbook(tree: ProblemTree, context: ExportContext) -> bytes:
    from agents.tree.exports.workbook import to_workbook  # loads XlsxWriter only when wanted

    return to_workbook(tree, context)


def _slides(tree: ProblemTree, context: ExportContext) -> bytes:
    from agents.tree.exports.slides import to_slides  # loads python-pptx only when wanted

    return to_slides(tree, context)


def _dot(tree: ProblemTree, context: ExportContext) -> bytes:
    return str(to_dot(tree, caption=_caption(context)).source).encode()


def _mermaid(tree: ProblemTree, context: ExportContext) -> bytes:
    return to_mermaid(tree, caption=_caption(context)).encode()


def _picture(file_format: Format) -> Maker:
    return lambda tree, context: render(to_dot(tree, caption=_caption(context)), file_format)


def _caption(context: ExportContext) -> str:
    return f"{context.title} \u00b7 {context.stamp}"


_OFFICE = "application/vnd.openxmlformats-officedocument"
EXPORTS: dict[str, Export] = {
    "pptx": Export("PowerPoint", "pptx", f"{_OFFICE}.presentationml.presentation", _slides),
    "xlsx": Export("Excel work plan", "xlsx", f"{_OFFICE}.spreadsheetml.sheet", _workbook),
    "memo": Export("Memo (Markdown)", "md", "text/markdown", _memo),
    "html": Export("Web page", "html", "text/html", _page),
    "pdf": Export("Drawing (PDF)", "pdf", "application/pdf", _picture("pdf")),
    "svg": Export("Drawing (SVG)", "svg", "image/svg+xml", _picture("svg")),
    "png": Export("Drawing (PNG)", "png", "image/png", _picture("png")),
    "dot": Export("Graphviz text", "dot", "text/vnd.graphviz", _dot),
    "mermaid": Export("Mermaid text", "mmd", "text/plain", _mermaid),
    "json": Export("Whytree document (JSON)", "json", "application/json", _json),
}
"""Every format, in the order in which they are offered."""
