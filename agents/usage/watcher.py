"""Watches usage while Whytree runs: looks at the rules each minute, and hands alerts to the webhook.

One thread does both, so that a slow webhook holds up nothing but the next look, and that for seconds.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from pydantic import SecretStr

from agents.usage import alerts, webhook
from storage.clock import now
from storage.db import Store
from storage.errors import StoreError
from storage.usage import deliveries
from storage.usage.alerts import Alert
from storage.usage.deliveries import Pending

EVERY_S = 60.0
PAUSES = (0, 1, 5, 15, 60, 180, 360)
"""Minutes between the attempts to hand an alert over; after as many it is given up."""
FORGOTTEN = timedelta(days=2)
"""An alert that has not arrived by then is old news."""

log = structlog.get_logger()


class Watcher:
    """Looks and tells until it is closed."""

    def __init__(
        self,
        store: Store,
        address: SecretStr | None,
        every_s: float = EVERY_S,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._address = address
        self._every_s = every_s
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="usage-watcher", daemon=True)

    def start(self) -> None:
        """Begin; the first look is at once."""
        self._thread.start()

    def close(self) -> None:
        """End; an attempt that is under way is broken off."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self, at: datetime) -> list[Alert]:
        """Check every rule as of a moment (UTC), and hand over what is due; returns what fired now."""
        fired = alerts.check(self._store, at)
        if self._address is not None:
            for one in deliveries.pending(self._store, at - FORGOTTEN, len(PAUSES)):
                if _is_due(one, at) and not self._stop.is_set():
                    self._send(self._address, one, at)
        return fired

    def _send(self, address: SecretStr, one: Pending, at: datetime) -> None:
        problem = webhook.send(address, one.alert, self._stop)
        if problem is not None and self._stop.is_set():
            return  # broken off by our own end: the next start tries again
        attempt = one.attempts + 1
        deliveries.note(self._store, one.alert.alert_id, attempt, problem, at)
        if problem is not None:
            log.warning("an alert did not arrive", alert=one.alert.alert_id, attempt=attempt, reason=problem)

    def _watch(self) -> None:
        while True:
            try:
                self.look(self._clock())
            except StoreError as error:  # the next look tries again, and pages tell a broken store
                log.error("usage was not watched", reason=str(error))
            if self._stop.wait(self._every_s):
                return


def _is_due(one: Pending, at: datetime) -> bool:
    return one.last_at is None or at >= one.last_at + timedelta(minutes=PAUSES[one.attempts])
