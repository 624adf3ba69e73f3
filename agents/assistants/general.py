"""General talk, with an agent that knows what the workbench can do."""

from agents.assistants.answers import TextAnswer
from agents.assistants.task import Agent, Task

NEEDS = (
    "Free conversation needs a model: connect one in Settings, then try again. Without one, Whytree "
    "diagnoses business problems, analyses attached tables, quotes attached documents and offers SQL."
)


def handle(task: Task) -> TextAnswer:
    """Talk."""
    from agents.assistants.registry import AGENTS  # which holds this agent too

    abilities = "\n".join(f"{agent.label}: {agent.does}" for agent in AGENTS.values())
    speaker = task.speaker(NEEDS)
    return TextAnswer(text=speaker.write("general", {"abilities": abilities, "request": task.text}))


AGENT = Agent(
    id="general",
    label="General",
    does="Talks about anything else, and tells what this workbench can do.",
    without_model="Needs a model.",
    examples=("Hello, what can you do?", "Which agent is right for a market report?"),
    handle=handle,
)
