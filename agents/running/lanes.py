"""Work for many runs at once, for each run one piece after the other."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

Work = Callable[[], None]


class Lanes:
    """A lane per run with work, gone when its work is done; no thread waits for another."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="run")
        self._lanes: dict[str, deque[tuple[Future[None], Work]]] = {}
        self._guard = threading.Lock()
        self._closed = False

    def __len__(self) -> int:
        """How many runs have work."""
        with self._guard:
            return len(self._lanes)

    def submit(self, run_id: str, work: Work) -> "Future[None]":
        """Do work after what the run has already; a future that is cancelled was closed before its turn."""
        done: Future[None] = Future()
        with self._guard:
            if self._closed:
                done.cancel()
                return done
            if (lane := self._lanes.get(run_id)) is not None:
                lane.append((done, work))
                return done
            self._lanes[run_id] = deque([(done, work)])
            self._pool.submit(self._empty, run_id)
        return done

    def refuse(self) -> None:
        """Start nothing more; what has not begun is cancelled."""
        with self._guard:
            self._closed = True
            waiting = [done for lane in self._lanes.values() for done, _ in lane]
        for done in waiting:
            done.cancel()

    def close(self, wait: bool) -> None:
        """Start nothing more, and wait for what is at work."""
        self.refuse()
        self._pool.shutdown(wait=wait)

    def _empty(self, run_id: str) -> None:
        while True:
            with self._guard:
                lane = self._lanes[run_id]
                if not lane:
                    del self._lanes[run_id]
                    return
                done, work = lane.popleft()
            if done.set_running_or_notify_cancel():
                _do(done, work)


def _do(done: "Future[None]", work: Work) -> None:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits
        done.set_exception(error)
    else:
        done.set_result(None)
