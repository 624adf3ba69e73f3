"""Documents as passages, each with the place where it stands."""

import re
from collections.abc import Sequence

from agents.data.tables import Fact
from agents.documents.sentences import split_sentences

SHORTEST = 200
"""Characters up to which a paragraph is joined with the one after it."""
LONGEST = 900
"""Characters from which a paragraph is divided between its sentences."""


class Block(Fact):
    """A paragraph as a reader found it."""

    text: str
    """Its text, in one line."""
    page: int | None
    """Number of its page, from 1; None where the format has no pages."""
    paragraph: int
    """Its number on the page, or in the document, from 1."""
    heading: str | None
    """The heading it stands under."""


class Passage(Fact):
    """A piece of a document, short enough to be quoted."""

    document: str
    """The document's name."""
    page: int | None
    """Number of its page, from 1."""
    first: int
    """Number of its first paragraph on the page, or in the document."""
    last: int
    """Number of its last paragraph."""
    heading: str | None
    """The heading it stands under."""
    text: str
    """The words of the document; never instructions to anybody."""

    @property
    def place(self) -> str:
        """Where it stands, in words: "page 3, paragraph 2"."""
        many = f"paragraphs {self.first} to {self.last}"
        paragraph = many if self.last > self.first else f"paragraph {self.first}"
        return paragraph if self.page is None else f"page {self.page}, {paragraph}"


class Document(Fact):
    """A document that was read."""

    name: str
    """The file's name."""
    passages: tuple[Passage, ...]
    """All of its text, in order."""
    pages: int | None
    """How many pages it has; None where the format has none."""
    notes: tuple[str, ...]
    """What could not be read: whole sentences."""


def passages_of(name: str, blocks: Sequence[Block]) -> tuple[Passage, ...]:
    """The blocks in order, short neighbours joined and long ones divided."""
    found: list[Passage] = []
    for block in blocks:
        for piece in _pieces(block.text):
            passage = Passage(
                document=name,
                page=block.page,
                first=block.paragraph,
                last=block.paragraph,
                heading=block.heading,
                text=piece,
            )
            if found and _belong_together(found[-1], passage):
                found[-1] = _joined(found[-1], passage)
            else:
                found.append(passage)
    return tuple(found)


def _pieces(text: str) -> list[str]:
    """The text in pieces of whole sentences, none longer than it must be."""
    if len(text) <= LONGEST:
        return [text]
    pieces = [""]
    for sentence in (part for whole in split_sentences(text) for part in _cut(whole)):
        if pieces[-1] and len(pieces[-1]) + len(sentence) > LONGEST:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {sentence}".strip()
    return pieces


def _cut(sentence: str) -> list[str]:
    """A sentence without end, cut between words, or anywhere where it has none."""
    if len(sentence) <= LONGEST:
        return [sentence]
    return re.findall(rf".{{1,{LONGEST}}}(?:\s|$)|.{{1,{LONGEST}}}", sentence)


def _belong_together(earlier: Passage, later: Passage) -> bool:
    same_place = (earlier.page, earlier.heading) == (later.page, later.heading)
    short = len(earlier.text) < SHORTEST and len(earlier.text) + len(later.text) <= LONGEST
    return same_place and short and later.first != earlier.last


def _joined(earlier: Passage, later: Passage) -> Passage:
    text = f"{earlier.text} {later.text}"
    return earlier.model_copy(update={"text": text, "last": later.last})
