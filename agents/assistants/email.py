"""E-mails, with their gaps named instead of filled in."""

from pydantic import BaseModel, ConfigDict

from agents.assistants.answers import EmailAnswer
from agents.assistants.sources import attached_text
from agents.assistants.task import Agent, Task

NEEDS = "Writing an e-mail needs a model: connect one in Settings, then try again. Your request is kept."


class Drafted(BaseModel):
    """What the model gives."""

    model_config = ConfigDict(extra="ignore")

    subject: str
    body: str
    missing: list[str]
    """What the sender must still fill in."""


def handle(task: Task) -> EmailAnswer:
    """Write."""
    speaker = task.speaker(NEEDS)
    attached, notes = attached_text(task)
    said = speaker.ask(Drafted, "email", {"request": task.text, "attached": attached})
    subject = " ".join(said.subject.split())  # a line break in it would start another header
    return EmailAnswer(subject=subject, body=said.body, missing=tuple(said.missing), notes=notes)


AGENT = Agent(
    id="email",
    label="E-mail",
    does="Writes or improves an e-mail; names what you still have to fill in.",
    without_model="Needs a model.",
    examples=("Write an email to a supplier about a late delivery", "Make this reply friendlier: ..."),
    handle=handle,
)
