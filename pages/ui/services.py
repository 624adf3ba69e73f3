"""The one accessor to the workbench; tests put another settings object in its place."""

import os
import threading

import structlog

from agents import collector
from agents.errors import READABLE
from agents.settings import OWNER_ONLY, Settings
from agents.workbench import Workbench

_lock = threading.Lock()
_bench: Workbench | None = None
log = structlog.get_logger()


def workbench() -> Workbench:
    """The server's workbench; opened at first use, and tried again after a failure.

    Raises the sentence of the fault when the data folder cannot be used.
    """
    global _bench
    with _lock:
        if _bench is None:
            _bench = Workbench.open(settings())
        return _bench


def settings() -> Settings:
    """The settings of this server."""
    return Settings.load()


def warm_up() -> None:
    """Open the workbench, its files for this user alone, and spare what that loaded from being collected.

    A fault is logged here and told by every page until it is mended.
    """
    os.umask(OWNER_ONLY)
    try:
        workbench()
    except READABLE as error:
        log.error("the workbench cannot be opened", reason=str(error))
    collector.spare_what_is_loaded()


def shut_down() -> None:
    """Close the workbench, if it is open."""
    global _bench
    with _lock:
        if _bench is not None:
            _bench.close()
            _bench = None
