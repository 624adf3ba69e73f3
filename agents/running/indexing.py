"""Keeps the search's words beside the store: what changed is taken over a moment later, in the background."""

import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from storage import documents
from storage.db import Store
from storage.errors import StoreError
from storage.text_index import TextIndex

EVERY_S = 1.0
"""Seconds between two looks at what has changed."""
AT_ONCE = 500
"""Runs of one commit."""

log = structlog.get_logger()


class Indexer:
    """Follows the store from its own thread; whoever searches brings the last changes in first."""

    def __init__(self, store: Store, file: Path) -> None:
        self._store = store
        self.index = TextIndex.open(file)
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self.left: int | None = None
        """Runs whose words are still to be taken over; None until that is counted, 0 when all are there."""
        self.caught_up = threading.Event()
        """Set when what other processes left untaken is taken over."""
        self._thread = threading.Thread(target=self._follow, name="search-index", daemon=True)
        self._thread.start()

    def refresh(self) -> None:
        """Take over what changed since the last look."""
        with self._turn:
            self._take(sorted(self._store.touched.take()))

    def forget(self, run_ids: Sequence[str]) -> None:
        """Drop runs."""
        with self._turn:
            self.index.drop(run_ids)

    def close(self) -> None:
        """Stop following, and release the file."""
        self._stop.set()
        self._thread.join()
        self.index.close()

    def _follow(self) -> None:
        try:
            self._catch_up()
            self.caught_up.set()
            while not self._stop.wait(EVERY_S):
                self.refresh()
        except StoreError as error:  # a closed or broken store says so elsewhere; the next start catches up
            log.warning("search does not follow any more", reason=str(error))

    def _catch_up(self) -> None:
        """Take over what other processes, or this one before a crash, left untaken."""
        stored, known = documents.stamps(self._store), self.index.stamps()
        self.forget([run_id for run_id in known if run_id not in stored])
        behind = sorted(run_id for run_id, stamp in stored.items() if known.get(run_id) != stamp)
        self.left = len(behind)
        for start in range(0, len(behind), AT_ONCE):
            if self._stop.is_set():
                return
            with self._turn:
                self._take(behind[start : start + AT_ONCE])
            self.left = max(0, len(behind) - start - AT_ONCE)

    def _take(self, run_ids: Sequence[str]) -> None:
        if not run_ids:
            return
        found = documents.documents(self._store, run_ids)
        self.index.put(found)
        there = {document.run_id for document in found}
        self.index.drop([run_id for run_id in run_ids if run_id not in there])
