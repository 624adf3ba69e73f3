"""Memory of this process, read where Linux tells it."""

import contextlib
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Memory:
    """Megabytes that the process holds, at most, and at most during a block."""

    def __init__(self) -> None:
        self.peak = 0.0

    def now(self) -> float:
        """Held at the moment."""
        return _read("VmRSS")

    def start(self) -> float:
        """Begin to watch; returns what is held."""
        self.peak = max(self.peak, _read("VmHWM"))
        with contextlib.suppress(OSError):  # without the right to, the highest of all time stands
            CLEAR.write_text("5")
        return self.now()

    def highest(self) -> float:
        """The most that was held since `start`."""
        found = _read("VmHWM")
        self.peak = max(self.peak, found)
        return found


def _read(name: str) -> float:
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"{STATUS} does not tell {name}")
