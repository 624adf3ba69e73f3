"""A simulated client with a hidden cause: for presentations, training and benchmarks alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from agents.diagnosis import form, inquiry, suspicion
from agents.diagnosis.inquiry import DONT_KNOW, METHOD, Floats, Table
from agents.diagnosis.playbook import Playbook

Policy = Callable[[Table, dict[str, str], list[str]], str | None]
"""Next question from table, answers and questions asked; None when it has none left."""


@dataclass(frozen=True)
class Character:
    """How a client answers."""

    name: str
    wrong: float = 0.08
    """Share of answers that are not what the client's world says."""
    dont_know: float = 0.15
    """Share of questions the client cannot answer."""
    table_error: float = 0.5
    """Standard deviation, in nats, by which the world differs from the playbook's table."""
    misled: float = 0.0
    """Share of answers given as if the cause the client blames were the true one."""


TYPICAL_CLIENT = Character("typical")
SURELY = 0.95
"""Share of clients whose problem is where its cause is, and of those whose problem is nowhere else."""


@dataclass(frozen=True)
class Client:
    """One case: what is wrong in truth, and what the client would say to every question."""

    hidden: str | None
    """Id of the true cause; None when it is not on the playbook's list."""
    says: dict[str, str]
    """Answer id per question id, fixed before the first question so that policies can be paired."""


@dataclass(frozen=True)
class Session:
    """How one simulated session ended."""

    answers: dict[str, str]
    asked: tuple[str, ...]
    belief: Floats
    decided: bool

    def top(self, table: Table) -> str:
        """Id of the leading cause."""
        return table.causes[inquiry.leader(self.belief)[0]]


def client(
    playbook: Playbook,
    hidden: str,
    rng: np.random.Generator,
    character: Character = TYPICAL_CLIENT,
    blamed: str | None = None,
) -> Client:
    """A client whose world is the column of `hidden`, with errors; `blamed` misleads by the character."""
    names = [c.id for c in playbook.causes]
    return _client(playbook, lambda _: names.index(hidden), hidden, rng, character, blamed)


def incoherent_client(playbook: Playbook, rng: np.random.Generator) -> Client:
    """A client whose cause is on no list: every question is answered as by another cause at random."""
    return _client(playbook, lambda r: int(r.integers(len(playbook.causes))), None, rng, TYPICAL_CLIENT, None)


def with_suspicion(
    playbook: Playbook,
    known: Client,
    is_true: bool,
    rng: np.random.Generator,
    character: Character = TYPICAL_CLIENT,
) -> Client:
    """The client with answers to the questions on a suspicion of its own, that is the cause or is not.

    Where another cause is at work than the two compared, the problem is there too for sure in one world of
    two (that cause is at work everywhere), and as may be in the other. The engine knows of neither.
    """
    says = dict(known.says)
    elsewhere = SURELY if rng.random() < 0.5 else 0.5
    for question, cause in zip(suspicion.questions(playbook), playbook.causes, strict=True):
        there = SURELY if is_true else 1 - SURELY if cause.id == known.hidden else elsewhere
        world = _world(np.array([there, 1 - there]), character, rng)
        says[question.id] = _say([a.id for a in question.answers], world, character, rng)
    return Client(known.hidden, says)


def without(playbook: Playbook, cause_id: str) -> Playbook:
    """The playbook as if nobody had thought of a cause: a client who has it is outside the list."""
    kept = tuple(c for c in playbook.causes if c.id != cause_id)
    fields = {name: getattr(playbook, name) for name in Playbook.model_fields}
    return Playbook.model_construct(**{**fields, "causes": kept})


def play(table: Table, client: Client, policy: Policy, budget: int | None = None) -> Session:
    """One session by the engine's own rules of update and stop."""
    answers: dict[str, str] = {}
    asked: list[str] = []
    while inquiry.should_stop(table, answers, asked, budget or inquiry.budget(table, asked)) is None:
        question_id = policy(table, answers, asked)
        if question_id is None:
            break
        answers[question_id] = client.says[question_id]
        asked.append(question_id)
    decided = inquiry.is_decided(table, answers)
    return Session(answers, tuple(asked), inquiry.belief(table, answers), decided)


def adaptive(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
    """The question with the best expected gain."""
    options = inquiry.choose(table, answers, asked)
    return options[0].question_id if options else None


def suspicion_first(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
    """The question on the client's own suspicion as soon as there is one, else the best."""
    options = [option.question_id for option in inquiry.choose(table, answers, asked)]
    return next((q for q in options if q in table.tests.values()), options[0] if options else None)


def fixed_form(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
    """The next question of the best fixed questionnaire."""
    return next((q for q in form.best_form(table) if q not in answers), None)


def random_order(seed: int) -> Policy:
    """Questions in a random order."""

    def policy(table: Table, answers: dict[str, str], asked: list[str]) -> str | None:
        order = np.random.default_rng(seed).permutation(len(table.questions))
        return next((table.questions[q] for q in order if table.questions[q] not in answers), None)

    return policy


def hidden_causes(playbook: Playbook, cases: int, rng: np.random.Generator) -> Iterator[str]:
    """True causes drawn by the playbook's priors."""
    prior = np.array([c.prior for c in playbook.causes])
    names = [c.id for c in playbook.causes]
    for index in rng.choice(len(names), size=cases, p=prior / prior.sum()):
        yield names[index]


def _client(
    playbook: Playbook,
    column: Callable[[np.random.Generator], int],
    hidden: str | None,
    rng: np.random.Generator,
    character: Character,
    blamed: str | None,
) -> Client:
    says = {}
    names = [c.id for c in playbook.causes]
    for question in playbook.questions:
        plain = inquiry.plain_likelihood(playbook, question, METHOD)
        index = column(rng)
        if blamed is not None and rng.random() < character.misled:
            index = names.index(blamed)
        world = _world(plain[:, index], character, rng)
        says[question.id] = _say([a.id for a in question.answers], world, character, rng)
    return Client(hidden, says)


def _world(column: Floats, character: Character, rng: np.random.Generator) -> Floats:
    wrong = np.exp(np.log(column) + rng.normal(0, character.table_error, len(column)))
    return np.asarray(wrong / wrong.sum())


def _say(answers: list[str], world: Floats, character: Character, rng: np.random.Generator) -> str:
    true = int(rng.choice(len(answers), p=world))
    lies, silent, other = rng.random(), rng.random(), int(rng.integers(1, len(answers)))
    if silent < character.dont_know:
        return DONT_KNOW
    return answers[(true + other) % len(answers)] if lies < character.wrong else answers[true]
