"""The question that tests a suspicion of the client's own, which no playbook has questions for.

It sets the suspicion against a cause of the list by the plainest test of a cause there is (Mill's method of
difference): look where the one was at work and the other was not. There is one such question for each
listed cause, all from one template with the standard levels below; the engine offers the one against the
cause that leads. A second one comes only when the problem was "there too" and another cause leads by then.

"There too" speaks against the cause compared, and hardly sets the suspicion before any third one, since
what is at work everywhere shows there as well. So the answer moves belief little; what it says
of a verdict stands in a rule of its own (`inquiry.contradicted`): no verdict for a listed cause while the
test came out for the suspicion.
"""

from agents.diagnosis.playbook import OWN_QUESTION, Answer, Level, Playbook, Question

THERE, NOT_THERE = "there_too", "not_there"
LEVELS: dict[str, tuple[Level, Level, Level]] = {
    THERE: (Level.TYPICAL, Level.NEUTRAL, Level.LIKELY),
    NOT_THERE: (Level.UNLIKELY, Level.LIKELY, Level.NEUTRAL),
}
"""Per answer the level of the suspicion, that of the cause it is set against, and that of any other cause."""
THEME = "own_suspicion"


def questions(playbook: Playbook, suspected: str = "your own suspicion") -> tuple[Question, ...]:
    """One question for each cause of the playbook, in its order; ids do not depend on the wording."""
    return tuple(_question(playbook, number, suspected) for number in range(len(playbook.causes)))


def _question(playbook: Playbook, number: int, suspected: str) -> Question:
    cause = playbook.causes[number]
    return Question(
        id=f"{OWN_QUESTION}{number + 1}",
        text=f"Look where this was so: “{suspected}”, and where this was not: “{cause.label}”. "
        "Is the problem there too?",
        theme=THEME,
        effort="look_up",
        answers=(
            Answer(id=THERE, text="Yes, it is there too", levels=_levels(playbook, number, THERE)),
            Answer(id=NOT_THERE, text="No, it is not there", levels=_levels(playbook, number, NOT_THERE)),
        ),
    )


def _levels(playbook: Playbook, number: int, answer: str) -> dict[str, Level]:
    _, compared, other = LEVELS[answer]
    return {cause.id: compared if n == number else other for n, cause in enumerate(playbook.causes)}
