"""Numbered passages from attached documents and the web, for agents that cite.

What a document or a page says is only ever quoted: it goes to a model as fenced data. An answer that quotes
it is remembered, except by the steps that route or call a tool (`Speaker.decide`).
"""

from collections.abc import Sequence
from itertools import accumulate

from agents.assistants import web
from agents.assistants.tables import table_files
from agents.assistants.task import Task
from agents.data.attachment import Attachment
from agents.documents.citations import Source
from agents.documents.library import Library, read_documents
from agents.documents.passages import Passage

MOST_CHARACTERS = 40_000
"""Of documents that a model reads at once: some ten thousand tokens."""
MOST_PASSAGES = 12
"""Of documents too long to be read at once, so many passages are given."""
MOST_QUOTED = 5
"""Passages that are quoted without a model."""


def documents(task: Task) -> tuple[Attachment, ...]:
    """The attached files that are read as text."""
    tables = table_files(task)
    return tuple(file for file in task.attachments if file not in tables)


def find_passages(task: Task) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The passages for the request, and what a reader must know about them.

    For a model, short documents are given whole, long ones as the passages that fit the request best.
    """
    library = _library(task)
    found, in_part = _found(task, library)
    pages, notes = _web(task, len(found))
    return (*found, *pages), (*_notes(library), *in_part, *notes)


def all_passages(task: Task) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The passages of the attached documents in order, up to what a model can read at once."""
    library = _library(task)
    if library is None:
        return (), ()
    passages, notes = _first(library)
    return numbered(passages), (*_notes(library), *notes)


def attached_text(task: Task) -> tuple[str, tuple[str, ...]]:
    """The attached documents as one text, up to what a model can read at once, and what is not in it."""
    library = _library(task)
    if library is None:
        return "", ()
    passages, notes = _first(library)
    return "\n\n".join(passage.text for passage in passages), (*_notes(library), *notes)


def numbered(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """Passages as sources, counted from 1."""
    return tuple(
        Source(number=number, title=passage.document, place=passage.place, text=passage.text)
        for number, passage in enumerate(passages, start=1)
    )


def listing(sources: Sequence[Source]) -> str:
    """The passages as a model reads them."""
    blocks = (f"[{source.number}] {source.title}, {source.place}\n{source.text}" for source in sources)
    return "\n\n".join(blocks) or "There are no passages."


def used(sources: tuple[Source, ...], cited: set[int | None]) -> tuple[Source, ...]:
    """The sources that are cited."""
    return tuple(source for source in sources if source.number in cited)


def _found(task: Task, library: Library | None) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The passages of the documents, and a sentence when a model reads only some of them."""
    if library is None:
        return (), ()
    if task.model is None:
        return tuple(quote.source() for quote in library.best_passages(task.text, MOST_QUOTED)), ()
    if _length(library.passages) <= MOST_CHARACTERS:
        return numbered(library.passages), ()
    best = tuple(quote.source() for quote in library.best_passages(task.text, MOST_PASSAGES))
    note = (
        f"The documents are too long to be read at once: only the passages that fit the request best were "
        f"read, {len(best)} of {len(library.passages):,}."
    )
    return best, (note,)


def _library(task: Task) -> Library | None:
    files = documents(task)
    return read_documents(files) if files else None


def _notes(library: Library | None) -> tuple[str, ...]:
    """What could not be read of the documents."""
    return tuple(note for document in library.documents for note in document.notes) if library else ()


def _length(passages: Sequence[Passage]) -> int:
    return sum(len(passage.text) for passage in passages)


def _first(library: Library) -> tuple[tuple[Passage, ...], tuple[str, ...]]:
    """The first passages that can be read at once, and a sentence when there are more."""
    lengths = accumulate(len(passage.text) for passage in library.passages)
    first = tuple(
        passage
        for passage, length in zip(library.passages, lengths, strict=True)
        if length <= MOST_CHARACTERS
    )
    if len(first) == len(library.passages):
        return first, ()
    last = first[-1]
    note = (
        f"Only the first {len(first):,} of {len(library.passages):,} passages were read, up to "
        f"“{last.document}”, {last.place}. Attach the part that matters to have the rest read."
    )
    return first, (note,)


def _web(task: Task, before: int) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Pages of the web numbered after `before`, where searching is switched on."""
    if task.web is None:
        return (), ()
    pages = task.web.find(task.text)
    task.note("searched", {"results": [page.address for page in pages or ()]})
    found = tuple(
        Source(number=number, title=page.title, place=page.address, text=page.text)
        for number, page in enumerate(pages or (), start=before + 1)
    )
    if pages is None:
        return (), (web.FAILED,)
    return found, () if pages else (web.NOTHING,)
