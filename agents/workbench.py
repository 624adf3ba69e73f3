"""The composition root, and the only face that pages and shells see."""

import contextlib
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from agents.diagnosis import framing, graph, inquiry, record
from agents.diagnosis import view as views
from agents.diagnosis.advisor import Advisor
from agents.diagnosis.case import CLIENT_STATED, Case, Confirmed, Inquiry, Mode
from agents.diagnosis.cases import Cases
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.facts import NAMED
from agents.diagnosis.framing import FoundFact, Framing
from agents.diagnosis.loading import Refusal, load_library
from agents.diagnosis.playbook import Playbook
from agents.diagnosis.stage import Reveal, Staged, cast, complaint, next_answer, reveal, staged_of
from agents.diagnosis.structure import for_a_narrow_place, structure
from agents.diagnosis.text import clean
from agents.diagnosis.view import DiagnosisView
from agents.errors import BadInput, NotFound, Refused, Stale
from agents.runner import Runner
from agents.settings import Settings
from agents.tree.desk import TreeDesk
from agents.tree.document import load_tree
from agents.tree.draw import palette
from agents.tree.draw.dot import NARROW, to_dot
from agents.tree.draw.render import render
from agents.tree.mece import check
from agents.tree.mece.report import Report
from agents.tree.model import ProblemTree
from agents.tree.outline import parse_outline
from storage import outcomes, runs, trees
from storage.clock import new_id, now
from storage.db import Store
from storage.outcomes import Outcome
from storage.runs import Environment, OutOfStep, Run
from storage.sessions import DiskConvenience

if TYPE_CHECKING:
    from agents.llm.client import LlmClient

SETTLE_S = 10.0
"""Seconds a call waits for the tool's own steps; after that the caller polls `view`."""
VIEW_KEPT_S = 24 * 3600
LONGEST_NOTE = 2_000
MORE_QUESTIONS = 3
"""Questions that going on adds."""
TITLE_CHARACTERS = 80
AT_WORK = dict.fromkeys(("error_type", "error_text", "error_step", "error_trace", "finished_at"))
"""Columns that are empty while a run goes on."""


@dataclass(frozen=True)
class Who:
    """Whose work it is."""

    user_id: str = "me"
    project_id: str = "default"


class NotAComplaint(Refused):
    """The text is answered for what it is, not diagnosed; `framing` says what it was taken for."""

    def __init__(self, found: Framing) -> None:
        super().__init__(NOT_A_COMPLAINT[found.kind])
        self.framing = found


NOT_A_COMPLAINT: dict[str, str] = {
    "greeting": "Hello. Tell me what went wrong in the business, such as “Our sales dropped 20 % this "
    "quarter, mostly in the north”, and I will ask what separates its possible causes.",
    "decision": "This asks which way to go, not why something went wrong, so there is no cause to diagnose. "
    "If a problem stands behind the decision, describe that problem.",
    "unknown": "No playbook covers this text as it stands. Say which figure moved, which way and since when, "
    "or choose the kind of problem yourself.",
}


class Workbench:
    """Everything Whytree does, without a page: build one with `Workbench.open`, close it at the end."""

    def __init__(self, settings: Settings, store: Store, convenience: DiskConvenience) -> None:
        self.settings = settings
        self._store = store
        self.convenience = convenience
        self._library = load_library(settings.playbooks)
        self._cases = Cases(store, lambda: self._library)
        self.trees = TreeDesk(store, self._belief_of, settings.environment)
        """Trees as documents: open, edit, undo, compare."""
        self._advisor = Advisor(self._client_of)
        graphs = {"diagnosis": graph.build(self._cases, self._advisor)}
        self._runner = Runner(store, settings.data / "checkpoints.sqlite", graphs)

    @classmethod
    def open(cls, settings: Settings | None = None) -> "Workbench":
        """Open the data folder and go on with what a dead process left; raises a sentence if it cannot."""
        settings = settings or Settings.load()
        with contextlib.ExitStack() as opened:
            store = Store.open(settings.data / "whytree.duckdb")
            opened.callback(store.close)
            convenience = DiskConvenience(settings.data / "convenience")
            opened.callback(convenience.close)
            bench = cls(settings, store, convenience)
            opened.pop_all()
        bench._runner.recover()
        return bench

    def close(self) -> None:
        """Let steps at work finish, flush, release the files."""
        with contextlib.ExitStack() as last_first:
            last_first.callback(self.convenience.close)
            last_first.callback(self._store.close)
            last_first.callback(self._runner.close)

    # What can be diagnosed

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks on offer, by id."""
        return self._library.playbooks

    @property
    def refused_playbooks(self) -> tuple[Refusal, ...]:
        """Playbook files that were not loaded, and why."""
        return self._library.refused

    # A diagnosis

    def start(self, text: str, who: Who | None = None, playbook_id: str | None = None) -> str:
        """Admit a complaint and read it; returns the run's id.

        Raises NotAComplaint for a greeting, a decision or a text that no playbook covers, unless
        `playbook_id` says which kind of problem it is. Nothing is kept in that case.
        """
        who = who or Who()
        text = clean(text, "The description", framing.LONGEST)
        if playbook_id is not None:
            self._playbook(playbook_id)
        else:
            found = framing.frame(text, self.playbooks)
            if found.kind != "complaint":
                raise NotAComplaint(found)
        run = _new_run(text, who, self.settings.environment)
        runs.admit(self._store, run, [("complained", {"text": text, "playbook_id": playbook_id})])
        self._settle(run)
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
        playbook = self._playbook(playbook_id)
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
        )
        self._cases.keep(playbook)
        changes = {"playbook_hash": playbook.hash}
        self._act(run_id, expected_seq, "confirmed", confirmed.model_dump(mode="json"), **changes)

    def answer(self, run_id: str, question_id: str, value: str, expected_seq: int, note: str = "") -> None:
        """Answer a question, or change an earlier answer; `value` is an answer's id or `dont_know`.

        On disk when this returns. Raises Stale when the run has gone on since event `expected_seq`.
        """
        work = self._cases.inquiry(self._confirmed(run_id))
        if question_id not in work.table.questions:
            raise BadInput(f"This playbook has no question “{question_id[:60]}”. Nothing was changed.")
        known = work.table.answers[work.table.questions.index(question_id)]
        if value not in (*known, inquiry.DONT_KNOW):
            raise BadInput(f"This question has no answer “{value[:60]}”. Nothing was changed.")
        note = clean(note, "The note", LONGEST_NOTE, required=False)
        data = {"question_id": question_id, "answer_id": value, "note": note}
        self._act(run_id, expected_seq, "answered", data)

    def withdraw(self, run_id: str, question_id: str, expected_seq: int) -> None:
        """Take an answer back, as if the question had not been asked."""
        if question_id not in self._confirmed(run_id).given:
            raise BadInput("This question has no answer to take back. Nothing was changed.")
        self._act(run_id, expected_seq, "withdrawn", {"question_id": question_id})

    def conclude(self, run_id: str, expected_seq: int) -> None:
        """End the questions now; the diagnosis says honestly whether it is decided."""
        if self._confirmed(run_id).concluded is not None:
            raise Stale("This diagnosis is already concluded. Nothing was changed.")
        self._act(run_id, expected_seq, "conclusion_wanted", {})

    def go_on(self, run_id: str, expected_seq: int, questions: int = MORE_QUESTIONS) -> None:
        """Ask more questions after a conclusion, or beyond the budget."""
        work = self._cases.inquiry(self._confirmed(run_id))
        if not inquiry.choose(work.table, work.case.answers, work.case.asked):
            raise Refused("Every question of this playbook has been asked. Nothing was changed.")
        self._act(run_id, expected_seq, "extended", {"questions": questions})

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
        runs.set_status(self._store, run_id, "running", **AT_WORK)
        self._settle(run)

    def view(self, run_id: str) -> DiagnosisView:
        """The run as a page draws it; NotFound when there is none."""
        run = self.run(run_id)
        seq = runs.last_seq(self._store, run_id)
        key = f"view:{views.FORMAT}:{run_id}:{seq}:{run.status}"
        if (kept := self.convenience.get(key)) is not None:
            with contextlib.suppress(ValidationError):  # a foreign entry counts as absent
                return DiagnosisView.model_validate(kept)
        fresh = self._fresh_view(run)
        if fresh.seq == seq:
            self.convenience.put(key, fresh.model_dump(mode="json"), VIEW_KEPT_S)
        return fresh

    def tree(self, run_id: str, version: int | None = None) -> ProblemTree:
        """The tree of a run: one of its versions, or what its belief gives now."""
        if version is None:
            return structure(self._cases.inquiry(self._confirmed(run_id)))
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

    # A diagnosis for an audience

    def stage(
        self, playbook_id: str, character: str, seed: int, hidden: str | None = None, who: Who | None = None
    ) -> str:
        """Start a demo run up to its first question; same arguments, same demo. Never a real figure."""
        playbook = self._playbook(playbook_id)
        staged = cast(playbook, character, seed, hidden)
        text = complaint(playbook, staged)
        run = replace(_new_run(text, who or Who(), "demo"), title=f"Demo: {playbook.title}")
        first = {"text": text, "playbook_id": playbook_id, "staged": staged.model_dump()}
        runs.admit(self._store, run, [("complained", first)])
        self._settle(run)
        suspected = playbook.cause(staged.blamed).label if staged.blamed else None
        self.confirm(run.run_id, runs.last_seq(self._store, run.run_id), playbook_id, {}, suspected)
        return run.run_id

    def play_on(self, run_id: str, expected_seq: int) -> None:
        """Let the simulated client answer the question that waits."""
        work, staged = self._staged(run_id)
        question_id, answer_id = next_answer(work, staged)
        self.answer(run_id, question_id, answer_id, expected_seq)

    def reveal(self, run_id: str) -> Reveal:
        """The hidden cause beside what was found."""
        return reveal(*self._staged(run_id))

    def beliefs(self, run_id: str) -> list[dict[str, float]]:
        """Belief per cause label, before the first answer and after each."""
        work = self._cases.inquiry(self._confirmed(run_id))
        prior = dict(zip(work.table.causes, map(float, work.table.prior), strict=True))
        steps = [prior, *work.case.beliefs]
        return [{work.label(cause): value for cause, value in step.items()} for step in steps]

    def _staged(self, run_id: str) -> tuple[Inquiry, Staged]:
        case = self._confirmed(run_id)
        staged = staged_of(case)
        if staged is None:
            raise NotFound("This run is not a demo. Start one on the Present page.")
        return self._cases.inquiry(case), staged

    # Trees to work on

    def open_tree(self, run_id: str, who: Who | None = None) -> str:
        """The tree of a diagnosis as a document to edit: the one opened before, or a new one."""
        if (known := self.trees.find_for(run_id)) is not None:
            return known
        return self._add_tree(self.tree(run_id), who, "From the diagnosis", run_id)

    def tree_from_text(self, text: str, who: Who | None = None) -> str:
        """A tree from a complaint alone: the best playbook's, with belief before any answer."""
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
        tree = structure(Inquiry(case, self.playbooks[found.suggested]))
        return self._add_tree(tree, who, "From a description")

    def tree_from_outline(self, text: str, who: Who | None = None) -> str:
        """A tree from an indented or Markdown outline."""
        return self._add_tree(parse_outline(text, tree_id="outline"), who, "From an outline")

    def tree_from_json(self, text: str, who: Who | None = None) -> str:
        """A tree from this tool's own JSON."""
        return self._add_tree(load_tree(text), who, "From a file")

    def check_tree(self, tree: ProblemTree) -> Report:
        """Hold a tree against every rule."""
        return check(tree)

    def _add_tree(self, tree: ProblemTree, who: Who | None, note: str, source_run: str | None = None) -> str:
        who = who or Who()
        return self.trees.add(tree, who.user_id, who.user_id, who.project_id, note, source_run)

    def _belief_of(self, run_id: str) -> dict[str, float] | None:
        run = runs.find(self._store, run_id)
        if run is None or run.kind != "diagnosis":
            return None
        work = self._cases.inquiry(self._confirmed(run_id))
        return dict(zip(work.table.causes, map(float, work.belief), strict=True))

    # What can be taken away

    def record_json(self, run_id: str) -> str:
        """The whole record as JSON."""
        return record.as_json(self.view(run_id), self.outcome(run_id), now())

    def record_memo(self, run_id: str) -> str:
        """The record as a one-page Markdown memo, answer first."""
        return record.as_memo(self.view(run_id), self.outcome(run_id), now())

    def replay(self, run_id: str) -> str:
        """The diagnosis computed anew from the stored events, as JSON text; equal to the one on record."""
        case = self._confirmed(run_id)
        return conclude(self._cases.inquiry(case)).model_dump_json()

    # What it was in the end

    def record_outcome(self, run_id: str, cause_id: str, note: str = "", who: Who | None = None) -> None:
        """Keep what the cause turned out to be; `cause_id` is one of the case's causes."""
        work = self._cases.inquiry(self._confirmed(run_id))
        if cause_id not in work.table.causes:
            raise BadInput("This cause is not among those of the diagnosis. Nothing was changed.")
        note = clean(note, "The note", LONGEST_NOTE, required=False)
        user = (who or Who()).user_id
        outcomes.add(self._store, Outcome(run_id, cause_id, work.label(cause_id), note, user, now()))

    def outcome(self, run_id: str) -> Outcome | None:
        """What the cause turned out to be, or None."""
        return outcomes.latest(self._store, run_id)

    # Runs

    def run(self, run_id: str) -> Run:
        """The run's row; NotFound when there is none."""
        run = runs.find(self._store, run_id) if run_id.isascii() else None
        if run is None:
            name = run_id[:60].encode("ascii", "replace").decode()
            raise NotFound(f"There is no run “{name}” in this store. Check the link.")
        return run

    def recent(self, who: Who, limit: int = 8, kind: str = "diagnosis") -> list[Run]:
        """The person's runs of a kind in the project, the one touched last first."""
        return runs.recent(self._store, who.user_id, who.project_id, kind, limit)

    def people(self) -> tuple[list[str], list[str]]:
        """Users and projects that have runs."""
        return runs.people(self._store)

    @property
    def fault(self) -> str | None:
        """Sentence on why the latest records are not on disk, or None."""
        return self._store.fault

    # Inside

    def _act(self, run_id: str, expected_seq: int, kind: str, data: dict[str, Any], **changes: Any) -> None:
        """Record what a person did, then let the graph go on."""
        run = self.run(run_id)
        if run.status == "cancelled":
            raise Refused("This run was cancelled. Nothing was changed: start a new one.")
        try:
            changes = {**AT_WORK, **changes}
            runs.add_events(self._store, run_id, [(kind, data)], expected_seq, "running", **changes)
        except OutOfStep as error:
            raise Stale(
                "Something else was done here in the meantime, in another tab or by someone else. "
                "Nothing was changed by this page: look at what it shows now, then go on."
            ) from error
        self._settle(run)

    def _settle(self, run: Run) -> None:
        """Wait for the tool's steps, but not for a slow model: a page that sees `is_working` polls."""
        with contextlib.suppress(TimeoutError, CancelledError):  # cancelled: the next start takes it up
            self._runner.advance(run).result(SETTLE_S)

    def _client_of(self, run_id: str) -> "LlmClient":
        raise Refused("No model is connected. The built-in analyst goes on.")

    def _fresh_view(self, run: Run) -> DiagnosisView:
        case = self._cases.case(run.run_id)
        if case.confirmed is None:
            return views.unconfirmed_view(run, case.seq, case.framing)
        return views.view(run, self._cases.inquiry(case))

    def _case(self, run_id: str) -> Case:
        self.run(run_id)
        return self._cases.case(run_id)

    def _confirmed(self, run_id: str) -> Case:
        case = self._case(run_id)
        if case.confirmed is None:
            raise Refused("The problem is not confirmed yet. Nothing was changed: confirm it first.")
        return case

    def _playbook(self, playbook_id: str) -> Playbook:
        if playbook_id not in self.playbooks:
            raise BadInput(f"There is no playbook “{playbook_id[:60]}”. Nothing was changed.")
        return self.playbooks[playbook_id]


def _new_run(text: str, who: Who, environment: Environment) -> Run:
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
