"""Diagnoses for an audience and for training: a simulated client answers the real engine."""

from dataclasses import replace

from agents.diagnosis.admission import new_run
from agents.diagnosis.case import Inquiry
from agents.diagnosis.diagnoses import Diagnoses
from agents.diagnosis.playbook import Data
from agents.diagnosis.stage import (
    Casting,
    Guess,
    Reveal,
    Staged,
    cast,
    complaint,
    guess,
    next_answer,
    reveal,
    says,
    staged_of,
)
from agents.errors import NotFound, Stale
from agents.who import Who
from storage import runs


class OpenQuestion(Data):
    """A question that a trainee may choose."""

    question_id: str
    text: str
    theme: str
    effort: str


class Demos:
    """Stages and plays demo runs; they are never a real figure."""

    def __init__(self, diagnoses: Diagnoses) -> None:
        self._diagnoses = diagnoses
        self._store = diagnoses.cases.store

    def stage(self, casting: Casting, who: Who | None = None) -> str:
        """Start a demo run up to its first question; same casting, same demo."""
        staged = cast(self._diagnoses.playbooks, casting)
        playbook = self._diagnoses.playbook(staged.playbook_id)
        text = complaint(playbook, staged)
        run = replace(new_run(text, who or Who(), "demo"), title=f"Demo: {playbook.title}")
        first = {"text": text, "playbook_id": playbook.id, "staged": staged.model_dump()}
        runs.admit(self._store, run, [("complained", first)])
        self._diagnoses.settle(run)
        suspected = playbook.cause(staged.blamed).label if staged.blamed else None
        self._diagnoses.confirm(
            run.run_id, runs.last_seq(self._store, run.run_id), playbook.id, {}, suspected
        )
        return run.run_id

    def staged(self, run_id: str) -> Staged:
        """What a demo became, its hidden cause included; NotFound for a run that is none."""
        return self._staged(run_id)[1]

    def play_on(self, run_id: str, expected_seq: int) -> None:
        """Let the simulated client answer the question that waits; Stale when somebody was faster."""
        work, staged = self._standing(run_id, expected_seq)
        question_id, answer_id = next_answer(work, staged)
        self._diagnoses.answer(run_id, question_id, answer_id, expected_seq)

    def open_questions(self, run_id: str) -> list[OpenQuestion]:
        """What a trainee may ask, in the playbook's order, which says nothing about worth."""
        work, _ = self._staged(run_id)
        return [
            OpenQuestion(question_id=q.id, text=q.text, theme=q.theme, effort=q.effort)
            for q in work.playbook.questions
            if q.id not in work.case.answers
        ]

    def guess(self, run_id: str, question_id: str, expected_seq: int) -> Guess:
        """Ask a question of a trainee's choice: says what it was worth, then the client answers it."""
        work, staged = self._standing(run_id, expected_seq)
        made = guess(work, question_id)
        answer = {"question_id": question_id, "answer_id": says(work, staged, question_id), "note": ""}
        self._diagnoses.act(run_id, expected_seq, ("guessed", made.model_dump()), ("answered", answer))
        return made

    def guesses(self, run_id: str) -> list[Guess]:
        """What a trainee chose in a run, in order."""
        return [Guess.model_validate(made) for made in self._diagnoses.confirmed(run_id).guesses]

    def training_score(self, who: Who) -> tuple[int, float | None]:
        """Questions a person chose in all, and their worth as a share of the tool's own; None without any."""
        made = runs.event_data(self._store, "guessed", who.user_id)
        best = sum(entry["best_score"] for entry in made)
        return len(made), (sum(entry["score"] for entry in made) / best if best else None)

    def reveal(self, run_id: str) -> Reveal:
        """The hidden cause beside what was found."""
        return reveal(*self._staged(run_id))

    def beliefs(self, run_id: str) -> list[dict[str, float]]:
        """Belief per cause label, before the first answer and after each answer in force."""
        work = self._diagnoses.work(run_id)
        labels = [work.label(cause) for cause in work.table.causes]
        steps = [step.after for step in work.ledger]
        prior = map(float, work.table.prior)
        return [dict(zip(labels, step, strict=True)) for step in (prior, *steps)]

    def _standing(self, run_id: str, expected_seq: int) -> tuple[Inquiry, Staged]:
        """The run as the caller saw it; Stale when it has gone on since."""
        work, staged = self._staged(run_id)
        if work.case.seq != expected_seq:
            raise Stale(
                "This demo has gone on in the meantime. Nothing was changed: look at what it shows now."
            )
        return work, staged

    def _staged(self, run_id: str) -> tuple[Inquiry, Staged]:
        standing = self._diagnoses.snapshots.now(run_id)
        staged = staged_of(standing.case)
        if staged is None:
            raise NotFound("This run is not a demo. Start one on the Present page.")
        return standing.work, staged
