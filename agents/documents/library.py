"""Attached documents, and the passages of theirs that speak to a question."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from agents import signatures
from agents.data.attachment import OLD_EXCEL, Attachment, shown_name
from agents.data.child.process import Child, ChildEnded
from agents.data.tables import Fact
from agents.documents.citations import Source
from agents.documents.limits import MIB, DocumentLimits
from agents.documents.passages import Block, Document, Passage, passages_of
from agents.documents.ranking import Bm25, Rank
from agents.documents.sentences import split_sentences
from agents.documents.terms import is_turkish, terms
from agents.errors import BadInput

READER = "agents.documents.reader"
KINDS = {
    ".pdf": "pdf",
    ".docx": "word",
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
}
MAGIC = {"pdf": signatures.PDF, "word": signatures.ZIP}
PDF_START = 1024
"""Bytes among which a PDF may begin."""
LONGEST_QUOTE = 400
COVERED = 0.3
"""Share of a question's terms from which a passage is said to speak to it."""


class Quote(Fact):
    """A passage that speaks to a question, with the words to show."""

    number: int
    """Its citation, from 1."""
    passage: Passage
    """Where it comes from."""
    text: str
    """Sentences of the passage, word for word."""
    coverage: float
    """Share of the question's terms that stand in the passage."""

    def source(self) -> Source:
        """The same as a source for citations."""
        return Source(
            number=self.number, title=self.passage.document, place=self.passage.place, text=self.passage.text
        )


class Library:
    """Documents that were read, searchable; whatever they say is only ever quoted."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self.passages = tuple(passage for document in documents for passage in document.passages)
        self._turkish = is_turkish(" ".join(passage.text for passage in self.passages[:200]))
        self._index = Bm25([self._terms(passage) for passage in self.passages])

    def best_passages(self, question: str, count: int = 5) -> tuple[Quote, ...]:
        """At most `count` passages that speak to the question, the best first; none when none does."""
        asked = terms(question, self._turkish)
        ranks = [rank for rank in self._index.rank(asked) if rank.coverage >= COVERED][:count]
        return tuple(self._quote(number, rank, set(asked)) for number, rank in enumerate(ranks, start=1))

    def _terms(self, passage: Passage) -> list[str]:
        return terms(f"{passage.heading or ''} {passage.text}", self._turkish)

    def _quote(self, number: int, rank: Rank, asked: set[str]) -> Quote:
        passage = self.passages[rank.index]
        text = _telling(passage.text, asked, self._turkish)
        return Quote(number=number, passage=passage, text=text, coverage=rank.coverage)


def read_documents(attachments: Sequence[Attachment], limits: DocumentLimits | None = None) -> Library:
    """Read the attached documents; BadInput says which one cannot be used and why.

    Each is read in a process of its own, which is ended when a file keeps it busy for too long.
    """
    bounds = limits or DocumentLimits()
    if not attachments:
        raise BadInput("No document is attached. Nothing was done: attach PDF, Word, text or Markdown.")
    if len(attachments) > bounds.documents:
        raise BadInput(
            f"At most {bounds.documents} documents are read at once. Nothing was read: attach fewer."
        )
    kinds = [checked_kind(attachment, bounds) for attachment in attachments]
    pairs = zip(attachments, kinds, strict=True)
    return Library([_read(attachment, kind, bounds) for attachment, kind in pairs])


def checked_kind(attachment: Attachment, limits: DocumentLimits) -> str:
    """What the file is by its ending and its first bytes; BadInput when it cannot be read."""
    name = shown_name(attachment.name)
    if isinstance(attachment.content, Path) and not attachment.content.is_file():
        raise BadInput(f"“{name}” is no longer there. Nothing was read: attach it again.")
    kind = KINDS.get(Path(attachment.name).suffix.lower())
    if kind is None:
        raise BadInput(
            f"“{name}” is not a document this can read. "
            "Nothing was read: attach PDF, Word (.docx), text or Markdown."
        )
    if attachment.size == 0:
        raise BadInput(f"“{name}” is empty. Nothing was read: attach the file with its content.")
    if attachment.size > limits.bytes:
        size, most = attachment.size / MIB, limits.bytes / MIB
        raise BadInput(
            f"“{name}” has {size:,.1f} MB; {most:,.0f} are the most. Nothing was read: attach a part."
        )
    _check_magic(attachment, kind, name)
    return kind


def _check_magic(attachment: Attachment, kind: str, name: str) -> None:
    first = attachment.beginning(PDF_START)
    if kind == "word" and first.startswith(OLD_EXCEL):
        raise BadInput(
            f"“{name}” has a password or is an old Word file. Nothing was read: save it as plain .docx."
        )
    expected = MAGIC.get(kind)
    found = expected is None or (expected in first if kind == "pdf" else first.startswith(expected))
    if not found:
        raise BadInput(
            f"The content of “{name}” is not what its name says. Nothing was read: check the file."
        )


def _read(attachment: Attachment, kind: str, limits: DocumentLimits) -> Document:
    name = shown_name(attachment.name)
    child = Child(READER, limits.memory_bytes)
    with tempfile.TemporaryDirectory(prefix="whytree-") as folder:
        path = attachment.content if isinstance(attachment.content, Path) else Path(folder) / "document"
        if isinstance(attachment.content, bytes):
            path.write_bytes(attachment.content)
        request = {
            "do": "read",
            "path": str(path.resolve()),
            "name": name,
            "kind": kind,
            "limits": asdict(limits),
        }
        try:
            reply = child.ask(request, limits.seconds)
        except ChildEnded as ended:
            reason = "takes too long to read" if ended.overdue else "cannot be read in the memory allowed"
            raise BadInput(f"“{name}” {reason}. Nothing was kept: attach a part of it.") from ended
        finally:
            child.close()
    blocks = [Block.model_validate(block) for block in reply["blocks"]]
    passages = passages_of(name, blocks)
    return Document(name=name, passages=passages, pages=reply["pages"], notes=tuple(reply["notes"]))


def _telling(text: str, asked: set[str], turkish: bool) -> str:
    """The run of whole sentences, of bearable length, that holds most of the terms asked for."""
    sentences = split_sentences(text)
    best, most = sentences[0], -1.0
    for start in range(len(sentences)):
        for end in range(start + 1, len(sentences) + 1):
            run = " ".join(sentences[start:end])
            if len(run) > LONGEST_QUOTE and end > start + 1:
                break
            held = len(asked & set(terms(run, turkish))) - (end - start) / 100
            if held > most:
                best, most = run, held
    return best
