"""One self-contained HTML file: no script, nothing loaded from outside, branches that open and close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from agents.tree.draw.face import is_about, percent
from agents.tree.draw.palette import LIGHT
from agents.tree.exports.context import HEADINGS, NO_EVIDENCE, ExportContext
from agents.tree.exports.rows import WorkRow, facts_of, head_of, left_out, work_rows
from agents.tree.model import Node, ProblemTree, belief_of, walk

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body { font: 16px/1.45 system-ui, Arial, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1f26; background: #ffffff; }
h1 { font-size: 1.6rem; margin-bottom: .3rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.answer { font-size: 1.2rem; font-weight: 600 } .stamp, footer { color: #4a5563; font-size: .875rem }
ul.tree, ul.tree ul { list-style: none; margin: 0; padding-left: 1.4rem; border-left: 1px solid #b9c2cd }
ul.tree { border: 0; padding: 0 } ul.tree li { margin: .3rem 0 } summary { cursor: pointer }
.node { display: inline-block; padding: .2rem .6rem; border: 1px solid #4a5563; overflow-wrap: anywhere }
.branch { border-radius: .6rem } .supported { border-style: double; border-width: 4px }
.refuted { border-style: dashed } .parked { border-style: dotted }
.other { border-radius: 1rem; border-style: dotted }
.belief { font-variant-numeric: tabular-nums; white-space: nowrap }
table { border-collapse: collapse; width: 100%; font-size: .875rem }
th, td { border: 1px solid #b9c2cd; padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word }
td:nth-last-child(2) { white-space: nowrap }
.wide { overflow-x: auto } td { max-width: 18rem }
th { background: #eef2f6 }
.facts { width: auto } .facts td { max-width: 50rem } td.number { text-align: right; white-space: nowrap }
details[open] > summary .hidden { display: none }
@page { size: A4 landscape; margin: 12mm }
@media print { body { margin: 0; max-width: none; font-size: 10pt } tr, .node { break-inside: avoid }
  h2 { break-after: avoid } .node { print-color-adjust: exact } .wide { overflow: visible }
  table { font-size: 8pt } th, td { padding: 1mm } td { max-width: none; overflow-wrap: anywhere } }
"""


def to_page(tree: ProblemTree, context: ExportContext) -> str:
    """The file's text."""
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escape(context.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            f'<h1 dir="auto">{escape(context.title)}</h1>\n',
            f'<p class="answer" dir="auto">{escape(context.answer)}</p>\n',
            f'<p class="stamp">{escape(context.stamp)}</p>\n',
            _evidence(context),
            _to_do(context),
            "<h2>What was asked</h2>\n",
            _asked(tree),
            f'<h2>The tree</h2>\n<ul class="tree">\n{"".join(_branch(tree.root))}</ul>\n',
            "<h2>Work plan</h2>\n",
            _plan(work_rows(tree, context.decided), head_of(tree)),
            f"<footer><p>{escape(context.stamp)}</p></footer>\n</body>\n</html>\n",
        ]
    )


def _evidence(context: ExportContext) -> str:
    parts = context.by_side()
    if not parts:
        return f"<h2>{HEADINGS['for']}</h2>\n<p>{NO_EVIDENCE}</p>\n"
    return "".join(f"<h2>{head}</h2>\n{_list(lines)}" for head, lines in parts)


def _list(lines: Iterable[str]) -> str:
    return "<ul>\n" + "".join(f'<li dir="auto">{escape(line)}</li>\n' for line in lines) + "</ul>\n"


def _to_do(context: ExportContext) -> str:
    """What to do next and how urgent it is; nothing for a tree that no diagnosis speaks for."""
    if not context.next_steps:
        return ""
    urgency = f'<p dir="auto">{escape(context.urgency)}</p>\n' if context.urgency else ""
    return f"<h2>What to do next</h2>\n{urgency}{_list(context.next_steps)}"


def _asked(tree: ProblemTree) -> str:
    facts = [("Question", tree.root.text), *facts_of(tree)]
    rows = "".join(f'<tr><th>{name}</th><td dir="auto">{escape(value)}</td></tr>\n' for name, value in facts)
    return f'<table class="facts">\n{rows}</table>\n'


def _branch(node: Node) -> Iterator[str]:
    if not node.children:
        yield f"<li>{_box(node)}</li>\n"
        return
    yield f"<li><details open><summary>{_box(node)}</summary>\n<ul>\n"
    for child in node.children:
        yield from _branch(child)
    yield "</ul>\n</details></li>\n"


def _box(node: Node) -> str:
    belief, leaf = belief_of(node), node.leaf
    kind = "branch" if leaf is None else "other" if leaf.is_other else leaf.status
    shade = LIGHT.shade(belief)
    style = f"background:{shade.fill};color:{shade.ink}"
    notes = [] if belief is None else [percent(belief, is_about(node))]
    if kind in ("supported", "refuted", "parked"):
        notes.append(kind)
    words = " \u00b7 ".join(notes)
    told = f' <span class="belief">{words}</span>' if notes else ""
    if node.children:
        below = sum(1 for _ in walk(node)) - 1
        told += f' <span class="belief hidden">+{below} below</span>'
    return f'<span class="node {kind}" style="{style}" dir="auto"><bdi>{escape(node.text)}</bdi>{told}</span>'


_HEADS = (
    "Hypothesis",
    "Analysis",
    "Data source",
    "Owner",
    "Days",
    "Due",
    "Refuted if",
    "Status",
    "Belief",
)


def _plan(rows: list[WorkRow], of: str) -> str:
    head = "".join(f"<th>{name}</th>" for name in (of, *_HEADS))
    body = "".join(_plan_row(row) for row in rows if not row.not_now)
    rest = left_out(rows)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
    below = f'<p dir="auto">{escape(rest)}</p>\n' if rest else ""
    return f'<div class="wide">{table}</div>\n{below}'


def _plan_row(row: WorkRow) -> str:
    leaf = row.leaf
    texts = (row.node.text, leaf.hypothesis, leaf.analysis, leaf.data_source, leaf.owner)
    days = "" if leaf.effort_days is None else f"{leaf.effort_days:g}"
    belief = "" if leaf.belief is None else percent(leaf.belief)
    cells = [f'<td dir="auto">{escape(item or "")}</td>' for item in texts]
    cells.append(f'<td class="number">{days}</td><td class="number">{leaf.due or ""}</td>')
    cells.append(f'<td dir="auto">{escape(leaf.disproof or "")}</td><td>{leaf.status}</td>')
    return f'<tr>{"".join(cells)}<td class="number">{escape(belief)}</td></tr>\n'
