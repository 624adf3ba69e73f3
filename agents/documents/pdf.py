"""PDF files as paragraphs with their page."""

import logging
import re
from pathlib import Path

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from agents.documents.limits import DocumentLimits
from agents.documents.passages import Block
from agents.errors import BadInput

BROKEN = (
    PyPdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What pypdf raises for a file that is none inside."""
FEW_CHARACTERS = 20
"""A page with fewer is taken for an image."""


def read_pdf(path: Path, name: str, limits: DocumentLimits) -> tuple[list[Block], int, list[str]]:
    """Paragraphs, the number of pages, and what could not be read.

    BadInput for a file that is broken, has a password, too many pages, or holds images of text only.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(path)
        _unlock(reader, name)
        pages = len(reader.pages)
        _check_pages(pages, name, limits)
        texts = [page.extract_text() for page in reader.pages]
    except DependencyError as error:
        raise BadInput(_locked(name)) from error
    except BROKEN as error:
        raise BadInput(f"“{name}” is damaged. Nothing was read: save it again and attach that.") from error
    empty = sum(len(text.strip()) < FEW_CHARACTERS for text in texts)
    if empty == pages:
        raise BadInput(
            f"“{name}” holds no text, as scanned pages do not. "
            "Nothing was read: attach it with recognised text (OCR)."
        )
    notes = (
        [f"{empty:,} of the {pages:,} pages of “{name}” hold no text; they may be scanned."] if empty else []
    )
    blocks = [block for number, text in enumerate(texts, start=1) for block in _blocks(text, number)]
    return blocks, pages, notes


def _unlock(reader: pypdf.PdfReader, name: str) -> None:
    """Open a file that only forbids printing or copying; refuse one that needs a password to be read."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise BadInput(_locked(name))


def _locked(name: str) -> str:
    return f"“{name}” is encrypted. Nothing was read: save it without a password and attach that."


def _check_pages(pages: int, name: str, limits: DocumentLimits) -> None:
    if pages == 0:
        raise BadInput(f"“{name}” has no pages. Nothing was read: check the file.")
    if pages > limits.pages:
        raise BadInput(
            f"“{name}” has {pages:,} pages; {limits.pages:,} are the most. "
            "Nothing was read: attach the part that matters."
        )


def _blocks(text: str, page: int) -> list[Block]:
    """The paragraphs of a page: what stands between empty lines, words divided at line ends made whole."""
    whole = re.sub(r"(?<=\w)[-\u00ad]\n(?=[a-zığüşöç])", "", text)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", whole)]
    kept = [paragraph for paragraph in paragraphs if paragraph]
    return [
        Block(text=paragraph, page=page, paragraph=number, heading=None)
        for number, paragraph in enumerate(kept, start=1)
    ]
