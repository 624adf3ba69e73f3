"""Answers and texts from attached documents and the web, each statement tied to a numbered source."""

from agents.assistants.answers import ContentAnswer, PassagesAnswer
from agents.assistants.sources import checked, find_passages, listing
from agents.assistants.task import Agent, NeedsSomething, Task

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
NOTHING_FITS = "No passage of the attached documents fits the question, so nothing is claimed."


def handle(task: Task) -> ContentAnswer | PassagesAnswer:
    """Answer from sources, or quote them."""
    sources, notes = find_passages(task)
    if task.model is None:
        if not sources and not notes:
            raise NeedsSomething(NEEDS)
        return PassagesAnswer(sources=sources, notes=(QUOTED if sources else NOTHING_FITS, *notes))
    text = task.model.write("content", {"request": task.text, "passages": listing(sources)})
    text, removed = checked(text, sources)
    notes = notes if sources else (UNSOURCED, *notes)
    return ContentAnswer(text=text, sources=sources, removed=removed, notes=notes)


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
)
