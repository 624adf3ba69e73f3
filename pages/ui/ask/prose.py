"""Prose of a model as Markdown that can do nothing: no links, images, HTML, formulas, icons or colours.

Emphasis, headings, lists and quotes stay. What would load or link something is broken by an invisible joiner,
which does the same inside inline code, where an escape would show. Code between fences is drawn apart.
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
    r"|(?<=:)(?=\S)"  # :icon: :red[...] http://
    r"|(?<=&)(?=[#\w])"  # entities
    r"|(?<=@)(?=\S)|(?<=www)(?=\.)",  # addresses that become links
    re.IGNORECASE,
)
HEADING = re.compile(r"^( {0,3})#{1,4}(?=[ \t])", re.MULTILINE)
"""Drawn smaller than the page's own headings."""
INLINE_CODE = re.compile(r"(`[^`\n]+`)")


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
    parts = INLINE_CODE.split(DANGEROUS.sub(WORD_JOINER, text))
    parts[::2] = [re.sub(r"\\*\$", r"\\$", part) for part in parts[::2]]  # formulas
    return "".join(parts)


def draw(text: str) -> None:
    """Draw a model's text."""
    for block in blocks(text):
        if block.language is None:
            st.markdown(harmless(HEADING.sub(r"\1#####", block.text)))
        else:
            st.code(block.text, language=block.language or None, wrap_lines=True)
