"""Answers and texts from attached documents and the web, each statement tied to a numbered source."""

from collections.abc import Sequence

from agents.assistants.answers import ContentAnswer, PassagesAnswer
from agents.assistants.sources import documents, find_passages, listing, used
from agents.assistants.task import Agent, NeedsSomething, Task
from agents.documents.citations import CheckedSentence, Source, check_citations

NEEDS = (
    "Without a model, passages can be quoted from attached documents, and none is attached. Attach PDF, "
    "Word, text or Markdown and send it again, or connect a model in Settings and try again."
)
UNSOURCED = (
    "There was no source for this text, so nothing in it was looked up. Attach documents to have citations."
)
QUOTED = (
    "These are the best passages, word for word. With a model in Settings, the answer is written from them."
)
NOTHING_FITS = "No passage fits the question, so nothing is claimed. Ask with words that stand in the text."


def handle(task: Task) -> ContentAnswer | PassagesAnswer:
    """Answer from sources, or quote them."""
    if task.model is None and task.web is None and not documents(task):
        raise NeedsSomething(NEEDS)
    sources, notes = find_passages(task)
    if task.model is None:
        return PassagesAnswer(sources=sources, notes=(QUOTED if sources else NOTHING_FITS, *notes))
    text = task.model.write("content", {"request": task.text, "passages": listing(sources)})
    return _checked(text, sources, notes)


def _checked(text: str, sources: tuple[Source, ...], notes: tuple[str, ...]) -> ContentAnswer:
    """The text with the citations that exist, and what stands there without one."""
    found = check_citations(text, sources)
    cited: set[int | None] = {number for sentence in found.sentences for number in sentence.sources}
    own = _numbers_note(found.sentences) if sources else (UNSOURCED,)
    return ContentAnswer(
        text=found.text,
        sources=used(sources, cited),
        removed=len(found.removed),
        unsupported=found.unsupported if sources else (),
        notes=(*own, *notes),
    )


def _numbers_note(sentences: Sequence[CheckedSentence]) -> tuple[str, ...]:
    """A sentence that names figures which the cited passages do not hold."""
    numbers = dict.fromkeys(number for sentence in sentences for number in sentence.numbers_not_found)
    if not numbers:
        return ()
    return (
        f"These figures stand in none of the passages that their sentence cites: {', '.join(numbers)}. "
        f"Check them before you use them.",
    )


AGENT = Agent(
    id="content",
    label="Content",
    does="Researches and writes from attached documents and the web, with numbered citations.",
    without_model="Quotes and cites the best passages of attached documents.",
    examples=(
        "What does the attached contract say about notice periods?",
        "Write a headline for our spring sale",
    ),
    handle=handle,
    cites=True,
)
