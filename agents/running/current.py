"""What a step may ask about the run it works on: the signal to stop, and its own id.

Set by the runner around each run; LangGraph hands it on to the threads of parallel branches.
"""

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.running.control import Control

control: "ContextVar[Control | None]" = ContextVar("control", default=None)


def cancel_event() -> threading.Event:
    """Set when the run at work is to stop; outside of any run one that nobody sets."""
    held = control.get()
    return threading.Event() if held is None else held.cancel


def step_id() -> str | None:
    """Id of the step that runs here, for the rows of its calls; None outside of any run."""
    held = control.get()
    if held is None:
        return None
    from langgraph.config import get_config

    return held.steps.id_of(get_config()["configurable"]["__pregel_task_id"])
