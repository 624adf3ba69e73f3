"""The bars of belief, and what the last answer did to them in a sentence."""

from collections.abc import Sequence

from agents.diagnosis import inquiry
from agents.diagnosis.case import Inquiry
from agents.diagnosis.playbook import Data


class CauseBelief(Data):
    """One bar."""

    cause_id: str
    label: str
    claim: str
    belief: float
    percent: int
    """Whole percent of belief."""
    shift: int
    """Change of the percent by the last answer; none before the first."""
    stated: bool
    """The client blamed this cause."""


def bars_of(work: Inquiry) -> tuple[CauseBelief, ...]:
    """A bar for each cause, the most believed first."""
    now, before = (list(map(inquiry.percent, p)) for p in (work.belief, work.before))
    claims = {cause.id: cause.claim for cause in work.playbook.causes}
    bars = [
        CauseBelief(
            cause_id=cause_id,
            label=work.label(cause_id),
            claim=claims.get(cause_id, work.label(cause_id)),
            belief=float(work.belief[i]),
            percent=now[i],
            shift=now[i] - before[i] if work.case.last_change else 0,
            stated=cause_id == work.confirmed.stated_id,
        )
        for i, cause_id in enumerate(work.table.causes)
    ]
    return tuple(sorted(bars, key=lambda bar: -bar.belief))


def moved(work: Inquiry, bars: Sequence[CauseBelief]) -> str | None:
    """What the last change did, in a sentence; None before the first."""
    change = work.case.last_change
    if change is None:
        return None
    question_id, answer_id = change
    if answer_id == inquiry.DONT_KNOW:
        return "“Don't know” moves nothing and is remembered."
    what = "Taking the answer back" if answer_id is None else f"“{work.answer_text(question_id, answer_id)}”"
    up, down = max(bars, key=lambda bar: bar.shift), min(bars, key=lambda bar: bar.shift)
    parts = [
        f"{verb} “{bar.label}” from {bar.percent - bar.shift} % to {bar.percent} %"
        for verb, bar in (("raised", up), ("lowered", down))
        if bar.shift
    ]
    return f"{what} {' and '.join(parts)}." if parts else f"{what} moved no cause by a whole percent."
