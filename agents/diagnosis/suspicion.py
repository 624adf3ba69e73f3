"""The question that tests a suspicion of the client's own, which no playbook has questions for.

It sets the suspicion against a cause of the list by the plainest test of a cause there is (Mill's method of
difference): look where the one was at work and the other was not. There is one such question for each
listed cause, all from one template with the standard levels below; the engine offers the one against the
cause that leads, and one of them is asked at most, since a second would ask much the same again.
"""

from agents.diagnosis.playbook import OWN_QUESTION, Answer, Level, Playbook, Question

THERE, NOT_THERE = "there_too", "not_there"
LEVELS: dict[str, tuple[Level, Level]] = {
    THERE: (Level.TYPICAL, Level.UNLIKELY),
    NOT_THERE: (Level.UNLIKELY, Level.TYPICAL),
}
"""Per answer the level of the suspicion and that of the cause it is set against; all others are neutral."""
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
            Answer(id=THERE, text="Yes, it is there too", levels={cause.id: LEVELS[THERE][1]}),
            Answer(id=NOT_THERE, text="No, it is not there", levels={cause.id: LEVELS[NOT_THERE][1]}),
        ),
    )
