"""What an event of a run was, in plain words; the store's own names stay in its data."""

from collections.abc import Mapping

from agents.running.records import Event

ANY: Mapping[str, str] = {
    "queued": "Put into the queue",
    "running": "Work began",
    "waiting": "Work paused: it is a person's turn",
    "completed": "Finished",
    "failed": "A step failed",
    "cancelled": "Cancelled",
    "retried": "Tried again after a failure",
    "recovered": "Went on after the server had stopped",
    "held": "Paused: something is missing to go on",
    "supplied": "A key for the model was given",
    "keyed": "A key for the model was noted",
    "model_dispensed": "Went on without a model",
    "stopped": "Stopped by a person",
}
DIAGNOSIS: Mapping[str, str] = {
    "complained": "The problem was described",
    "framed": "The problem was read: kind and facts",
    "confirmed": "What was read was confirmed",
    "asked": "A question was chosen",
    "answered": "An answer was given or changed",
    "withdrawn": "An answer was taken back",
    "guessed": "A trainee chose the question",
    "believed": "Belief was counted anew",
    "conclusion_wanted": "A person wanted to conclude",
    "extended": "More questions were wanted",
    "concluded": "The diagnosis was made",
    "drawn": "The why-tree was drawn",
    "draft_wanted": "A model was asked to draft causes and questions",
    "drafted": "The model's draft was made",
    "worded": "The model worded the questions",
    "summarised": "The model wrote the summary",
    "model_failed": "The model failed; the built-in analyst went on",
}
ASK: Mapping[str, str] = {
    "asked": "The request was sent",
    "routed": "The router looked for the agent",
    "chosen": "A person chose the agent",
    "corrected": "A person gave it to another agent",
    "called": "The agent used a tool",
    "searched": "The web was searched",
    "piece": "A part of the answer arrived",
    "restarted": "The answer was begun anew",
    "answered": "The answer was complete",
}
TREE: Mapping[str, str] = {
    "edited": "The tree was made or changed",
    "moved": "A change was undone or done again",
}
OF_KIND = {"diagnosis": DIAGNOSIS, "ask": ASK, "tree": TREE}


def words(event: Event, run_kind: str) -> str:
    """What happened; a name that no list knows is shown as it is."""
    known = OF_KIND.get(run_kind, {}).get(event.kind) or ANY.get(event.kind)
    return known or event.kind.replace("_", " ")
