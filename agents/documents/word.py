"""Word files as paragraphs under their headings; the rows of tables are paragraphs as well."""

import zipfile
import zlib
from pathlib import Path

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError

from agents.data.loading.office_zip import check_office_zip
from agents.documents.limits import DocumentLimits
from agents.documents.passages import Block
from agents.errors import BadInput

BROKEN = (
    *(PackageNotFoundError, LxmlError, zipfile.BadZipFile, zlib.error, EOFError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError),
)
"""What python-docx raises for a file that is none inside."""


def read_word(path: Path, name: str, limits: DocumentLimits) -> tuple[list[Block], None, list[str]]:
    """Paragraphs, no number of pages (Word lays them out anew each time), and nothing left out.

    BadInput for a file that is broken, encrypted, unpacks to too much, defines entities or holds no text.
    """
    check_office_zip(path, name, limits.unzipped_bytes, needed="word/document.xml")
    try:
        document = docx.Document(str(path))
        texts = [text for part in document.iter_inner_content() for text in _texts(part)]
    except BROKEN as error:
        raise BadInput(f"“{name}” is damaged. Nothing was read: save it again and attach that.") from error
    if document.element.getroottree().docinfo.internalDTD is not None:  # its entities would be left out
        raise BadInput(
            f"“{name}” defines its own abbreviations (a document type), which Word never does, and text that "
            "uses them would be missing. Nothing was read: open it in Word and save it again."
        )
    blocks: list[Block] = []
    heading: str | None = None
    for text, is_heading in texts:
        heading = text if is_heading else heading
        if not is_heading:
            blocks.append(Block(text=text, page=None, paragraph=len(blocks) + 1, heading=heading))
    return blocks, None, []


def _texts(part: Paragraph | Table) -> list[tuple[str, bool]]:
    """The texts of a part, each with whether it is a heading."""
    if isinstance(part, Paragraph):
        text = " ".join(part.text.split())
        style = part.style.name if part.style is not None else ""
        return [(text, (style or "").startswith(("Heading", "Title")))] if text else []
    rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in part.rows]
    return [(" | ".join(cells), False) for cells in rows if any(cells)]
