"""Turns and conversations as a page draws them; everything comes from what is stored."""

from dataclasses import dataclass
from decimal import Decimal

from agents.assistants.answers import Answer, ToolCall
from agents.assistants.desk import Desk
from agents.assistants.thread import Thread
from agents.assistants.turn import Routing
from storage import messages, runs, timeline
from storage.messages import AttachedFile
from storage.runs import Run, Status

AT_WORK = ("queued", "running")


@dataclass(frozen=True)
class TurnView:
    """One turn."""

    run_id: str
    conversation_id: str
    status: Status
    text: str
    files: tuple[AttachedFile, ...]
    routing: Routing | None
    agent: str | None
    """Who takes it; None while the person is asked."""
    dry_run: bool
    partial: str
    """What has streamed in, while there is no answer or where it was stopped."""
    calls: tuple[ToolCall, ...]
    answer: Answer | None
    model: str | None
    held: str | None
    """What it waits for: a sentence."""
    error: str | None
    """Why it failed: a sentence."""
    cost: Decimal | None
    """US dollars; None when not one of its calls has a known price, or none was made."""
    unknown_costs: int
    """Calls whose price is unknown."""
    seconds: float | None
    """From asking to the end; None while it goes on."""
    corrected_to: str | None
    """The agent a person chose in place of the router's."""
    versions: int
    """How many turns there are at this place."""

    @property
    def is_working(self) -> bool:
        """Whether the tool is at work on it."""
        return self.status in AT_WORK

    @property
    def asks_back(self) -> bool:
        """Whether the person is to pick an agent."""
        return self.routing is not None and self.agent is None and not self.is_working


@dataclass(frozen=True)
class ConversationView:
    """A conversation: its live thread."""

    conversation_id: str
    name: str
    turns: tuple[TurnView, ...]

    @property
    def is_working(self) -> bool:
        """Whether its newest turn is being worked on."""
        return bool(self.turns) and self.turns[-1].is_working


def conversation(desk: Desk, conversation_id: str) -> ConversationView:
    """The live thread of a conversation."""
    thread = Thread(messages.messages(desk.store, conversation_id))
    found = (runs.find(desk.store, run_id) for run_id in thread.run_ids)
    turns = tuple(turn(desk, run, thread) for run in found if run is not None)
    return ConversationView(conversation_id, messages.name_of(desk.store, conversation_id), turns)


def turn(desk: Desk, run: Run, thread: Thread | None = None) -> TurnView:
    """A run as a turn."""
    thread = thread or desk.thread(run)
    run, folded = desk.open(run.run_id)
    files = messages.attachments(desk.store, run.conversation_id or "")
    cost, unknown = (None, 0) if run.status in AT_WORK else _cost(desk, run.run_id)
    chosen = messages.corrections(desk.store, run.run_id)
    return TurnView(
        run_id=run.run_id,
        conversation_id=run.conversation_id or "",
        status=run.status,
        text=folded.text,
        files=tuple(file for file in files if file.run_id == run.run_id),
        routing=folded.routing,
        agent=folded.agent,
        dry_run=folded.dry_run,
        partial=folded.partial,
        calls=folded.calls,
        answer=folded.answer,
        model=folded.model,
        held=folded.held if run.status == "waiting" else None,
        error=_error(run, folded.unreadable),
        cost=cost,
        unknown_costs=unknown,
        seconds=_seconds(desk, run),
        corrected_to=chosen[-1] if chosen else None,
        versions=len(thread.versions(run.run_id)),
    )


def _seconds(desk: Desk, run: Run) -> float | None:
    """What the work on an ended turn took, without the time in which a person chose; None when unknown."""
    return (timeline.worked(desk.store, run.run_id)[1] or None) if run.finished_at else None


def _cost(desk: Desk, run_id: str) -> tuple[Decimal | None, int]:
    """What is known of the cost, and how many calls have none."""
    amount, unknown = timeline.spent(desk.store, run_id)
    return (amount if amount or not unknown else None), unknown


def _error(run: Run, unreadable: bool) -> str | None:
    if unreadable:
        return (
            "This answer was kept by another version of Whytree and cannot be shown. It is still on record: "
            "ask again to have a new one."
        )
    return (run.error_text or "A step failed.") if run.status == "failed" else None
