"""Conversations with the router's agents: what a page or a shell may do with them.

Each turn is a run of kind `ask`. An edited or repeated turn is a new run behind the same one, so that
nothing that was said is overwritten; what is shown is the thread that ends in the newest turn.
"""

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any, Protocol

from agents.assistants import admission, board
from agents.assistants.admission import KIND, Asked, Place
from agents.assistants.answers import Answer
from agents.assistants.board import ConversationView, TurnView
from agents.assistants.desk import Desk
from agents.assistants.registry import known
from agents.assistants.tables import only_tables
from agents.assistants.thread import Thread
from agents.data.answer import DataAnswer
from agents.data.attachment import Attachment
from agents.data.code_help import run_sql
from agents.data.request import AnalysisRequest
from agents.data.sandbox import Sandbox
from agents.diagnosis.text import clean_name
from agents.errors import NotFound, Refused, Stale
from agents.running.limits import OwnLimits
from agents.who import Who
from storage import messages, notes, runs
from storage.clock import now
from storage.journal import Journal
from storage.messages import Conversation, Line
from storage.notes import Note
from storage.runs import Environment, OutOfStep, Run

LONGEST_NAME = 80
WAIT_S = 0.4
"""Seconds a request waits for an answer that needs no model; after that the page polls."""
STOPS_WITHIN_S = 1.0
"""Seconds a stop waits for what was in flight, so that its time and cost are told as they are."""
AT_WORK = ("queued", "running")
CLEAN = dict.fromkeys(("error_type", "error_text", "error_step", "error_trace", "finished_at"))
"""Columns that are empty while a run goes on."""


class Work(Protocol):
    """The runner, as far as conversations need it."""

    def advance(self, run: Run) -> "Future[None]":
        """Go on with a run."""

    def stop(self, run_id: str) -> None:
        """End what a cancelled run has in flight."""


class Conversations:
    """Start, send, stop, edit, repeat, list, name, search, delete."""

    def __init__(
        self, desk: Desk, journal: Journal, environment: Environment, runner: Callable[[], Work]
    ) -> None:
        self._desk = desk
        self._store = desk.store
        self._journal = journal
        self._environment = environment
        self._runner = runner

    # Saying something

    def send(
        self,
        text: str,
        who: Who | None = None,
        conversation_id: str | None = None,
        agent: str | None = None,
        attachments: Sequence[Attachment] = (),
        session: str | None = None,
        dry_run: bool = False,
        analysis: AnalysisRequest | None = None,
        limits: OwnLimits | None = None,
    ) -> str:
        """Ask something, in a new conversation or behind the newest turn of one; returns the run's id.

        `agent` chooses outright; a dry run only routes; `session` is the browser session whose models may be
        used; `limits` are what this run may use. Raises BadInput for a text, a file or a limit that cannot be
        taken; nothing is kept in that case.
        """
        if conversation_id is None:
            after = None
        else:
            self._conversation(conversation_id)
            thread = Thread(messages.messages(self._store, conversation_id))
            after = thread.run_ids[-1] if thread.run_ids else None
        asked = Asked(text, agent, attachments, session, dry_run, analysis, limits or OwnLimits())
        return self._admit(asked, Place(who or Who(), conversation_id, after))

    def edit(self, run_id: str, text: str, session: str | None = None, agent: str | None = None) -> str:
        """Ask something else in the place of a turn; what followed it leaves the thread. The new run's id.

        `agent` chooses who takes it; None: the router decides.
        """
        return self._again(self._run(run_id), Asked(text, agent, session=session))

    def regenerate(self, run_id: str, session: str | None = None) -> str:
        """Have a turn answered anew, by the agent that answered it; returns the new run's id."""
        run, turn = self._desk.open(run_id)
        return self._again(run, Asked(turn.text, turn.agent, session=session, analysis=turn.analysis))

    def hand_to(self, run_id: str, agent: str, session: str | None = None) -> str:
        """Have another agent take a turn; the run's id, a new one when it had ended.

        The choice is kept beside what the router had said, as its correction.
        """
        known(agent)
        run, turn = self._desk.open(run_id)
        label = turn.routing.label if turn.routing else None
        correction = messages.corrected(run_id, label, agent, run.user_id)
        if run.status in ("completed", "cancelled"):
            new = self._again(run, Asked(turn.text, agent, session=session))
            self._desk.write(run_id, ("corrected", {"label": agent, "by": new}), rows=[correction])
            return new
        self._wake(run, turn.seq, ("chosen", {"label": agent}), session, [correction])
        return run_id

    def retry(self, run_id: str, session: str | None = None) -> None:
        """Go on with a turn that failed, or that waits for a model or a file."""
        run, turn = self._desk.open(run_id)
        if run.status != "failed" and turn.held is None:
            raise Refused("Only a turn that failed or waits can be tried again. Nothing was changed.")
        self._wake(run, turn.seq, ("retried", {}), session, [])

    def stop(self, run_id: str) -> None:
        """Stop a turn for good, in the middle of a model's answer too; what came so far stays."""
        run = self._run(run_id)
        while run.status not in ("completed", "failed", "cancelled"):
            with contextlib.suppress(OutOfStep):  # the tool was faster: look again
                last = runs.last_seq(self._store, run_id)
                runs.add_events(self._store, run_id, [("stopped", {})], last, "cancelled", finished_at=now())
                break
            run = self._run(run_id)
        self._runner().stop(run_id)
        self._let_work(run, STOPS_WITHIN_S)

    def settle(self, run_id: str, seconds: float = 10.0) -> TurnView:
        """Wait until a turn waits or ends, or the time is over; the turn as it stands."""
        self._let_work(self._run(run_id), seconds)
        return self.turn(run_id)

    # Looking

    def view(self, conversation_id: str) -> ConversationView:
        """The live thread as a page draws it; NotFound when there is no such conversation."""
        self._conversation(conversation_id)
        return board.conversation(self._desk, conversation_id)

    def turn(self, run_id: str) -> TurnView:
        """One turn as it stands."""
        return board.turn(self._desk, self._run(run_id))

    def of_run(self, run_id: str) -> str:
        """The conversation that a run belongs to."""
        found = self._run(run_id).conversation_id
        if found is None:
            raise NotFound("This run belongs to no conversation.")
        return found

    def listed(self, who: Who, search: str = "", limit: int = 50) -> list[Line]:
        """The person's conversations in which the words occur, the one touched last first."""
        search = " ".join(search.split())[:200]
        return messages.listed(self._store, who.user_id, who.project_id, self._environment, search, limit)

    def answer(self, run_id: str) -> Answer | None:
        """What was answered, or None."""
        return self._desk.open(run_id)[1].answer

    # Tables of a turn

    def has_tables(self, run_id: str) -> bool:
        """Whether SQL of this turn can be run: tables came with it or before it."""
        return bool(only_tables(self._desk.attachments(self._run(run_id))))

    def run_sql(self, run_id: str, sql: str) -> DataAnswer:
        """The result of SQL on a turn's tables, run in the locked database; nothing of it is kept.

        Raises Refused for what is not one SELECT on them, BadInput when no table is there.
        """
        with Sandbox(only_tables(self._desk.attachments(self._run(run_id)))) as sandbox:
            return run_sql(sandbox, sql)

    # Keeping order

    def rename(self, conversation_id: str, name: str) -> None:
        """Give a conversation another name."""
        found = self._conversation(conversation_id)
        name = clean_name(name, "The name", LONGEST_NAME)
        messages.rename(self._store, conversation_id, name, found.user_id)

    def delete(self, conversation_id: str) -> None:
        """Take a conversation's texts and files away for good; cost and time of its runs stay on record."""
        self._conversation(conversation_id)
        said = messages.messages(self._store, conversation_id)
        run_ids = [message.run_id for message in said if message.role == "user"]
        for run_id in run_ids:
            self.stop(run_id)
            self._let_work(self._run(run_id), 5.0)
        messages.delete(self._store, conversation_id, self._desk.folder)
        self._journal.forget(run_ids)

    def notes(self, agent: str, who: Who) -> list[Note]:
        """What a persona keeps for a person."""
        return notes.listed(self._store, agent, who.user_id)

    def delete_note(self, note_id: str, who: Who) -> None:
        """Take a note away."""
        notes.delete(self._store, note_id, who.user_id)

    # Inside

    def _again(self, run: Run, asked: Asked) -> str:
        """Ask in the place of a turn, with its files and within its limits."""
        if run.status in AT_WORK or run.status == "waiting":
            self.stop(run.run_id)
        conversation_id = self.of_run(run.run_id)
        after = Thread(messages.messages(self._store, conversation_id)).follows(run.run_id)
        known_files = messages.attachments(self._store, conversation_id)
        again = tuple(
            Attachment(file.name, self._desk.folder / file.attachment_id)
            for file in known_files
            if file.run_id == run.run_id
        )
        place = Place(Who(run.user_id, run.project_id), conversation_id, after, run.run_id)
        return self._admit(replace(asked, attachments=again, limits=OwnLimits.of(run)), place)

    def _admit(self, asked: Asked, place: Place) -> str:
        if asked.agent is not None:
            known(asked.agent)
        run = admission.new_run(asked, place, self._environment)
        rows = admission.rows(asked, run, place, self._desk.folder)
        noted = self._desk.models.remember(run.run_id, asked.session)
        runs.admit(self._store, run, [*noted, admission.first_event(asked, run)], rows)
        self._let_work(run, WAIT_S)
        return run.run_id

    def _wake(
        self,
        run: Run,
        seq: int,
        event: tuple[str, dict[str, Any]],
        session: str | None,
        rows: Sequence[tuple[str, dict[str, Any]]],
    ) -> None:
        if run.status in AT_WORK:
            raise Refused("This turn is being worked on. Nothing was changed: stop it first.")
        noted = self._desk.models.remember(run.run_id, session)
        changes: dict[str, Any] = dict(CLEAN)
        if event[0] == "chosen":
            changes["agent_name"] = event[1]["label"]
        try:
            runs.add_events(self._store, run.run_id, [*noted, event], seq, "running", rows, **changes)
        except OutOfStep as error:
            raise Stale(
                "Something else was done with this turn in the meantime. Nothing was changed by this page: "
                "look at what it shows now, then go on."
            ) from error
        self._let_work(run, WAIT_S)

    def _let_work(self, run: Run, seconds: float) -> None:
        with contextlib.suppress(TimeoutError, CancelledError):
            self._runner().advance(run).result(seconds)

    def _run(self, run_id: str) -> Run:
        run = runs.find(self._store, run_id) if run_id.isascii() else None
        if run is None or run.kind != KIND:
            raise NotFound("There is no such turn in this store. Check the link.")
        return run

    def _conversation(self, conversation_id: str) -> Conversation:
        found = messages.find(self._store, conversation_id) if conversation_id.isascii() else None
        if found is None:
            raise NotFound(
                "There is no such conversation in this store. It may have been deleted: check the link."
            )
        return found
