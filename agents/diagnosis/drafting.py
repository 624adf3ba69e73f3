"""From a model's draft to a playbook: the same schema and checks as for ours, or a refusal with reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from agents.diagnosis import inquiry
from agents.diagnosis.draft import (
    EFFORT_DAYS,
    SEVERITY,
    WORSE_IN_DAYS,
    Draft,
    DraftCause,
    DraftGroup,
    Fits,
    Levels,
)
from agents.diagnosis.playbook import (
    Analysis,
    Answer,
    Branch,
    Cause,
    CostOfDelay,
    Level,
    Playbook,
    Question,
    Recognition,
)
from agents.errors import Refused

ORDER = tuple(Level)
"""From rules out to typical; two looks at a cell are compared by their distance here."""
NEUTRAL = ORDER.index(Level.NEUTRAL)
DRAFT_PREFIX = "draft_"
UNSTABLE = 0.4
"""Share of cells that may differ between the two looks before the draft is refused."""
CellLevels = Mapping[tuple[int, int, str], Level]
"""Level per question, answer (from 0) and cause key."""


class DraftRefused(Refused):
    """The model's draft does not pass the checks; `reasons` says why."""

    def __init__(self, reasons: Sequence[str]) -> None:
        told = "; ".join(reasons)
        super().__init__(
            f"The model's draft cannot be used: {told}. Nothing was asked yet: choose a kind of problem that "
            f"is listed, or describe the problem in other words and try again."
        )
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Drafted:
    """A playbook that a model worded and the checks let through."""

    playbook: Playbook
    widened: int
    """Cells set to neutral, since the two looks at them differed."""
    cells: int
    """Cells in all."""


def first_look(draft: Draft, complaint_id: str) -> Playbook:
    """The playbook of a draft as it is, its id made of `complaint_id`; raises DraftRefused with reasons."""
    return _playbook(draft, _levels(draft), complaint_id)


def second_look(draft: Draft, again: Levels, complaint_id: str) -> Drafted:
    """The playbook of a draft whose levels were given twice; raises DraftRefused with every reason."""
    first, second = _levels(draft), _second_levels(draft, again)
    agreed = {cell: _agreed(level, second.get(cell, Level.NEUTRAL)) for cell, level in first.items()}
    widened = sum(agreed[cell] is Level.NEUTRAL is not first[cell] for cell in first)
    playbook = _playbook(draft, agreed, complaint_id)
    if reasons := [*_unstable(widened, len(first)), *_inseparable(playbook)]:
        raise DraftRefused(reasons)
    return Drafted(playbook, widened, len(first))


def _levels(draft: Draft) -> CellLevels:
    keys = [cause.key for cause in draft.causes]
    return {
        (q, a, key): level
        for q, question in enumerate(draft.questions)
        for a, answer in enumerate(question.answers)
        for key, level in _fits(answer, keys).items()
    }


def _second_levels(draft: Draft, again: Levels) -> CellLevels:
    keys = [cause.key for cause in draft.causes]
    return {
        (look.question - 1, a, key): level
        for look in again.questions
        for a, answer in enumerate(look.answers)
        for key, level in _fits(answer, keys).items()
    }


def _fits(answer: Fits, keys: Sequence[str]) -> dict[str, Level]:
    """Level per cause key; a key in two lists says two things and counts as neutral."""
    said: dict[str, list[Level]] = {key: [] for key in keys}
    for level in (Level.TYPICAL, Level.LIKELY, Level.UNLIKELY, Level.RULES_OUT):
        for key in getattr(answer, level.value):
            if key in said:
                said[key].append(level)
    return {key: levels[0] if len(levels) == 1 else Level.NEUTRAL for key, levels in said.items()}


def _agreed(first: Level, second: Level) -> Level:
    """The milder of two looks on the same side of neutral; neutral when they disagree on the side."""
    one, two = ORDER.index(first) - NEUTRAL, ORDER.index(second) - NEUTRAL
    if one * two <= 0:
        return Level.NEUTRAL
    return ORDER[NEUTRAL + min(one, two, key=abs)]


def _unstable(widened: int, cells: int) -> Iterator[str]:
    if widened > UNSTABLE * cells:
        yield f"{widened} of {cells} levels changed when they were asked for again"


def _inseparable(playbook: Playbook) -> list[str]:
    pairs = inquiry.inseparable(inquiry.table(playbook))
    label = {cause.id: cause.label for cause in playbook.causes}
    return [f"no question tells “{label[a]}” and “{label[b]}” apart" for a, b in pairs]


def _playbook(draft: Draft, levels: CellLevels, complaint_id: str) -> Playbook:
    ids = {cause.key: f"cause_{cause.key}" for cause in draft.causes}
    try:
        return Playbook(
            id=f"{DRAFT_PREFIX}{complaint_id}",
            title=draft.title,
            about="Drafted by a model for this problem, and checked.",
            question=draft.question,
            recognise=Recognition(terms={draft.title.casefold(): 1.0}, sounds_like=draft.title),
            causes=tuple(_cause(cause, ids[cause.key]) for cause in draft.causes),
            tree=_tree(draft, ids),
            questions=tuple(_question(draft, q, levels, ids) for q in range(len(draft.questions))),
        )
    except ValidationError as error:
        raise DraftRefused([_fault(fault["loc"], fault["msg"]) for fault in error.errors()]) from error


def _cause(cause: DraftCause, cause_id: str) -> Cause:
    return Cause(
        id=cause_id,
        label=cause.label,
        claim=cause.claim,
        prior=1.0,
        prior_note="Drafted by a model: all causes start alike.",
        severity=SEVERITY[cause.severity],
        cost_of_delay=CostOfDelay(worse_in_days=WORSE_IN_DAYS[cause.worse_within], why=cause.why_worse),
        analysis=Analysis(
            do=cause.analysis,
            effort_days=EFFORT_DAYS[cause.effort],
            data_source=cause.data_source,
            owner=cause.owner,
            disproof=cause.disproof,
        ),
    )


def _tree(draft: Draft, ids: Mapping[str, str]) -> Branch:
    labels = {cause.key: cause.label for cause in draft.causes}
    children = tuple(_branch(group, ids, labels) for group in draft.groups)
    return Branch(text=draft.question, split=draft.split, dimension=draft.dimension, children=children)


def _branch(group: DraftGroup, ids: Mapping[str, str], labels: Mapping[str, str]) -> Branch:
    leaves = tuple(
        Branch(text=labels.get(key, key), cause=ids.get(key, f"cause_{key}")) for key in group.causes
    )
    if len(leaves) == 1:
        return leaves[0]
    return Branch(text=group.text, split="free", dimension="mechanism", children=leaves)


def _question(draft: Draft, q: int, levels: CellLevels, ids: Mapping[str, str]) -> Question:
    question = draft.questions[q]
    answers = []
    for a, answer in enumerate(question.answers):
        cells = {ids[key]: levels[q, a, key] for key in ids}
        said = {cause: level for cause, level in cells.items() if level is not Level.NEUTRAL}
        answers.append(Answer(id=f"answer_{a + 1}", text=answer.text, levels=said))
    theme = "".join(c if c.isascii() and c.isalnum() else "_" for c in question.theme.casefold())
    return Question(id=f"q{q + 1}", text=question.text, theme=f"t_{theme}", answers=tuple(answers))


def _fault(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(map(str, place))
    reason = message.removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason
