"""The main job, from complaint to record: what a person may do with a diagnosis."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from agents.diagnosis import framing, inquiry
from agents.diagnosis.admission import NotAComplaint, new_run
from agents.diagnosis.advisor import Advisor, ModelSaid, RunModels
from agents.diagnosis.case import CLIENT_STATED, Confirmed, Mode
from agents.diagnosis.cases import Cases
from agents.diagnosis.facts import NAMED
from agents.diagnosis.playbook import SOMETHING_ELSE, Playbook
from agents.diagnosis.reading import DiagnosisReader
from agents.diagnosis.stated import labelled, stated_cause
from agents.diagnosis.tables import method_as_data
from agents.diagnosis.text import clean
from agents.errors import BadInput, Refused, Stale
from agents.running import actions
from agents.running.limits import OwnLimits
from agents.who import Who
from storage import outcomes, runs
from storage.clock import now
from storage.outcomes import Outcome
from storage.runs import Environment, OutOfStep, Run

LONGEST_NOTE = 2_000
MORE_QUESTIONS = 3
"""Questions that going on adds."""


class Settle(Protocol):
    """Lets the tool do its steps of a run, and waits for them a while."""

    def __call__(self, run: Run) -> None:
        """Go on with a run."""


class Diagnoses(DiagnosisReader):
    """Starts, answers, concludes and reads diagnoses."""

    def __init__(
        self,
        cases: Cases,
        environment: Environment,
        settle: Settle,
        advisor: Advisor,
        begin: Settle | None = None,
    ) -> None:
        """`begin` is what lets the tool work after an act of a person; as `settle` when it is not given."""
        super().__init__(cases)
        self._advisor = advisor
        self._environment = environment
        self.settle = settle
        self._begin = begin or settle

    @property
    def run_models(self) -> RunModels:
        """Which model a run may use."""
        return self._advisor.models

    # A diagnosis

    def check_open(self) -> None:
        """Raise Refused, with a sentence, when nothing new may start."""

    def start(
        self,
        text: str,
        who: Who | None = None,
        playbook_id: str | None = None,
        with_model: bool = False,
        draft: bool = False,
        session: str | None = None,
        limits: OwnLimits | None = None,
        changed_from: str | None = None,
    ) -> str:
        """Admit a complaint and read it; returns the run's id.

        With `with_model` the connected model words the questions and writes the summary; with `draft` it
        drafts a playbook first; `session` is the browser session whose models may be used; `limits` are what
        this run may use; `changed_from` is the run whose complaint this is, changed. Raises BadInput for a
        limit that cannot be kept, and NotAComplaint for a greeting, a decision or a text that no playbook
        covers, unless `playbook_id` or `draft` says how to go on. Nothing is kept in that case.
        """
        self.check_open()
        who = who or Who()
        text = clean(text, "The description", framing.LONGEST)
        if playbook_id is not None:
            self.playbook(playbook_id)
        elif not draft:
            found = framing.frame(text, self.playbooks)
            if found.kind != "complaint":
                raise NotAComplaint(found)
        new = replace(new_run(text, who, self._environment), parent_run_id=changed_from)
        run = (limits or OwnLimits()).on(new)
        complained = {"text": text, "playbook_id": playbook_id, "with_model": with_model or draft}
        first = [("complained", complained), *([("draft_wanted", dict[str, Any]())] if draft else [])]
        noted = self.run_models.remember(run.run_id, session) if with_model or draft else []
        runs.admit(self._store, run, [*noted, *first])
        self._begin(run)
        return run.run_id

    def confirm(
        self,
        run_id: str,
        expected_seq: int,
        playbook_id: str,
        facts: Mapping[str, str] | None = None,
        stated: str | None = None,
        mode: Mode = "adaptive",
        stated_id: str | None = None,
    ) -> None:
        """Accept the framing, as it is or changed, and ask the first question.

        `facts` maps the names of facts to their wording (None: as found; an empty wording: not known);
        `stated` is the cause the client blames, in words, and `stated_id` which cause of the list those
        words mean, or `CLIENT_STATED` for a cause of its own (None: as the words tell).
        """
        known = self.snapshots.now(run_id)
        if known.case.confirmed is not None:
            raise Stale("This problem was confirmed in the meantime. Nothing was changed: reload to go on.")
        playbook = self.offered(run_id, playbook_id)
        kept = framing.kept_facts(known.case.framing, facts)
        blamed = clean(stated or "", "The suspected cause", 300, required=False) or None
        confirmed = Confirmed(
            playbook_id=playbook.id,
            playbook_hash=playbook.hash,
            facts=kept,
            missing=tuple(name for name in NAMED if name not in {fact.kind for fact in kept}),
            mode=mode,
            stated_id=_blamed_id(playbook, blamed, stated_id),
            stated_text=blamed,
            answered=framing.answers_in_facts(playbook, kept),
            method=method_as_data(),
        )
        self.cases.keep(playbook)
        changes = {"playbook_hash": playbook.hash}
        self.act(run_id, expected_seq, ("confirmed", confirmed.model_dump(mode="json")), **changes)

    def answer(
        self,
        run_id: str,
        question_id: str,
        value: str,
        expected_seq: int,
        note: str = "",
        read_by: str | None = None,
    ) -> None:
        """Answer a question, or change an earlier answer; `value` is an answer's id or `dont_know`.

        `read_by` names the model that read the answer out of a free text which the person confirmed.
        On disk when this returns. Raises Stale when the run has gone on since event `expected_seq`.
        """
        work = self.work(run_id)
        if question_id not in work.table.questions:
            raise BadInput(f"This playbook has no question “{question_id[:60]}”. Nothing was changed.")
        known = work.table.answers[work.table.questions.index(question_id)]
        if value not in (*known, inquiry.DONT_KNOW):
            raise BadInput(f"This question has no answer “{value[:60]}”. Nothing was changed.")
        is_open = question_id in inquiry.open_questions(work.table, work.case.answers)
        if not is_open and question_id not in work.case.given:
            raise BadInput("This question is not open. Answer one that is on offer. Nothing was changed.")
        note = clean(note, "The note", LONGEST_NOTE, required=False)
        data = {"question_id": question_id, "answer_id": value, "note": note}
        if read_by:
            data["read_by"] = clean(read_by, "The model's name", 300)
        self.act(run_id, expected_seq, ("answered", data))

    def read(self, run_id: str, question_id: str, said: str) -> str | None:
        """The answer that a free text gives; as `reading`, without the model's name."""
        return self.reading(run_id, question_id, said).value

    def reading(
        self, run_id: str, question_id: str, said: str, session: str | None = None
    ) -> ModelSaid[str | None]:
        """The answer that a free text gives, as the model reads it; the person confirms it by `answer`.

        None when it gives none of them. `session` is the browser session whose models may be used. Raises
        the sentence why no model could read it.
        """
        self.run_models.remember(run_id, session)
        work = self.work(run_id)
        question = work.ask(question_id)
        said = clean(said, "The answer", LONGEST_NOTE)
        return self._advisor.read(self.run(run_id), work.case, question, said)

    def withdraw(self, run_id: str, question_id: str, expected_seq: int) -> None:
        """Take an answer back, as if the question had not been asked."""
        if question_id not in self.confirmed(run_id).given:
            raise BadInput("This question has no answer to take back. Nothing was changed.")
        self.act(run_id, expected_seq, ("withdrawn", {"question_id": question_id}))

    def conclude(self, run_id: str, expected_seq: int) -> None:
        """End the questions now; the diagnosis says honestly whether it is decided."""
        if self.confirmed(run_id).concluded is not None:
            raise Stale("This diagnosis is already concluded. Nothing was changed.")
        self.act(run_id, expected_seq, ("conclusion_wanted", {}))

    def go_on(self, run_id: str, expected_seq: int, questions: int = MORE_QUESTIONS) -> None:
        """Ask more questions after a conclusion, or beyond the budget."""
        work = self.work(run_id)
        if not inquiry.choose(work.table, work.case.answers, work.case.asked):
            raise Refused("Every question of this playbook has been asked. Nothing was changed.")
        self.act(run_id, expected_seq, ("extended", {"questions": questions}))

    def cancel(self, run_id: str) -> None:
        """Stop a run for good; what was recorded stays."""
        while True:
            run, last = actions.found_with_last(self._store, run_id)
            if run.status in ("completed", "cancelled"):
                raise Refused(f"This run is already {run.status}. Nothing was changed.")
            with contextlib.suppress(OutOfStep):  # the tool was faster: look again
                event = ("cancelled", dict[str, Any]())
                runs.add_events(self._store, run_id, [event], last, "cancelled", finished_at=now())
                return

    def retry(self, run_id: str) -> None:
        """Go on with a failed run from the step that failed."""
        run, last = actions.found_with_last(self._store, run_id)
        if run.status != "failed":
            raise Refused(actions.ONLY_FAILED)
        actions.take_up(self._store, run_id, last, [("running", {})])
        self._begin(run)

    def supply(self, run_id: str, expected_seq: int, session: str | None = None) -> None:
        """Go on with a run that waits for a key, with the models of a browser session."""
        self._held(run_id)
        self.act(run_id, expected_seq, *self.run_models.remember(run_id, session), ("supplied", {}))

    def dispense(self, run_id: str, expected_seq: int) -> None:
        """Go on without a model: the built-in analyst does the rest of a run that waits for a key."""
        self._held(run_id)
        self.act(run_id, expected_seq, ("model_dispensed", {}))

    # What it was in the end

    def record_outcome(self, run_id: str, cause_id: str, note: str = "", who: Who | None = None) -> None:
        """Keep what the cause turned out to be; `cause_id` is one of the case's causes."""
        work = self.work(run_id)
        if cause_id not in work.table.causes:
            raise BadInput("This cause is not among those of the diagnosis. Nothing was changed.")
        note = clean(note, "The note", LONGEST_NOTE, required=False)
        user = (who or Who()).user_id
        outcomes.add(self._store, Outcome(run_id, cause_id, work.label(cause_id), note, user, now()))

    # Inside

    def act(
        self, run_id: str, expected_seq: int, *events: tuple[str, dict[str, Any]], **changes: Any
    ) -> None:
        """Record what a person did, then let the graph go on."""
        run = self.run(run_id)
        if run.status == "cancelled":
            raise Refused("This run was cancelled. Nothing was changed: start a new one.")
        try:
            changes = {**actions.NO_ERROR, **changes}
            runs.add_events(self._store, run_id, events, expected_seq, "running", **changes)
        except OutOfStep as error:
            raise Stale(
                "Something else was done here in the meantime, in another tab or by someone else. "
                "Nothing was changed by this page: look at what it shows now, then go on."
            ) from error
        self._begin(run)

    def _held(self, run_id: str) -> None:
        if self.snapshots.now(run_id).case.held is None:
            raise Stale("This run no longer waits for a key. Nothing was changed: reload to go on.")


def _blamed_id(playbook: Playbook, blamed: str | None, chosen: str | None) -> str | None:
    """The cause that is blamed: the one chosen, or as the words tell; a label of the list is that cause."""
    if chosen is not None and chosen not in (*(c.id for c in playbook.causes), SOMETHING_ELSE, CLIENT_STATED):
        raise BadInput(f"The list has no cause “{chosen[:60]}”. Nothing was changed: choose one that it has.")
    if not blamed:
        return None if chosen == CLIENT_STATED else chosen
    if chosen in (None, CLIENT_STATED):
        told = stated_cause(playbook, blamed) if chosen is None else labelled(playbook, blamed)
        return told or CLIENT_STATED
    return chosen
