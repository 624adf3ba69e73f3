"""The memo as a Word document: the same lines, in Word's own headings, lists and quotes."""

import re
from collections.abc import Sequence
from io import BytesIO

import docx
from docx.document import Document
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.token import Token

HEADINGS = {"h1": "Title", "h2": "Heading 1"}
BLOCKS = {
    "bullet_list_open": "List Bullet",
    "ordered_list_open": "List Number",
    "blockquote_open": "Intense Quote",
}
"""What opens a part of the memo, and the style of Word that its paragraphs have."""
NORMAL = "Normal"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML holds, and so no Word file."""


def as_word(memo: str) -> bytes:
    """A .docx file of a memo in Markdown; what was escaped there stands here letter for letter."""
    document = docx.Document()
    opened: list[str] = []
    for token in MarkdownIt("commonmark").parse(memo):
        if token.type in BLOCKS:
            opened.append(BLOCKS[token.type])
        elif token.type == "heading_open":
            opened.append(HEADINGS[token.tag])
        elif token.type.replace("_close", "_open") in (*BLOCKS, "heading_open"):
            opened.pop()
        elif token.type == "inline":
            _write(document.add_paragraph(style=opened[-1] if opened else NORMAL), token.children or ())
    _describe(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _write(paragraph: Paragraph, pieces: Sequence[Token]) -> None:
    is_strong = False
    for piece in pieces:
        if piece.type in ("strong_open", "strong_close"):
            is_strong = piece.type == "strong_open"
        else:
            run = paragraph.add_run(" " if piece.type == "softbreak" else _UNFIT.sub("", piece.content))
            run.bold = is_strong or None


def _describe(document: Document) -> None:
    """The properties that Word shows of a file: nobody's name but the tool's."""
    document.core_properties.author = "Whytree"
    document.core_properties.title = document.paragraphs[0].text
