"""The memo as a Word document: in Word's own styles, with a table of the answers and the tree."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Inches
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
HEADS = ("Question", "Answer", "Speaks", "Belief")
WIDTHS = (3.2, 1.7, 0.8, 1.0)
"""Columns of the table of answers, and their inches."""
PICTURE_WIDTH, PICTURE_HEIGHT = 6.0, 8.0
"""Most inches of the tree's picture, so that it stays on its page."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML holds, and so no Word file."""


def as_word(
    memo: str, made_at: datetime, answers: Sequence[Sequence[str]] = (), tree: bytes | str | None = None
) -> bytes:
    """A .docx file of a memo in Markdown; what was escaped there stands here letter for letter.

    `answers` are rows under `HEADS`, for or against the leading cause; `tree` is a PNG, or why there is none.
    `made_at` is in UTC, without a zone.
    """
    document = docx.Document()
    for style, children in _paragraphs(memo):
        _write(document.add_paragraph(style=style), children)
    if answers:
        _put_answers(document, answers)
    if tree:
        _put_tree(document, tree)
    _describe(document, made_at)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _paragraphs(memo: str) -> Iterator[tuple[str, Sequence[Token]]]:
    """Each paragraph of the memo: its style in Word, and its pieces."""
    opened: list[str] = []
    for token in MarkdownIt("commonmark").parse(memo):
        if token.type in BLOCKS:
            opened.append(BLOCKS[token.type])
        elif token.type == "heading_open":
            opened.append(HEADINGS[token.tag])
        elif token.type.replace("_close", "_open") in (*BLOCKS, "heading_open"):
            opened.pop()
        elif token.type == "inline":
            yield opened[-1] if opened else NORMAL, token.children or ()


def _write(paragraph: Paragraph, pieces: Sequence[Token]) -> None:
    is_strong = False
    for piece in pieces:
        if piece.type in ("strong_open", "strong_close"):
            is_strong = piece.type == "strong_open"
        else:
            run = paragraph.add_run(" " if piece.type == "softbreak" else _UNFIT.sub("", piece.content))
            run.bold = is_strong or None


def _put_answers(document: Document, answers: Sequence[Sequence[str]]) -> None:
    document.add_paragraph("For and against", style=HEADINGS["h2"])
    table = document.add_table(rows=0, cols=len(HEADS), style="Light Grid Accent 1")
    for row in (HEADS, *answers):
        for cell, width, text in zip(table.add_row().cells, WIDTHS, row, strict=True):
            cell.width, cell.text = Inches(width), _UNFIT.sub("", text)


def _put_tree(document: Document, tree: bytes | str) -> None:
    """The picture as wide as the page, or less where it would be too tall."""
    document.add_paragraph("The tree of causes", style=HEADINGS["h2"]).paragraph_format.keep_with_next = True
    if isinstance(tree, str):
        document.add_paragraph(tree)
        return
    shape = document.add_picture(BytesIO(tree))
    scale = min(Inches(PICTURE_WIDTH) / shape.width, Inches(PICTURE_HEIGHT) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)


def _describe(document: Document, made_at: datetime) -> None:
    """The properties that Word shows of a file: no name but the tool's, no picture of a template."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = "Whytree"
    properties.title = document.paragraphs[0].text
    properties.comments = ""
    properties.created = properties.modified = made_at.replace(tzinfo=UTC)
    links = document.part.package.rels
    for name in [key for key, link in links.items() if link.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del links[name]
