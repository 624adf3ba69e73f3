"""What has changed since somebody last asked, runs and limits: what is derived from them follows it."""

import threading


class Touched:
    """Safe to share between threads; forgotten when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run_ids: set[str] = set()
        self.moves = 0
        """Grows with everything that a list of runs may show otherwise than before."""
        self.limits = 0
        """Grows when a budget, a raise or a rate is set, or goes."""
        self.deletions = 0
        """Grows when figures were deleted, so that what was spent is no longer what it was."""

    def limit(self) -> None:
        """A budget, a raise or a rate was set."""
        with self._lock:
            self.limits += 1

    def deleted(self) -> None:
        """Everything of a person or project is gone: figures, and limits for them."""
        with self._lock:
            self.deletions += 1
            self.limits += 1
            self.moves += 1

    def add(self, run_id: str, moved: bool = True) -> None:
        """A run has changed; unless `moved`, in its words alone, of which a list shows none."""
        with self._lock:
            self._run_ids.add(run_id)
            self.moves += moved

    def moved(self) -> None:
        """Runs changed in what a list shows of them, but in none of their words."""
        with self._lock:
            self.moves += 1

    def take(self) -> set[str]:
        """The runs that changed since the last call."""
        with self._lock:
            taken, self._run_ids = self._run_ids, set()
        return taken
