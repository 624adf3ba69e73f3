"""Puts a task together: the turn from its events, what was said before, the files, the model, the web."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.assistants.memory import remembered
from agents.assistants.notebook import Notebook
from agents.assistants.speaker import Speaker
from agents.assistants.stream import EventSink
from agents.assistants.task import Task
from agents.assistants.thread import Thread
from agents.assistants.turn import Turn, fold
from agents.assistants.web import WebSearch
from agents.data.attachment import Attachment
from agents.errors import NotFound, Refused
from agents.models import Models
from agents.running import current
from storage import messages, runs
from storage.db import Row, Store
from storage.runs import NewEvent, OutOfStep, Run


@dataclass(frozen=True)
class Desk:
    """What every agent works with."""

    store: Store
    models: Models
    folder: Path
    """Where attached files lie, under their ids."""
    web: WebSearch | None
    """None when searching the web is switched off."""

    def open(self, run_id: str) -> tuple[Run, Turn]:
        """A run with its turn as it stands; NotFound when there is none."""
        run = runs.find(self.store, run_id)
        if run is None:
            raise NotFound("There is no such run in this store. Check the link.")
        return run, fold(runs.events(self.store, run_id))

    def thread(self, run: Run) -> Thread:
        """The conversation up to a run."""
        return Thread(messages.messages(self.store, run.conversation_id or ""), run.run_id)

    def write(
        self, run_id: str, event: NewEvent, rows: Sequence[tuple[str, Row]] = (), **changes: Any
    ) -> None:
        """Add the tool's own event behind whatever happened meanwhile; a cancelled run takes no more."""
        status = changes.pop("status", None)
        while True:
            last = runs.last_seq(self.store, run_id)
            run = runs.find(self.store, run_id)
            if run is None or run.status == "cancelled":
                return
            with contextlib.suppress(OutOfStep):
                runs.add_events(self.store, run_id, [event], last, status, rows, **changes)
                return

    def speaker(self, run: Run, agent_id: str) -> Speaker | None:
        """The model for an agent, or None when none is connected; NeedsKey when a pasted key is gone."""
        try:
            client = self.models.client_of(run.run_id)
        except Refused:
            return None
        history = remembered(self.thread(run).before())
        return Speaker(client, run, agent_id, history, lambda: EventSink(self._note(run)))

    def task(self, run: Run, turn: Turn) -> Task:
        """What the agent of a turn is given."""
        agent_id = turn.agent or "general"
        return Task(
            run=run,
            text=turn.text,
            history=remembered(self.thread(run).before()),
            attachments=self.attachments(run),
            analysis=turn.analysis,
            opens=lambda: self.speaker(run, agent_id),
            web=self.web,
            notebook=Notebook(self.store, agent_id, run.user_id, run.run_id),
            note=self._note(run),
        )

    def attachments(self, run: Run) -> tuple[Attachment, ...]:
        """The files of a turn; where it has none, those that came last before it."""
        files = messages.attachments(self.store, run.conversation_id or "")
        for run_id in reversed(self.thread(run).run_ids):
            if of_turn := [file for file in files if file.run_id == run_id]:
                return tuple(Attachment(file.name, self.folder / file.attachment_id) for file in of_turn)
        return ()

    def attached_name(self, run_id: str) -> str | None:
        """The name of the first file that came with this very turn."""
        run = runs.find(self.store, run_id)
        files = messages.attachments(self.store, run.conversation_id or "") if run else []
        return next((file.name for file in files if file.run_id == run_id), None)

    def earlier_agent(self, run: Run) -> str | None:
        """Who answered the turn before this one."""
        *before, _ = self.thread(run).run_ids or [""]
        for run_id in reversed(before):
            _, turn = self.open(run_id)
            if turn.answer is not None:
                return turn.agent
        return None

    def _note(self, run: Run) -> Any:
        control_cancelled = current.cancel_event

        def note(kind: str, data: dict[str, Any]) -> None:
            if not control_cancelled().is_set():
                self.write(run.run_id, (kind, data))

        return note
