"""A reply put together from a stream's chunks, none of which is trusted."""

from typing import Any

from agents.llm.faults import Fault, Kind
from agents.llm.keys import Keys
from agents.llm.reply import RawReply, content_text, error_fault, first_choice
from agents.llm.text_gate import LONGEST, checked_text
from agents.llm.usage import Usage, reported
from agents.llm.words import SURROGATE, label


class Assembly:
    """Feed it chunks; what `take` returns may be shown at once."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._parts: list[str] = []
        self._size = 0
        self._held = ""
        self._usage: Usage | None = None
        self._labels: dict[str, str] = {}
        self._refused = False
        self.reply: RawReply | None = None
        """Set when the stream is complete."""

    @property
    def text(self) -> str:
        """What has come so far and may be shown."""
        return "".join(self._parts)

    @property
    def is_whole(self) -> bool:
        """Whether the model has said that its text is at its end."""
        return "finish_reason" in self._labels

    def take(self, chunk: object) -> str:
        """New text out of a chunk, possibly empty; raises Fault when the chunk is none."""
        if not isinstance(chunk, dict):
            raise Fault(Kind.NOT_A_REPLY, http_status=200)
        if chunk.get("error"):
            raise error_fault(None, chunk["error"])
        self._note(chunk, ("model", "id", "service_tier"))
        self._usage = reported(chunk.get("usage")) or self._usage
        choice = first_choice(chunk)
        if choice is None:
            return ""
        self._note(choice, ("finish_reason",))
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return ""
        self._refused = self._refused or bool(delta.get("refusal"))
        return self._pass_on(self._held + content_text(delta.get("content")))

    def finish(self) -> str:
        """The last text, which was held back; raises Fault when the stream broke off."""
        if not self.is_whole:
            raise Fault(Kind.CUT, http_status=200)
        held, self._held = checked_text(self._held), ""
        self._parts.append(held)
        self.reply = RawReply(
            text=self.text,
            finish_reason=self._labels.get("finish_reason"),
            usage=self._usage,
            response_model=self._labels.get("model"),
            response_id=self._labels.get("id"),
            service_tier=self._labels.get("service_tier"),
            refusal=self._refused,
        )
        return held

    def take_whole(self, reply: RawReply) -> str:
        """Text of a reply that came in one piece although a stream was asked for."""
        text = self._pass_on(reply.text)
        self._labels["finish_reason"] = reply.finish_reason or "stop"
        text += self.finish()
        self.reply = reply
        return text

    def _note(self, source: dict[str, Any], names: tuple[str, ...]) -> None:
        self._labels.update({name: found for name in names if (found := label(source.get(name)))})

    def _pass_on(self, text: str) -> str:
        """Check the text and hold back an end that only the next chunk can tell about."""
        text = _joined(text)
        if self._keys.stand_in(text):
            raise Fault(Kind.KEY_IN_REPLY, http_status=200)
        open_end = self._keys.begun_at_end(text)
        if text and "\ud800" <= text[-1] <= "\udbff":
            open_end = max(open_end, 1)
        shown, self._held = text[: len(text) - open_end], text[len(text) - open_end :]
        self._size += len(shown)
        if self._size > LONGEST:
            raise Fault(Kind.TOO_LARGE)
        self._parts.append(checked_text(shown))
        return shown


def _joined(text: str) -> str:
    """The text with characters put together whose halves came in two chunks."""
    if not SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
