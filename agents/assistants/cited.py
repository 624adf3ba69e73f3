"""What the parts of one answer cite, checked against the same sources."""

from collections.abc import Sequence

from agents.documents.citations import MARK, Source, check_citations


class Cited:
    """Checks texts and numbers one after another; false citations are taken out and counted."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self._known = {source.number for source in sources}
        self._numbers: set[int] = set()
        self.removed = 0
        """Citations taken out because no source has their number."""

    def text(self, said: str) -> str:
        """The text with the citations that exist, each as [1]."""
        checked = check_citations(said, self._sources)
        self.removed += len(checked.removed)
        self._numbers |= {int(mark[1]) for mark in MARK.finditer(checked.text) if mark[1].isdigit()}
        return checked.text

    def number(self, said: int | None) -> int | None:
        """The number where a source has it, else none."""
        if said is None:
            return None
        if said not in self._known:
            self.removed += 1
            return None
        self._numbers.add(said)
        return said

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that were cited so far."""
        return tuple(source for source in self._sources if source.number in self._numbers)
