"""What is taken up as a diagnosis: a complaint, and the row that its run begins with."""

from agents.diagnosis.framing import Framing
from agents.diagnosis.text import short_title
from agents.errors import Refused
from agents.who import Who, name_of
from storage.clock import new_id, now
from storage.runs import Environment, Run

TITLE_CHARACTERS = 80


class NotAComplaint(Refused):
    """The text is answered for what it is, not diagnosed; `framing` says what it was taken for."""

    def __init__(self, found: Framing) -> None:
        super().__init__(_uncovered(found) if found.kind == "unknown" else NOT_A_COMPLAINT[found.kind])
        self.framing = found


NOT_A_COMPLAINT: dict[str, str] = {
    "greeting": "Hello. Tell me what went wrong in the business, such as “Our sales dropped 20 % this "
    "quarter, mostly in the north”, and I will ask what separates its possible causes.",
    "decision": "This asks which way to go, not why something went wrong, so there is no cause to diagnose. "
    "If a problem stands behind the decision, describe that problem. The content agent can write on the "
    "decision itself.",
}
UNCOVERED = "No playbook covers this text as it stands. "
VAGUE = "Say which figure moved, which way and since when, or choose the kind of problem yourself."
TOLD = (
    "It tells what changed, in words by which no kind of problem is known. Choose the kind that comes "
    "closest yourself, or put the causes that you think of into a problem tree."
)
"""For a text that has said what `VAGUE` asks for: the advice would lead round in a circle."""


def _uncovered(found: Framing) -> str:
    moved = "direction" not in {*found.missing, *found.left_open}
    measured = not {"size", "period"} <= set(found.missing)
    return _thin(found) + UNCOVERED + (TOLD if moved and measured else VAGUE)


def _thin(found: Framing) -> str:
    """Which words pointed to a kind of problem, and too weakly; nothing when none did."""
    terms = dict.fromkeys(term for score in found.ranking for term in score.terms)
    told = ", ".join(f"“{term}”" for term in list(terms)[:4])
    return f"Only {told} points to a kind of problem, which says too little. " if terms else ""


def new_run(text: str, who: Who, environment: Environment) -> Run:
    """The row of a new diagnosis, not yet admitted."""
    at = now()
    return Run(
        run_id=new_id(),
        kind="diagnosis",
        title=short_title(text, TITLE_CHARACTERS),
        input=text,
        status="queued",
        user_id=name_of(who.user_id, "The user"),
        project_id=name_of(who.project_id, "The project"),
        environment=environment,
        created_at=at,
        updated_at=at,
        started_at=at,
        agent_name="diagnosis",
    )
