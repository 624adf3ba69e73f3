"""Diagnoses for an audience and for training: a simulated client answers the real engine."""

from dataclasses import replace

from agents.diagnosis.case import Inquiry
from agents.diagnosis.diagnoses import Diagnoses, new_run
from agents.diagnosis.stage import (
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
from agents.errors import NotFound
from agents.who import Who
from storage import runs


class Demos:
    """Stages and plays demo runs; they are never a real figure."""

    def __init__(self, diagnoses: Diagnoses) -> None:
        self._diagnoses = diagnoses
        self._store = diagnoses.cases.store

    def stage(
        self, playbook_id: str, character: str, seed: int, hidden: str | None = None, who: Who | None = None
    ) -> str:
        """Start a demo run up to its first question; same arguments, same demo. Never a real figure."""
        self._diagnoses.check_open()
        playbook = self._diagnoses.playbook(playbook_id)
        staged = cast(playbook, character, seed, hidden)
        text = complaint(playbook, staged)
        run = replace(new_run(text, who or Who(), "demo"), title=f"Demo: {playbook.title}")
        first = {"text": text, "playbook_id": playbook_id, "staged": staged.model_dump()}
        runs.admit(self._store, run, [("complained", first)])
        self._diagnoses.settle(run)
        suspected = playbook.cause(staged.blamed).label if staged.blamed else None
        self._diagnoses.confirm(
            run.run_id, runs.last_seq(self._store, run.run_id), playbook_id, {}, suspected
        )
        return run.run_id

    def play_on(self, run_id: str, expected_seq: int) -> None:
        """Let the simulated client answer the question that waits."""
        work, staged = self._staged(run_id)
        question_id, answer_id = next_answer(work, staged)
        self._diagnoses.answer(run_id, question_id, answer_id, expected_seq)

    def guess(self, run_id: str, question_id: str, expected_seq: int) -> Guess:
        """Ask a question of a trainee's choice: says what it was worth, then the client answers it."""
        work, staged = self._staged(run_id)
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
        """Belief per cause label, before the first answer and after each."""
        work = self._diagnoses.cases.inquiry(self._diagnoses.confirmed(run_id))
        prior = dict(zip(work.table.causes, map(float, work.table.prior), strict=True))
        steps = [prior, *work.case.beliefs]
        return [{work.label(cause): value for cause, value in step.items()} for step in steps]

    def _staged(self, run_id: str) -> tuple[Inquiry, Staged]:
        case = self._diagnoses.confirmed(run_id)
        staged = staged_of(case)
        if staged is None:
            raise NotFound("This run is not a demo. Start one on the Present page.")
        return self._diagnoses.cases.inquiry(case), staged
