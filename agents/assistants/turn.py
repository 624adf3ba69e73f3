"""One turn as it stands: the fold from a run's events to what was asked, routed, said and answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from agents.assistants.answers import ANSWER, Answer, ToolCall
from agents.data.request import AnalysisRequest
from storage.runs import Event

ANALYSIS: TypeAdapter[AnalysisRequest] = TypeAdapter(AnalysisRequest)
Method = Literal["lexical", "model", "chosen"]


@dataclass(frozen=True)
class Ranked:
    """An agent and how likely it is meant."""

    label: str
    probability: float


@dataclass(frozen=True)
class Routing:
    """What the router found."""

    label: str | None
    """The agent that takes it; None when the person is asked."""
    confidence: float | None
    """Of the likeliest agent; None when a person chose outright."""
    reason: str
    method: Method
    choices: tuple[Ranked, ...]
    """The best three."""
    note: str = ""
    """Why the model did not route, when it was asked and failed."""


@dataclass(frozen=True)
class Turn:
    """Everything known of a turn after event number `seq`."""

    seq: int = 0
    text: str = ""
    chosen: str | None = None
    """The agent a person chose, outright or in place of the router's."""
    dry_run: bool = False
    analysis: AnalysisRequest | None = None
    """What to analyse, where the person chose it from an offer."""
    routing: Routing | None = None
    partial: str = ""
    """What has streamed in so far."""
    calls: tuple[ToolCall, ...] = ()
    answer: Answer | None = None
    model: str | None = None
    """`provider/model` that answered; None without one."""
    held: str | None = None
    """What the run waits for: a sentence."""
    unreadable: bool = False
    """An answer is on record in a form that this version cannot read."""

    @property
    def agent(self) -> str | None:
        """Who takes it; None while nobody does."""
        return self.chosen or (self.routing.label if self.routing else None)


def fold(events: Sequence[Event]) -> Turn:
    """The turn after these events; kinds that belong to other parts are passed over."""
    turn = Turn()
    pieces: list[str] = []
    for event in events:
        if event.kind == "piece":
            pieces.append(event.data.get("text", ""))
        elif event.kind == "restarted":
            pieces.clear()
        elif (step := STEPS.get(event.kind)) and event.data:
            turn = step(turn, event.data)
        elif event.status == "running":
            turn = replace(turn, held=None)
    return replace(turn, partial="".join(pieces), seq=events[-1].seq if events else 0)


def _asked(turn: Turn, data: dict[str, Any]) -> Turn:
    analysis = None if data["analysis"] is None else ANALYSIS.validate_python(data["analysis"])
    return replace(turn, text=data["text"], chosen=data["chosen"], dry_run=data["dry_run"], analysis=analysis)


def _routed(turn: Turn, data: dict[str, Any]) -> Turn:
    choices = tuple(Ranked(**choice) for choice in data["choices"])
    return replace(turn, routing=Routing(**{**data, "choices": choices}))


def _chosen(turn: Turn, data: dict[str, Any]) -> Turn:
    return replace(turn, chosen=data["label"], held=None, calls=())


def _called(turn: Turn, data: dict[str, Any]) -> Turn:
    return replace(turn, calls=(*turn.calls, ToolCall.model_validate(data)))


def _answered(turn: Turn, data: dict[str, Any]) -> Turn:
    try:
        answer = ANSWER.validate_python(data["answer"])
    except ValidationError:  # kept by another version of the program
        return replace(turn, unreadable=True)
    return replace(turn, answer=answer, model=data["model"])


def _held(turn: Turn, data: dict[str, Any]) -> Turn:
    return replace(turn, held=data["sentence"])


STEPS = {
    "asked": _asked,
    "routed": _routed,
    "chosen": _chosen,
    "called": _called,
    "answered": _answered,
    "held": _held,
}
"""What each kind of event does to a turn."""
