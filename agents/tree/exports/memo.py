"""A memo in Markdown, the answer first; texts are escaped so that none of them becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.tree.draw.face import is_about, percent
from agents.tree.exports.context import HEADINGS, NO_EVIDENCE, ExportContext, one_line
from agents.tree.exports.rows import WorkRow, facts_of, head_of, left_out, work_rows
from agents.tree.model import Node, ProblemTree, belief_of

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$^]|&(?=[#\w]))")
"""Marks that open something anywhere in a line; an ampersand only where it could begin an entity."""
_LEADING = re.compile(r"^(\d+)([.)])|^([-+=:#])")
_ADDRESS = re.compile(r"(?i)(www)\.|://|@")


def to_memo(tree: ProblemTree, context: ExportContext) -> str:
    """The whole memo: answer, evidence, problem, tree, work plan."""
    rows = work_rows(tree, context.decided)
    parts = [
        f"# {text(context.title)}",
        f"**{text(context.answer)}**",
        f"_{text(context.stamp)}_",
        _next(context),
        _evidence(context),
        "## What was asked",
        text(tree.root.text),
        _facts(tree),
        "## The tree",
        "\n".join(_branch(tree.root, 0)),
        "## Work plan",
        _plan(rows, head_of(tree)),
        text(left_out(rows)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def text(raw: str) -> str:
    """One line in which no character is read as Markdown, HTML or a link."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(raw))
    escaped = _ADDRESS.sub(lambda found: _broken(found), escaped)
    return _LEADING.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)


def _broken(found: re.Match[str]) -> str:
    """An address that no renderer turns into a link of its own accord."""
    if found[1]:
        return f"{found[1]}\\."
    return "\\://" if found.group() == "://" else "\\@"


def _evidence(context: ExportContext) -> str:
    parts = context.by_side() or [(HEADINGS["for"], ())]
    return "\n\n".join(f"## {head}\n\n{_numbered(lines) or NO_EVIDENCE}" for head, lines in parts)


def _list(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines)


def _numbered(lines: tuple[str, ...]) -> str:
    return "\n".join(f"{number}. {text(line)}" for number, line in enumerate(lines, start=1))


def _next(context: ExportContext) -> str:
    """What to do next and how urgent it is; nothing where no diagnosis says so."""
    if not context.next_steps:
        return ""
    return "\n\n".join(["## What to do next", text(context.urgency), _list(context.next_steps)])


def _facts(tree: ProblemTree) -> str:
    rows = [f"| {name} | {text(value)} |" for name, value in facts_of(tree)]
    return "\n".join(["| Fact | Value |", "| --- | --- |", *rows]) if rows else ""


def _branch(node: Node, depth: int) -> Iterator[str]:
    belief = belief_of(node)
    notes = [percent(belief, is_about(node))] if belief is not None else []
    if node.leaf is not None and node.leaf.status != "open":
        notes.append(node.leaf.status + _reason(node.leaf.parked_reason))
    yield "  " * depth + f"- {text(node.text)}" + (f" ({', '.join(notes)})" if notes else "")
    for child in node.children:
        yield from _branch(child, depth + 1)


def _reason(reason: str | None) -> str:
    return f": {text(reason)}" if reason else ""


def _plan(rows: list[WorkRow], of: str) -> str:
    head = [f"| {of} | Hypothesis | Analysis | Source | Owner | Days | Due | Status |", "| --- " * 8 + "|"]
    return "\n".join([*head, *(_plan_row(row) for row in rows if not row.not_now)])


def _plan_row(row: WorkRow) -> str:
    leaf = row.leaf
    days = "" if leaf.effort_days is None else f"{leaf.effort_days:g}"
    due = "" if leaf.due is None else leaf.due.isoformat()
    cells = (row.node.text, leaf.hypothesis, leaf.analysis, leaf.data_source, leaf.owner)
    return "| " + " | ".join([*(text(cell or "") for cell in cells), days, due, leaf.status]) + " |"
