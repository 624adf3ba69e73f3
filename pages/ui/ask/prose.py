"""Prose of a model as Markdown that can do nothing: no links, images, HTML, formulas, icons or colours.

Emphasis, headings, lists and quotes stay. What would load or link something is broken by an invisible joiner,
which does the same inside inline code, where an escape would show; directives and formulas are escaped. Code
between fences is drawn apart.
"""

import re
from dataclasses import dataclass

import streamlit as st

from pages.ui.text import WORD_JOINER

FENCED = re.compile(
    r"^(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)
DANGEROUS = re.compile(
    r"(?<=\])(?=\s*[(\[:])"  # [text](address), [text][name], [name]: address
    r"|(?<=!)(?=\[)"
    r"|(?<=<)(?=[A-Za-z/!?])"  # tags and <address>
    r"|(?<=:)(?=//|material/|(?:100|1234|[+-]1|[\w+-]*[^\W\d_][\w+-]*):)"  # http:// and :icon:
    r"|(?<=&)(?=[#\w])"  # entities
    r"|(?<=@)(?=\S)|(?<=www)(?=\.)",  # addresses that become links
    re.IGNORECASE,
)
DIRECTIVE = re.compile(r"(?<!\\)((?:\\\\)*):(?=[^\W\d_]|:)")
""":red[...] :name, and :::name over lines; a joiner does not stop them, and what they hold would be lost."""
FORMULA = re.compile(r"(?<!\\)((?:\\\\)*)\$")
HEADING = re.compile(r"^( {0,3})#{1,4}(?=[ \t])", re.MULTILINE)
"""Drawn smaller than the page's own headings."""
INLINE_CODE = re.compile(r"\\[^\n]|(`+)(?!`)[^\n]*?(?<!`)\1(?!`)|`+")
"""What has a group is code; an escaped sign opens none, and neither do backticks that nothing closes."""


@dataclass(frozen=True)
class Block:
    """A stretch of prose, or of code with its language."""

    text: str
    language: str | None = None
    """None for prose; empty for code whose language nobody named."""


def blocks(text: str) -> list[Block]:
    """Prose and code between fences, in order."""
    found: list[Block] = []
    last = 0
    for fence in FENCED.finditer(text):
        found.append(Block(text[last : fence.start()]))
        found.append(Block(fence[3].rstrip("\n"), fence[2].casefold()))
        last = fence.end()
    found.append(Block(text[last:]))
    return [block for block in found if block.language is not None or block.text.strip()]


def harmless(text: str) -> str:
    """Markdown of which only emphasis, headings, lists, quotes and inline code take effect."""
    text = DANGEROUS.sub(WORD_JOINER, text)
    parts: list[str] = []
    last = 0
    for code in INLINE_CODE.finditer(text):
        if code[1]:
            parts += [_escaped(text[last : code.start()]), code[0]]
            last = code.end()
    return "".join([*parts, _escaped(text[last:])])


def _escaped(prose: str) -> str:
    """Prose outside of code, in which directives and formulas are the signs they are written with."""
    return FORMULA.sub(r"\1\\$", DIRECTIVE.sub(r"\1\\:", prose))


def draw(text: str) -> None:
    """Draw a model's text."""
    for block in blocks(text):
        if block.language is None:
            st.markdown(harmless(HEADING.sub(r"\1#####", block.text)))
        else:
            st.code(block.text, language=block.language or None, wrap_lines=True)
