"""Time as the client uses it, in one object so that a test can replace it."""

import threading
import time
from datetime import datetime

from storage.clock import now


class Clock:
    """The system's clocks."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time in UTC, without a zone."""
        return now()

    def wait(self, cancel: threading.Event, seconds: float) -> bool:
        """Wait, and tell whether the wait was cancelled."""
        return cancel.wait(seconds)
