"""Which runs have changed since somebody last asked; what is derived from runs follows it."""

import threading


class Touched:
    """Safe to share between threads; forgotten when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run_ids: set[str] = set()

    def add(self, run_id: str) -> None:
        """A run has changed."""
        with self._lock:
            self._run_ids.add(run_id)

    def take(self) -> set[str]:
        """The runs that changed since the last call."""
        with self._lock:
            taken, self._run_ids = self._run_ids, set()
        return taken
