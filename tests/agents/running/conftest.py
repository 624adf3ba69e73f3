"""A queue that looks for its runs twenty times a second."""

import pytest

from agents.running import background


@pytest.fixture(autouse=True)
def quick_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no test waits for the next look."""
    monkeypatch.setattr(background, "POLL_S", 0.05)
