"""What a model remembers of a conversation: the newest turns that fit into a budget of tokens."""

from collections.abc import Sequence

from agents.prompts.prompt import Message as PromptMessage
from storage.messages import Message

BUDGET_TOKENS = 4_000
"""Tokens of earlier turns that go along, roughly."""
BYTES_PER_TOKEN = 4
LONGEST_BYTES = 6_000
"""Of one message at most so much is remembered."""
CUT = " … (cut)"


def remembered(said: Sequence[Message], budget: int = BUDGET_TOKENS) -> tuple[PromptMessage, ...]:
    """The newest whole turns (question and answer) within the budget, oldest first."""
    kept: list[PromptMessage] = []
    left = budget
    for asked, answered in reversed(list(zip(said[::2], said[1::2], strict=True))):
        pair = [_short(asked.text), _short(answered.text)]
        left -= sum(tokens(text) for text in pair)
        if left < 0:
            break
        kept[:0] = [{"role": "user", "content": pair[0]}, {"role": "assistant", "content": pair[1]}]
    return tuple(kept)


def own_words(history: Sequence[PromptMessage]) -> str:
    """What the person said in earlier turns, oldest first; what was answered may quote a document."""
    said = [message["content"] for message in history if message["role"] == "user"]
    return "\n\n".join(said) or "Nothing."


def tokens(text: str) -> int:
    """Roughly how many tokens a text has."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def _short(text: str) -> str:
    data = text.encode()
    return text if len(data) <= LONGEST_BYTES else data[:LONGEST_BYTES].decode(errors="ignore") + CUT
