"""The main job, from complaint to record: what a page or a shell may do with a diagnosis."""

import contextlib
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from agents.diagnosis import framing, inquiry, record
from agents.diagnosis import view as views
from agents.diagnosis.advisor import Advisor, ModelSaid, RunModels
from agents.diagnosis.case import CLIENT_STATED, Case, Confirmed, Inquiry, Mode
from agents.diagnosis.cases import Cases
from agents.diagnosis.conclusion import conclude, evidence_line, in_a_sentence
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.loading import Refusal
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.structure import for_a_narrow_place, structure
from agents.diagnosis.tables import method_as_data
from agents.diagnosis.text import clean
from agents.diagnosis.view import DiagnosisView
from agents.errors import BadInput, NotFound, Refused, Stale
from agents.running import actions
from agents.tree.document import load_tree
from agents.tree.draw import palette
from agents.tree.draw.dot import NARROW, to_dot
from agents.tree.draw.render import render
from agents.tree.model import ProblemTree
from agents.who import Who
from storage import outcomes, runs, trees
from storage.clock import new_id, now
from storage.outcomes import Outcome
from storage.runs import Environment, OutOfStep, Run
from storage.sessions import Convenience

VIEW_KEPT_S = 24 * 3600
LONGEST_NOTE = 2_000
MORE_QUESTIONS = 3
"""Questions that going on adds."""
TITLE_CHARACTERS = 80
AT_WORK = dict.fromkeys(("error_type", "error_text", "error_step", "error_trace", "finished_at"))
"""Columns that are empty while a run goes on."""


class NotAComplaint(Refused):
    """The text is answered for what it is, not diagnosed; `framing` says what it was taken for."""

    def __init__(self, found: Framing) -> None:
        super().__init__(NOT_A_COMPLAINT[found.kind])
        self.framing = found


NOT_A_COMPLAINT: dict[str, str] = {
    "greeting": "Hello. Tell me what went wrong in the business, such as “Our sales dropped 20 % this "
    "quarter, mostly in the north”, and I will ask what separates its possible causes.",
    "decision": "This asks which way to go, not why something went wrong, so there is no cause to diagnose. "
    "If a problem stands behind the decision, describe that problem. The content agent can write on the "
    "decision itself.",
    "unknown": "No playbook covers this text as it stands. Say which figure moved, which way and since when, "
    "or choose the kind of problem yourself.",
}


class Settle(Protocol):
    """Lets the tool do its steps of a run, and waits for them a while."""

    def __call__(self, run: Run) -> None:
        """Go on with a run."""


class Diagnoses:
    """Starts, answers, concludes and reads diagnoses."""

    def __init__(
        self,
        cases: Cases,
        convenience: Convenience,
        environment: Environment,
        settle: Settle,
        advisor: Advisor,
        begin: Settle | None = None,
    ) -> None:
        """`begin` is what lets the tool work after an act of a person; as `settle` when it is not given."""
        self.cases = cases
        self._advisor = advisor
        self._store = cases.store
        self._convenience = convenience
        self._environment = environment
        self.settle = settle
        self._begin = begin or settle

    @property
    def run_models(self) -> RunModels:
        """Which model a run may use."""
        return self._advisor.models

    # What can be diagnosed

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks on offer, by id."""
        return self.cases.library().playbooks

    @property
    def refused_playbooks(self) -> tuple[Refusal, ...]:
        """Playbook files that were not loaded, and why."""
        return self.cases.library().refused

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
    ) -> str:
        """Admit a complaint and read it; returns the run's id.

        With `with_model` the connected model words the questions and writes the summary; with `draft` it
        drafts a playbook first; `session` is the browser session whose models may be used. Raises
        NotAComplaint for a greeting, a decision or a text that no playbook covers, unless `playbook_id` or
        `draft` says how to go on. Nothing is kept in that case.
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
        run = new_run(text, who, self._environment)
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
    ) -> None:
        """Accept the framing, as it is or changed, and ask the first question.

        `facts` maps the names of facts to their wording (None: as found; an empty wording: not known);
        `stated` is the cause the client blames, in words.
        """
        case = self._case(run_id)
        if case.confirmed is not None:
            raise Stale("This problem was confirmed in the meantime. Nothing was changed: reload to go on.")
        playbook = self._offered(case, playbook_id)
        kept = _kept_facts(case.framing, facts)
        blamed = clean(stated or "", "The suspected cause", 300, required=False) or None
        listed = framing.stated_cause(playbook, blamed)
        confirmed = Confirmed(
            playbook_id=playbook.id,
            playbook_hash=playbook.hash,
            facts=kept,
            missing=tuple(name for name in NAMED if name not in {fact.kind for fact in kept}),
            mode=mode,
            stated_id=listed or (CLIENT_STATED if blamed else None),
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
        work = self.cases.inquiry(self.confirmed(run_id))
        if question_id not in work.table.questions:
            raise BadInput(f"This playbook has no question “{question_id[:60]}”. Nothing was changed.")
        known = work.table.answers[work.table.questions.index(question_id)]
        if value not in (*known, inquiry.DONT_KNOW):
            raise BadInput(f"This question has no answer “{value[:60]}”. Nothing was changed.")
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
        case = self.confirmed(run_id)
        question = self.cases.inquiry(case).playbook.ask(question_id)
        said = clean(said, "The answer", LONGEST_NOTE)
        return self._advisor.read(self.run(run_id), case, question, said)

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
        work = self.cases.inquiry(self.confirmed(run_id))
        if not inquiry.choose(work.table, work.case.answers, work.case.asked):
            raise Refused("Every question of this playbook has been asked. Nothing was changed.")
        self.act(run_id, expected_seq, ("extended", {"questions": questions}))

    def cancel(self, run_id: str) -> None:
        """Stop a run for good; what was recorded stays."""
        while True:
            last = self._case(run_id).seq
            run = self.run(run_id)
            if run.status in ("completed", "cancelled"):
                raise Refused(f"This run is already {run.status}. Nothing was changed.")
            with contextlib.suppress(OutOfStep):  # the tool was faster: look again
                event = ("cancelled", dict[str, Any]())
                runs.add_events(self._store, run_id, [event], last, "cancelled", finished_at=now())
                return

    def retry(self, run_id: str) -> None:
        """Go on with a failed run from the step that failed."""
        run = self.run(run_id)
        if run.status != "failed":
            raise Refused("Only a failed run can be tried again. Nothing was changed.")
        runs.set_status(self._store, run_id, "running", None, (), **AT_WORK)
        self._begin(run)

    def supply(self, run_id: str, expected_seq: int, session: str | None = None) -> None:
        """Go on with a run that waits for a key, with the models of a browser session."""
        self._held(run_id)
        self.act(run_id, expected_seq, *self.run_models.remember(run_id, session), ("supplied", {}))

    def dispense(self, run_id: str, expected_seq: int) -> None:
        """Go on without a model: the built-in analyst does the rest of a run that waits for a key."""
        self._held(run_id)
        self.act(run_id, expected_seq, ("model_dispensed", {}))

    def view(self, run_id: str) -> DiagnosisView:
        """The run as a page draws it; NotFound when there is none."""
        run = self.run(run_id)
        seq = runs.last_seq(self._store, run_id)
        key = f"view:{views.FORMAT}:{run_id}:{seq}:{run.status}"
        if (kept := self._convenience.get(key)) is not None:
            with contextlib.suppress(ValidationError):  # a foreign entry counts as absent
                return DiagnosisView.model_validate(kept)
        fresh = self._fresh_view(run)
        if fresh.seq == seq:
            self._convenience.put(key, fresh.model_dump(mode="json"), VIEW_KEPT_S)
        return fresh

    def tree(self, run_id: str, version: int | None = None) -> ProblemTree:
        """The tree of a run: one of its versions, or what its belief gives now."""
        if version is None:
            return structure(self.cases.inquiry(self.confirmed(run_id)))
        found = trees.find(self._store, run_id, version)
        if found is None:
            raise NotFound(f"This run has no version {version} of its tree.")
        return load_tree(found.document)

    def tree_dot(self, run_id: str, dark: bool = False) -> str:
        """The tree of the belief as it is now, as DOT for the browser."""
        drawn = for_a_narrow_place(self.tree(run_id))
        return str(to_dot(drawn, palette.DARK if dark else palette.LIGHT, wrap=NARROW).source)

    def tree_image(self, run_id: str, kind: Literal["svg", "png"]) -> bytes:
        """The tree of the belief as it is now, as a file."""
        return render(to_dot(self.tree(run_id)), kind)

    # What can be taken away

    def record_json(self, run_id: str) -> str:
        """The whole record as JSON."""
        return record.as_json(self.view(run_id), self.outcome(run_id), now())

    def record_memo(self, run_id: str) -> str:
        """The record as a one-page Markdown memo, answer first."""
        return record.as_memo(self.view(run_id), self.outcome(run_id), now())

    def replay(self, run_id: str) -> str:
        """The diagnosis computed anew from the stored events, as JSON text; equal to the one on record."""
        case = self.confirmed(run_id)
        return conclude(self.cases.inquiry(case)).model_dump_json()

    # What it was in the end

    def record_outcome(self, run_id: str, cause_id: str, note: str = "", who: Who | None = None) -> None:
        """Keep what the cause turned out to be; `cause_id` is one of the case's causes."""
        work = self.cases.inquiry(self.confirmed(run_id))
        if cause_id not in work.table.causes:
            raise BadInput("This cause is not among those of the diagnosis. Nothing was changed.")
        note = clean(note, "The note", LONGEST_NOTE, required=False)
        user = (who or Who()).user_id
        outcomes.add(self._store, Outcome(run_id, cause_id, work.label(cause_id), note, user, now()))

    def outcome(self, run_id: str) -> Outcome | None:
        """What the cause turned out to be, or None."""
        return outcomes.latest(self._store, run_id)

    def tree_of_text(self, text: str) -> ProblemTree:
        """The tree of a complaint alone: the best playbook's, with belief before any answer."""
        text = clean(text, "The description", framing.LONGEST)
        found = framing.frame(text, self.playbooks)
        if found.suggested is None:
            raise NotAComplaint(found)
        confirmed = Confirmed(
            playbook_id=found.suggested,
            playbook_hash=self.playbooks[found.suggested].hash,
            facts=found.facts,
            missing=found.missing,
            mode="adaptive",
            stated_id=None,
            stated_text=None,
            answered={},
        )
        case = Case("text", text=text, confirmed=confirmed)
        return structure(Inquiry(case, self.playbooks[found.suggested]))

    def belief_of(self, run_id: str) -> dict[str, float] | None:
        """Belief per cause id as it is now; None when the run is no confirmed diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        work = self.cases.inquiry(self.confirmed(run_id))
        return dict(zip(work.table.causes, map(float, work.belief), strict=True))

    def causes_of(self, run_id: str) -> dict[str, str] | None:
        """Labels of the causes its playbook lists, by id; None when the run is no confirmed diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        playbook = self.cases.inquiry(self.confirmed(run_id)).playbook
        return {cause.id: cause.label for cause in playbook.causes}

    def answer_of(self, run_id: str) -> tuple[str, tuple[str, ...]] | None:
        """The answer in a sentence and its evidence line by line; None when the run is no diagnosis."""
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        found = conclude(self.cases.inquiry(self.confirmed(run_id)))
        return in_a_sentence(found), tuple(evidence_line(line) for line in found.evidence)

    # Inside

    def run(self, run_id: str) -> Run:
        """The run's row; NotFound when there is none, or none any more."""
        return actions.found(self._store, run_id)

    def act(
        self, run_id: str, expected_seq: int, *events: tuple[str, dict[str, Any]], **changes: Any
    ) -> None:
        """Record what a person did, then let the graph go on."""
        run = self.run(run_id)
        if run.status == "cancelled":
            raise Refused("This run was cancelled. Nothing was changed: start a new one.")
        try:
            changes = {**AT_WORK, **changes}
            runs.add_events(self._store, run_id, events, expected_seq, "running", **changes)
        except OutOfStep as error:
            raise Stale(
                "Something else was done here in the meantime, in another tab or by someone else. "
                "Nothing was changed by this page: look at what it shows now, then go on."
            ) from error
        self._begin(run)

    def _fresh_view(self, run: Run) -> DiagnosisView:
        case = self.cases.case(run.run_id)
        if case.confirmed is None:
            return views.unconfirmed_view(run, case, self._drafted(case))
        return views.view(run, self.cases.inquiry(case))

    def _held(self, run_id: str) -> None:
        if self._case(run_id).held is None:
            raise Stale("This run no longer waits for a key. Nothing was changed: reload to go on.")

    def _case(self, run_id: str) -> Case:
        self.run(run_id)
        return self.cases.case(run_id)

    def confirmed(self, run_id: str) -> Case:
        case = self._case(run_id)
        if case.confirmed is None:
            raise Refused("The problem is not confirmed yet. Nothing was changed: confirm it first.")
        return case

    def _drafted(self, case: Case) -> Playbook | None:
        if case.draft is None or case.draft.playbook_hash is None:
            return None
        return self.cases.kept(case.draft.playbook_hash)

    def _offered(self, case: Case, playbook_id: str) -> Playbook:
        drafted = self._drafted(case)
        return drafted if drafted is not None and drafted.id == playbook_id else self.playbook(playbook_id)

    def playbook(self, playbook_id: str) -> Playbook:
        if playbook_id not in self.playbooks:
            raise BadInput(f"There is no playbook “{playbook_id[:60]}”. Nothing was changed.")
        return self.playbooks[playbook_id]


def new_run(text: str, who: Who, environment: Environment) -> Run:
    at = now()
    title = " ".join(text.split())
    if len(title) > TITLE_CHARACTERS:
        title = title[: TITLE_CHARACTERS - 1].rstrip() + "…"
    return Run(
        run_id=new_id(),
        kind="diagnosis",
        title=title,
        input=text,
        status="queued",
        user_id=clean(who.user_id, "The user", 80),
        project_id=clean(who.project_id, "The project", 80),
        environment=environment,
        created_at=at,
        updated_at=at,
        started_at=at,
        agent_name="diagnosis",
    )


def _kept_facts(found: Framing | None, changed: Mapping[str, str] | None) -> tuple[FoundFact, ...]:
    """The facts as confirmed; a fact whose wording was changed is read again for its meaning."""
    facts = {fact.kind: fact for fact in (found.facts if found else ())}
    for kind, wording in (changed or {}).items():
        if kind not in NAMED:
            raise BadInput(f"“{kind[:40]}” is not a fact of a problem; {', '.join(NAMED)} are.")
        text = clean(wording, f"The {kind}", 200, required=False)
        if not text:
            facts.pop(kind, None)
        elif kind not in facts or facts[kind].text != text:
            facts[kind] = FoundFact(kind=kind, text=text, tag=framing.tag_of(kind, text))
    return tuple(facts[kind] for kind in (*NAMED, "onset") if kind in facts)
