"""Graphviz pictures as files: by the Graphviz inside pygraphviz, else by the `dot` on the machine."""

from __future__ import annotations

import threading
from typing import Literal

import graphviz

from agents.errors import WhytreeError

Format = Literal["svg", "png", "pdf"]

_ONE_AT_A_TIME = threading.Lock()
"""Graphviz keeps global state; two layouts at once in one process can corrupt each other."""


def render(graph: graphviz.Digraph, file_format: Format) -> bytes:
    """The picture's bytes; a `WhytreeError` that offers the DOT text when neither way works."""
    try:
        return _by_pygraphviz(graph.source, file_format)
    except ImportError:
        return _by_system(graph, file_format)


def _by_pygraphviz(source: str, file_format: Format) -> bytes:
    import pygraphviz  # a heavy library, and the one part a machine may lack

    try:
        with _ONE_AT_A_TIME:
            return bytes(pygraphviz.AGraph(string=source).draw(format=file_format, prog="dot"))
    except (ValueError, pygraphviz.DotError) as error:
        raise WhytreeError(_offer(file_format)) from error


def _by_system(graph: graphviz.Digraph, file_format: Format) -> bytes:
    try:
        return bytes(graph.pipe(format=file_format))
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError) as error:
        raise WhytreeError(_offer(file_format)) from error


def _offer(file_format: Format) -> str:
    return (
        f"The {file_format.upper()} could not be drawn, because Graphviz does not work on this machine. "
        "The tree is safe. Take the DOT text instead and draw it wherever Graphviz is installed."
    )
