"""What an agent is given: the request, what came before, what is attached, and a model where there is one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.assistants.answers import Answer
from agents.data.attachment import Attachment
from agents.data.request import AnalysisRequest
from agents.prompts.prompt import Message
from agents.running.control import MustWait
from storage.runs import Run

if TYPE_CHECKING:
    from agents.assistants.notebook import Notebook
    from agents.assistants.speaker import Speaker
    from agents.assistants.web import WebSearch


class NeedsSomething(MustWait):
    """An agent cannot work until a person has connected or attached what the text says; the run waits."""


@dataclass(frozen=True)
class Task:
    """One request for one agent."""

    run: Run
    text: str
    """What the person wrote."""
    history: tuple[Message, ...]
    """Earlier turns, oldest first, within the budget; this request is not among them."""
    attachments: tuple[Attachment, ...]
    """Files of this turn, or the latest ones of the conversation."""
    analysis: AnalysisRequest | None
    """What to analyse, where the person chose it from an offer."""
    opens: "Callable[[], Speaker | None]"
    """Opens the model, when an agent first asks for it: who needs none waits for no key."""
    web: "WebSearch | None"
    """None when searching the web is switched off."""
    notebook: "Notebook"
    note: Callable[[str, dict[str, object]], None]
    """Adds an event to the run, such as a tool that was called."""

    @cached_property
    def model(self) -> "Speaker | None":
        """None when no model is connected; raises NeedsKey when a key that was pasted is gone."""
        return self.opens()

    @property
    def answered_by(self) -> str | None:
        """`provider/model` that answered; None where none was asked."""
        opened: Speaker | None = vars(self).get("model")
        return opened.model if opened else None

    def speaker(self, needs: str) -> "Speaker":
        """The model; raises NeedsSomething with this sentence when there is none."""
        if self.model is None:
            raise NeedsSomething(needs)
        return self.model


@dataclass(frozen=True)
class Agent:
    """One agent, as the router and the page know it."""

    id: str
    """The router's label."""
    label: str
    does: str
    """What it does, in a sentence that a person reads."""
    without_model: str
    """What it can do without a model, or what it needs: a whole sentence."""
    examples: Sequence[str]
    handle: Callable[[Task], Answer]
    cites: bool = False
    """Whether its text cites sources while it streams; such citations are checked when it is whole."""
    keeps_notes: bool = False
    """Whether it has a notebook that the page shows."""
