"""Hands a business problem over to the Diagnose page."""

from agents.assistants.answers import HandOver
from agents.assistants.task import Agent, Task


def handle(task: Task) -> HandOver:
    """The text, for the other page."""
    return HandOver(page="diagnose", text=task.text)


AGENT = Agent(
    id="diagnose",
    label="Diagnosis",
    does="Finds the cause of a business problem on the Diagnose page, question by question.",
    without_model="Does all of it.",
    examples=("Our sales dropped 20 % this quarter", "Why do customers cancel since spring?"),
    handle=handle,
)
