"""What the steps of every graph are called before people; the graphs' own names stay in the records."""

from collections.abc import Mapping

DIAGNOSIS: Mapping[str, str] = {
    "frame": "Reading the problem",
    "draft": "Having a model draft causes and questions",
    "wait": "Taking up what a person said",
    "word": "Having a model word the questions",
    "propose": "Choosing the next question",
    "conclude": "Making the diagnosis",
    "structure": "Drawing the why-tree",
    "summarise": "Having a model write the summary",
}
ASK: Mapping[str, str] = {
    "route": "Looking for the agent that takes it",
    "wait": "Taking up which agent a person chose",
    "answer": "Answering the request",
}
OF_KIND: Mapping[str, Mapping[str, str]] = {"diagnosis": DIAGNOSIS, "ask": ASK}
NO_NODE: Mapping[str, str] = {"start": "Beginning", "unknown": "A step that is no longer known"}
"""What stands where a run has come to no step yet, and where nobody can say which one it was."""


def step_name(kind: str, name: str) -> str:
    """What a step of a kind of runs is called; one that no graph has any more by its own name."""
    return OF_KIND.get(kind, {}).get(name) or NO_NODE.get(name) or name.replace("_", " ")


def step_names(kind: str, names: str) -> str:
    """The same for the steps of a failure, which are one or several with commas between."""
    return ", ".join(step_name(kind, name) for name in names.split(", "))


def within(name: str) -> str:
    """A step's name inside a sentence."""
    return name[:1].lower() + name[1:]
