"""The errors a caller of a model may see; their texts are whole sentences for a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.errors import ModelFailed, Refused, WhytreeError
from agents.llm.faults import Kind

KEPT = "Nothing was made up, and everything before this step is kept."
ADVICE = {
    Kind.AUTH: "Check the key in Settings.",
    Kind.NO_CREDIT: "Add credit at the provider, or choose another one in Settings.",
    Kind.UNREACHABLE: "Check the address in Settings and that the server is running.",
    Kind.MODEL_NOT_FOUND: "Check the model's name in Settings.",
    Kind.RATE_LIMITED: "Wait a minute, then try again.",
    Kind.REFUSAL: "Word the request differently, or go on without a model.",
    Kind.CONTENT_FILTER: "Word the request differently, or go on without a model.",
    Kind.TRUNCATED: "Ask for less at once, or choose another model in Settings.",
}
OTHER_ADVICE = "Try again in a while, or choose another model in Settings."


@dataclass(frozen=True)
class Failure:
    """Why one provider was of no use in a call."""

    provider_name: str
    model: str
    clause: str
    """Completes the sentence that starts with the provider's name."""
    kind: Kind | None
    """None when nothing was sent: the breaker, a limit or a budget stood in the way."""

    def sentence(self) -> str:
        """The failure as a sentence."""
        return f"{self.provider_name} ({self.model}) {self.clause}."


class AllFailed(ModelFailed):
    """No provider gave a usable reply; `failures` says why, provider by provider."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        told = list(dict.fromkeys(failure.sentence() for failure in failures))
        kinds = [failure.kind for failure in failures]
        advice = next((ADVICE[kind] for kind in kinds if kind in ADVICE), OTHER_ADVICE)
        super().__init__(f"No model gave a usable reply. {' '.join(told)} {KEPT} {advice}")
        self.failures = tuple(failures)


class NoProvider(Refused):
    """No provider is set up for this kind of task."""


class BudgetExceeded(Refused):
    """A call would pass a budget, so it was not made."""


class CallCancelled(WhytreeError):
    """The call was cancelled; what had been sent is on record."""

    def __init__(self) -> None:
        super().__init__("The call to the model was cancelled. Everything before this step is kept.")
