"""A request on its way in: the run it becomes, and the rows that are kept with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.assistants import files
from agents.data.attachment import Attachment
from agents.data.request import AnalysisRequest
from agents.diagnosis.text import clean
from agents.running.limits import OwnLimits
from agents.who import Who, name_of
from storage import messages
from storage.clock import new_id, now
from storage.db import Row
from storage.messages import Conversation, Message
from storage.runs import Environment, NewEvent, Run

KIND = "ask"
LONGEST = 20_000
"""Characters of one request."""
LONGEST_TITLE = 80


@dataclass(frozen=True)
class Asked:
    """What a person sends."""

    text: str
    agent: str | None = None
    """Chosen outright; None: the router decides."""
    attachments: Sequence[Attachment] = ()
    session: str | None = None
    """The browser session whose models may be used."""
    dry_run: bool = False
    analysis: AnalysisRequest | None = None
    """For the data agent: what to analyse, chosen from an offer."""
    limits: OwnLimits = field(default_factory=OwnLimits)
    """What the run may use."""


@dataclass(frozen=True)
class Place:
    """Where in which conversation a request stands."""

    who: Who
    conversation_id: str | None
    """None for a new one."""
    after: str | None
    """The turn it follows."""
    repeats: str | None = None
    """The turn it takes the place of."""


def new_run(asked: Asked, place: Place, environment: Environment) -> Run:
    """The run of a request; raises BadInput for a text or a limit that cannot be taken."""
    text = clean(asked.text, "The request", LONGEST)
    title, at = " ".join(text.split()), now()
    run = Run(
        run_id=new_id(),
        kind=KIND,
        title=title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…",
        input=text,
        status="queued",
        user_id=name_of(place.who.user_id, "The user"),
        project_id=name_of(place.who.project_id, "The project"),
        environment=environment,
        created_at=at,
        updated_at=at,
        conversation_id=place.conversation_id or new_id(),
        parent_run_id=place.repeats,
    )
    return asked.limits.on(run)


def first_event(asked: Asked, run: Run) -> NewEvent:
    """What was asked, as the run's first event."""
    data: dict[str, Any] = {
        "text": run.input,
        "chosen": asked.agent,
        "dry_run": asked.dry_run,
        "analysis": asked.analysis.model_dump(mode="json") if asked.analysis else None,
    }
    return "asked", data


def rows(asked: Asked, run: Run, place: Place, folder: Path) -> list[tuple[str, Row]]:
    """Message, files (which are kept now) and, for a new one, the conversation."""
    conversation_id = run.conversation_id or ""
    said = Message(run.run_id, conversation_id, "user", run.input, run.created_at, place.after)
    found = [messages.said(said)]
    found += [messages.attached(file) for file in files.keep(folder, run, asked.attachments)]
    if place.conversation_id is None:
        started = Conversation(conversation_id, run.user_id, run.project_id, run.environment, run.created_at)
        found += messages.started(started, run.title)
    return found
