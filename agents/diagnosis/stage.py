"""A diagnosis for an audience: the real engine against a simulated client with a hidden cause.

Nothing is scripted. The seed fixes the hidden cause (when none is chosen) and what the client would say to
every question; the questions are the engine's. One event on the run holds what a replay needs.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agents.diagnosis import inquiry, simulate
from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.playbook import DONT_KNOW, Data, Playbook
from agents.diagnosis.simulate import Character, Client
from agents.errors import BadInput, NotFound

CHARACTERS: dict[str, Character] = {
    "truthful": Character("truthful", wrong=0.0, dont_know=0.05, table_error=0.3),
    "vague": Character("vague", wrong=0.05, dont_know=0.35, table_error=0.5),
    "misled": Character("misled", wrong=0.05, dont_know=0.10, table_error=0.5, misled=0.30),
    "forgetful": Character("forgetful", wrong=0.15, dont_know=0.25, table_error=0.5),
}
ABOUT: dict[str, str] = {
    "truthful": "Knows the business and says what is so.",
    "vague": "Often has no answer.",
    "misled": "Believes in the wrong cause, and answers some questions as if it were the true one.",
    "forgetful": "Mixes things up and forgets.",
}


class Staged(Data):
    """What a presentation was started with."""

    playbook_id: str
    hidden: str
    """Id of the cause that is really there."""
    blamed: str | None
    """Id of the cause a misled client believes in."""
    character: str
    seed: int


class Guess(Data):
    """One question that a trainee chose."""

    question_id: str
    gain: float
    """Bits expected."""
    score: float
    best_id: str
    """What the tool would have asked."""
    best_gain: float
    best_score: float


@dataclass(frozen=True)
class Reveal:
    """What the audience sees at the end."""

    hidden: str
    """Label of the hidden cause."""
    found: str
    """Label of the leading cause."""
    right: bool
    decided: bool
    asked: int
    form_asked: int
    """Questions that the best fixed questionnaire needed for the same client."""
    form_right: bool
    form_decided: bool


def cast(playbook: Playbook, character: str, seed: int, hidden: str | None) -> Staged:
    """Choose what the demo is about; raises BadInput for an unknown character or cause."""
    if character not in CHARACTERS:
        raise BadInput(f"There is no client “{character[:40]}”. Choose one of {', '.join(CHARACTERS)}.")
    names = [cause.id for cause in playbook.causes]
    if hidden is not None and hidden not in names:
        raise BadInput(f"The playbook has no cause “{hidden[:40]}”. Choose one that it lists.")
    rng = np.random.default_rng(seed)
    drawn = next(simulate.hidden_causes(playbook, 1, rng))
    true = hidden or drawn
    others = [name for name in names if name != true]
    blamed = str(rng.choice(others)) if character == "misled" else None
    return Staged(playbook_id=playbook.id, hidden=true, blamed=blamed, character=character, seed=seed)


def complaint(playbook: Playbook, staged: Staged) -> str:
    """What the client says at the start; a misled one names a suspicion."""
    opening = playbook.recognise.sounds_like.rstrip(".")
    if staged.blamed is None:
        return f"{opening}."
    return f"{opening}, and I think it is because of this: {playbook.cause(staged.blamed).label.lower()}."


def next_answer(work: Inquiry, staged: Staged) -> tuple[str, str]:
    """The question that waits and what the client says to it."""
    question_id = work.case.open_question
    if question_id is None:
        raise NotFound("No question waits for the client.")
    return question_id, says(work, staged, question_id)


def says(work: Inquiry, staged: Staged, question_id: str) -> str:
    """The client's answer to a question."""
    return _client(work.playbook, staged).says.get(question_id, DONT_KNOW)


def guess(work: Inquiry, question_id: str) -> Guess:
    """What a question that a trainee chose is worth, beside the one the tool would ask."""
    options = {
        option.question_id: option
        for option in inquiry.choose(work.table, work.case.answers, work.case.asked)
    }
    if question_id not in options:
        raise BadInput("This question has been asked already. Choose another one.")
    best = max(options.values(), key=lambda option: option.score)
    return Guess(
        question_id=question_id,
        gain=options[question_id].gain,
        score=options[question_id].score,
        best_id=best.question_id,
        best_gain=best.gain,
        best_score=best.score,
    )


def reveal(work: Inquiry, staged: Staged) -> Reveal:
    """The hidden cause beside the diagnosis, and the fixed questionnaire beside the engine."""
    table = work.table
    form = simulate.play(table, _client(work.playbook, staged), simulate.fixed_form)
    top = table.causes[int(np.argmax(work.belief))]
    found = work.case.concluded or {}
    return Reveal(
        hidden=work.label(staged.hidden),
        found=work.label(top),
        right=top == staged.hidden,
        decided=found.get("status") == "decided",
        asked=len(work.case.asked),
        form_asked=len(form.asked),
        form_right=form.top(table) == staged.hidden,
        form_decided=form.decided,
    )


def staged_of(case: Case) -> Staged | None:
    """How a run was staged; None for a real one."""
    return None if case.staged is None else Staged.model_validate(case.staged)


@lru_cache(maxsize=64)
def _client(playbook: Playbook, staged: Staged) -> Client:
    rng = np.random.default_rng(staged.seed + 1)
    character = CHARACTERS[staged.character]
    return simulate.client(playbook, staged.hidden, rng, character, staged.blamed)
