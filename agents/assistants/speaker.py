"""Asks the model of a run on behalf of one agent; every text streams into the run's events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from agents.assistants.memory import own_words
from agents.assistants.stream import EventSink
from agents.prompts.prompt import FilledPrompt, Message, load_prompt
from agents.running import current
from storage.runs import Run

if TYPE_CHECKING:
    from agents.llm.call import CallContext
    from agents.llm.client import LlmClient
    from agents.llm.providers import Role

M = TypeVar("M", bound=BaseModel)
PROMPTS = Path(__file__).parents[1] / "prompts"
DEADLINE_S = 180.0


class Speaker:
    """One agent's access to the model."""

    def __init__(
        self,
        client: "LlmClient",
        run: Run,
        agent_id: str,
        history: Sequence[Message],
        sink: Callable[[], EventSink],
    ) -> None:
        self._client = client
        self._run = run
        self._agent_id = agent_id
        self._history = tuple(history)
        self._sink = sink
        self.model: str | None = None
        """`provider/model` that answered last."""

    def ask(
        self,
        result_type: type[M],
        prompt: str,
        values: Mapping[str, str],
        call: str | None = None,
        role: "Role" = "writing",
    ) -> M:
        """A checked result; raises as the client does. `call` names a further call in the same answer."""
        return self._ask(result_type, self._filled(prompt, values), call or prompt, role)

    def decide(
        self, result_type: type[M], prompt: str, values: Mapping[str, str], role: "Role" = "writing"
    ) -> M:
        """A checked result that something is done upon: of earlier turns only the person's words go along.

        Answers stay out, for they may quote a document or a page; `said` in the prompt holds the words.
        """
        filled = load_prompt(PROMPTS / f"{prompt}.md").fill({**values, "said": own_words(self._history)})
        return self._ask(result_type, filled, prompt, role)

    def write(self, prompt: str, values: Mapping[str, str], preface: str = "") -> str:
        """A text, shown while it comes; `preface` is trusted and goes before the prompt's own rules."""
        filled = self._filled(prompt, values, preface)
        sink = self._sink()
        reply = self._client.write(
            filled, "writing", self._context(prompt), sink, current.cancel_event(), DEADLINE_S
        )
        sink.flush()
        self.model = f"{reply.provider_name}/{reply.model}"
        return reply.value.strip()

    def _ask(self, result_type: type[M], filled: FilledPrompt, call: str, role: "Role") -> M:
        reply = self._client.ask(
            result_type, filled, role, self._context(call), current.cancel_event(), DEADLINE_S
        )
        self.model = f"{reply.provider_name}/{reply.model}"
        return reply.value

    def _filled(self, prompt: str, values: Mapping[str, str], preface: str = "") -> FilledPrompt:
        filled = load_prompt(PROMPTS / f"{prompt}.md").fill(values)
        system, *rest = filled.messages
        if preface:
            system = {**system, "content": f"{preface}\n\n{system['content']}"}
        return replace(filled, messages=(system, *self._history, *rest))

    def _context(self, call: str) -> "CallContext":
        from agents.llm.call import CallContext  # the client's libraries load when a model is first used

        return CallContext(
            node=self._agent_id,
            call=call,
            user_id=self._run.user_id,
            project_id=self._run.project_id,
            environment=self._run.environment,
            agent_name=self._agent_id,
            run_id=self._run.run_id,
            step_id=current.step_id(),
        )
