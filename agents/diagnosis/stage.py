"""A diagnosis for an audience: the real engine against a simulated client with a hidden cause.

Nothing is scripted. The seed fixes what was not chosen (kind of problem, hidden cause) and what the client
would say to every question; the questions are the engine's. One event on the run holds what a replay needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agents.diagnosis import inquiry, simulate
from agents.diagnosis.case import Case, Inquiry
from agents.diagnosis.playbook import DONT_KNOW, Data, Playbook
from agents.diagnosis.simulate import Character, Client
from agents.errors import BadInput, Refused

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
LARGEST_SEED = 999_999_999
_KIND, _CAUSE, _CLIENT = range(3)
"""Streams of the seed, so that choosing one thing by hand leaves the others as they were."""


class Casting(Data):
    """What a demo is asked to be; what is None is drawn by the seed."""

    seed: int
    character: str = "truthful"
    playbook_id: str | None = None
    hidden: str | None = None
    """Id of the cause to hide; needs a playbook."""
    training: bool = False
    """The audience chooses the questions, not the tool."""

    def again(self) -> "Casting":
        """The same with the next seed."""
        return self.model_copy(update={"seed": (self.seed + 1) % (LARGEST_SEED + 1)})


class Staged(Data):
    """What a demo became."""

    casting: Casting
    playbook_id: str
    hidden: str
    """Id of the cause that is really there."""
    blamed: str | None
    """Id of the cause a misled client believes in."""


class Guess(Data):
    """One question that a trainee chose."""

    question_id: str
    gain: float
    """Bits expected."""
    score: float
    """Bits weighed against the effort to answer and a change of theme; the tool asks what has most."""
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
    """The leading cause is the hidden one."""
    decided: bool
    asked: int
    by_hand: int
    """Answers that are not what the simulated client would have said."""
    form_asked: int
    """Questions that the best fixed questionnaire needed for the same client."""
    form_right: bool
    form_decided: bool


def read_seed(text: str) -> int:
    """A seed as somebody wrote it, in a link for instance; BadInput when it is none."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SEED)):
        return int(text)
    raise BadInput(f"“{text[:40]}” is no seed. Write a whole number from 0 to {LARGEST_SEED}.")


def cast(playbooks: Mapping[str, Playbook], casting: Casting) -> Staged:
    """Draw what was not chosen; raises BadInput for a character, playbook or cause that does not exist."""
    if casting.character not in CHARACTERS:
        raise BadInput(
            f"There is no client “{casting.character[:40]}”. Choose one of {', '.join(CHARACTERS)}."
        )
    playbook = _playbook(playbooks, casting)
    names = [cause.id for cause in playbook.causes]
    if casting.hidden is not None and casting.hidden not in names:
        raise BadInput(f"The playbook has no cause “{casting.hidden[:40]}”. Choose one that it lists.")
    rng = _stream(casting, _CAUSE)
    drawn = next(simulate.hidden_causes(playbook, 1, rng))
    true = casting.hidden or drawn
    others = [name for name in names if name != true]
    blamed = str(rng.choice(others)) if casting.character == "misled" else None
    return Staged(casting=casting, playbook_id=playbook.id, hidden=true, blamed=blamed)


def complaint(playbook: Playbook, staged: Staged) -> str:
    """What the client says at the start; a misled one names a suspicion."""
    opening = playbook.recognise.sounds_like.rstrip(".")
    if staged.blamed is None:
        return f"{opening}."
    return f"{opening}, and I think it is because of this: {playbook.cause(staged.blamed).label.lower()}."


def next_answer(work: Inquiry, staged: Staged) -> tuple[str, str]:
    """The question that waits and what the client says to it."""
    question_id = _waiting(work)
    return question_id, says(work, staged, question_id)


def says(work: Inquiry, staged: Staged, question_id: str) -> str:
    """The client's answer to a question."""
    return _client(work.playbook, staged).says.get(question_id, DONT_KNOW)


def guess(work: Inquiry, question_id: str) -> Guess:
    """What a question that a trainee chose is worth, beside the one the tool would ask."""
    _waiting(work)
    options = {
        option.question_id: option
        for option in inquiry.choose(work.table, work.case.answers, work.case.asked)
    }
    if question_id not in options:
        raise BadInput("This question is not open. Choose another one.")
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
    top = table.causes[inquiry.leader(work.belief)[0]]
    return Reveal(
        hidden=work.label(staged.hidden),
        found=work.label(top),
        right=top == staged.hidden,
        decided=(work.case.concluded or {}).get("status") == "decided",
        asked=len(work.case.asked),
        by_hand=sum(says(work, staged, q) != work.case.answers[q] for q in work.case.asked),
        form_asked=len(form.asked),
        form_right=form.top(table) == staged.hidden,
        form_decided=form.decided,
    )


def staged_of(case: Case) -> Staged | None:
    """How a run was staged; None for a real one."""
    return None if case.staged is None else Staged.model_validate(case.staged)


def _waiting(work: Inquiry) -> str:
    if work.case.open_question is None:
        raise Refused("No question waits for the client. Nothing was changed.")
    return work.case.open_question


def _playbook(playbooks: Mapping[str, Playbook], casting: Casting) -> Playbook:
    if casting.playbook_id is None:
        if casting.hidden is not None:
            raise BadInput("A hidden cause needs a kind of problem. Choose that too.")
        return playbooks[str(_stream(casting, _KIND).choice(sorted(playbooks)))]
    if casting.playbook_id not in playbooks:
        raise BadInput(f"There is no playbook “{casting.playbook_id[:60]}”. Choose one that is listed.")
    return playbooks[casting.playbook_id]


@lru_cache(maxsize=64)
def _client(playbook: Playbook, staged: Staged) -> Client:
    character = CHARACTERS[staged.casting.character]
    return simulate.client(
        playbook, staged.hidden, _stream(staged.casting, _CLIENT), character, staged.blamed
    )


def _stream(casting: Casting, number: int) -> np.random.Generator:
    return np.random.default_rng((casting.seed, number))
