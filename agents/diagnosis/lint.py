"""What a playbook file's author should know beyond "it loads": sharpness, balance, separability."""

from collections.abc import Iterator
from pathlib import Path

from agents.diagnosis import inquiry
from agents.diagnosis.loading import BrokenPlaybook, load
from agents.diagnosis.playbook import Level, Playbook

LEAST_SHARE_SAID = 0.55
"""Share of cells that say something under which a playbook decides little."""


def report(file: Path) -> bool:
    """Print what is wrong with a file; False when it is refused."""
    try:
        playbook = load(file)
    except BrokenPlaybook as error:
        for refusal in error.refusals:
            print(f"error: {refusal}")
        return False
    for sentence in advice(playbook):
        print(f"advice: {file.name}: {sentence}")
    size = f"{len(playbook.causes)} causes, {len(playbook.questions)} questions"
    print(f"{file.name}: {size}, {share_said(playbook):.0%} of the cells say something")
    return True


def share_said(playbook: Playbook) -> float:
    """Share of question x answer x cause cells that are not neutral."""
    cells = sum(len(q.answers) for q in playbook.questions) * len(playbook.causes)
    return sum(level is not Level.NEUTRAL for level in _levels(playbook)) / cells


def advice(playbook: Playbook) -> Iterator[str]:
    """Sentences on what would make the playbook work better; it loads without them."""
    if not 6 <= len(playbook.causes) <= 9:
        yield f"{len(playbook.causes)} causes; six to nine sharp ones decide best"
    if not 20 <= len(playbook.questions) <= 30:
        yield f"{len(playbook.questions)} questions; twenty to thirty leave a good choice"
    said = share_said(playbook)
    if said < LEAST_SHARE_SAID:
        yield f"only {said:.0%} of the cells say something; aim at {LEAST_SHARE_SAID:.0%} or more"
    for first, second in inquiry.inseparable(inquiry.table(playbook)):
        yield f"no question tells {first} and {second} apart"
    yield from _unsupported(playbook)


def _unsupported(playbook: Playbook) -> Iterator[str]:
    for cause in playbook.causes:
        typical = sum(
            answer.levels.get(cause.id) is Level.TYPICAL for q in playbook.questions for answer in q.answers
        )
        if typical < 3:
            yield f"{cause.id} is typical of {typical} answers; three or more let it be reached"


def _levels(playbook: Playbook) -> Iterator[Level]:
    for question in playbook.questions:
        for answer in question.answers:
            yield from answer.levels.values()
