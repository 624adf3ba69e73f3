"""What a model does in a diagnosis: drafts, words, reads and summarises. It never sets a number."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pydantic import BaseModel

from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.draft import Draft, Levels, ReadAnswer, Summary, Wordings
from agents.diagnosis.drafting import DRAFT_PREFIX, Drafted, first_look, second_look
from agents.diagnosis.inquiry import percent
from agents.diagnosis.playbook import Playbook, Question
from agents.prompts.prompt import FilledPrompt, load_prompt
from agents.prompts.turn import load_turn
from agents.running import current
from storage.runs import NewEvent, Run

if TYPE_CHECKING:
    from agents.llm.client import LlmClient

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
PROMPTS = Path(__file__).parents[1] / "prompts"
BASE = load_prompt(PROMPTS / "diagnosis.md")
TURNS = {
    task: load_turn(PROMPTS / f"diagnosis_{task}.md")
    for task in ("draft", "levels", "word", "read", "summary")
}
DEADLINES_S = {"draft": 120.0, "levels": 90.0, "word": 45.0, "read": 20.0, "summary": 45.0}


@dataclass(frozen=True)
class ModelSaid(Generic[T]):
    """A result and who gave it."""

    value: T
    model: str
    """`provider/model`."""
    call_ids: tuple[str, ...]


@dataclass(frozen=True)
class WrittenSummary:
    """Sentences that carry evidence which exists, and how many did not."""

    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    """Text and ids of the questions whose answers carry it."""
    dropped: int


class RunModels(Protocol):
    """Which model a run may use."""

    def client_of(self, run_id: str) -> "LlmClient":
        """The run's client; raises the sentence why there is none."""

    def remember(self, run_id: str, session: str | None) -> list[NewEvent]:
        """Let a run use the models of a browser session; returns what to record with the run."""


class Advisor:
    """Asks the model of a run."""

    def __init__(self, models: RunModels) -> None:
        self.models = models

    def draft(self, run: Run, case: Case) -> ModelSaid[Drafted]:
        """A playbook for a problem that none covers; two calls. Raises ModelFailed or DraftRefused."""
        complaint_id = run.run_id.replace("-", "")[-12:]
        start = BASE.fill({"complaint": case.text})
        first = self._ask(run, "draft", Draft, TURNS["draft"].after(start, {}))
        listed = first_look(first.value, complaint_id)
        again = self._ask(run, "levels", Levels, ask_levels(case.text, listed))
        made = second_look(first.value, again.value, complaint_id)
        return ModelSaid(made, again.model, (*first.call_ids, *again.call_ids))

    def word(self, run: Run, work: Inquiry) -> ModelSaid[dict[str, str]]:
        """The playbook's questions in the client's terms, by id; those that came back wrong are left out."""
        said = self._ask(run, "word", Wordings, ask_wording(work.case.text, work.playbook))
        known = {question.id for question in work.playbook.questions}
        kept = {w.id: w.text for w in said.value.questions if w.id in known and w.text.endswith("?")}
        return ModelSaid(kept, said.model, said.call_ids)

    def read(self, run: Run, case: Case, question: Question, said: str) -> ModelSaid[str | None]:
        """The answer's id that a free text gives, or None; the person confirms it."""
        numbered = "\n".join(f"{n}. {a.text}" for n, a in enumerate(question.answers, start=1))
        values = {"question": question.text, "answers": numbered, "said": said}
        prompt = TURNS["read"].after(BASE.fill({"complaint": case.text}), values)
        words = hashlib.sha256(prompt.messages[-1]["content"].encode()).hexdigest()[:12]
        reply = self._ask(run, "read", ReadAnswer, prompt, call=f"read-{case.seq}-{words}")
        number = reply.value.answer
        found = question.answers[number - 1].id if 1 <= number <= len(question.answers) else None
        return ModelSaid(found, reply.model, reply.call_ids)

    def summarise(self, run: Run, work: Inquiry) -> ModelSaid[WrittenSummary]:
        """The diagnosis in prose; a sentence is dropped and counted without evidence that exists, or with a
        figure of its own.
        """
        prompt = TURNS["summary"].after(_questions_known(work), {"record": record_lines(work)})
        said = self._ask(run, "summary", Summary, prompt, call=f"summary-{work.case.changed_seq}")
        known = set(work.case.given)
        figures = _figures("\n".join(message["content"] for message in prompt.messages))
        kept = [
            (sentence.text, tuple(sentence.evidence))
            for sentence in said.value.sentences
            if sentence.evidence and set(sentence.evidence) <= known and _figures(sentence.text) <= figures
        ]
        dropped = len(said.value.sentences) - len(kept)
        return ModelSaid(WrittenSummary(tuple(kept), dropped), said.model, said.call_ids)

    def _ask(
        self, run: Run, task: str, result: type[M], prompt: FilledPrompt, call: str | None = None
    ) -> ModelSaid[M]:
        from agents.llm.call import CallContext  # the client's libraries load when a model is first used

        context = CallContext(
            node=task,
            call=call or task,
            user_id=run.user_id,
            project_id=run.project_id,
            environment=run.environment,
            agent_name="diagnosis",
            run_id=run.run_id,
            step_id=current.step_id(),
        )
        reply = self.models.client_of(run.run_id).ask(
            result, prompt, "diagnosis", context, current.cancel_event(), DEADLINES_S[task]
        )
        return ModelSaid(reply.value, f"{reply.provider_name}/{reply.model}", (reply.call_id,))


def _figures(text: str) -> set[str]:
    """The numbers that stand in a text."""
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def ask_levels(complaint: str, playbook: Playbook) -> FilledPrompt:
    """Ask for all levels anew, causes and questions the other way round."""
    causes = "\n".join(f"{cause.id[-1]} {cause.label}" for cause in reversed(playbook.causes))
    lines = [
        f"{question.id} {question.text} {' / '.join(answer.text for answer in question.answers)}"
        for question in reversed(playbook.questions)
    ]
    start = BASE.fill({"complaint": complaint})
    return TURNS["levels"].after(start, {"causes": causes, "questions": "\n".join(lines)})


def ask_wording(complaint: str, playbook: Playbook) -> FilledPrompt:
    """Ask for the questions in the client's terms."""
    listed = "\n".join(f"{question.id} {question.text}" for question in playbook.questions)
    return TURNS["word"].after(BASE.fill({"complaint": complaint}), {"questions": listed})


def record_lines(work: Inquiry) -> str:
    """The record that the summary may use: answers by question id, belief in whole percents.

    The questions stand in the turn before, so that only what is new is sent.
    """
    answers = [f"{q} {work.answer_text(q, given.answer_id)}" for q, given in work.case.given.items()]
    pairs = sorted(zip(work.table.causes, work.belief, strict=True), key=lambda pair: -pair[1])
    beliefs = ", ".join(f"{work.label(cause_id)} {percent(p)} %" for cause_id, p in pairs[:3])
    return "\n".join([*answers, f"Belief: {beliefs}"])


def _questions_known(work: Inquiry) -> FilledPrompt:
    """The turn in which the model has seen this playbook's questions."""
    drafted = work.playbook.id.startswith(DRAFT_PREFIX)
    return (ask_levels if drafted else ask_wording)(work.case.text, work.playbook)
