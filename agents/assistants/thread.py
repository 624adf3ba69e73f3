"""The live thread of a conversation: from its newest turn back along the turns that each one follows."""

from collections.abc import Sequence

from storage.messages import Message


class Thread:
    """The turns up to one of them, or up to the newest; turns that were replaced are not in it."""

    def __init__(self, said: Sequence[Message], last_run_id: str | None = None) -> None:
        self._asked = {message.run_id: message for message in said if message.role == "user"}
        self._answered = {message.run_id: message for message in said if message.role == "assistant"}
        if last_run_id is None and self._asked:
            last_run_id = max(self._asked.values(), key=lambda message: message.created_at).run_id
        self.run_ids: tuple[str, ...] = tuple(reversed(self._chain(last_run_id)))
        """Oldest first."""

    def before(self) -> list[Message]:
        """What was said before the last turn, in order; turns without an answer are left out."""
        pairs = [
            (self._asked[run_id], self._answered[run_id])
            for run_id in self.run_ids[:-1]
            if run_id in self._answered
        ]
        return [message for pair in pairs for message in pair]

    def follows(self, run_id: str) -> str | None:
        """The turn that a turn follows."""
        message = self._asked.get(run_id)
        return message.after_run_id if message else None

    def versions(self, run_id: str) -> tuple[str, ...]:
        """All turns at the place of this one, oldest first: it, what it replaced, what replaced it."""
        place = self.follows(run_id)
        return tuple(other for other, message in self._asked.items() if message.after_run_id == place)

    def _chain(self, run_id: str | None) -> list[str]:
        chain: list[str] = []
        while run_id is not None and run_id in self._asked and run_id not in chain:
            chain.append(run_id)
            run_id = self._asked[run_id].after_run_id
        return chain
