"""The other end of `Child`: reads requests line by line, answers each, ends with its parent."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from agents.errors import WhytreeError

Handler = Callable[[dict[str, Any]], dict[str, Any]]


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer requests by their "do" until the parent is gone; the first argument is the memory limit.

    An error of the family is answered; any other ends the process with its trace on the error stream.
    """
    hold_memory(int(sys.argv[1]))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the error stream, not among the replies
    for line in sys.stdin.buffer:
        replies.write(json.dumps(_answer(handlers, json.loads(line))).encode() + b"\n")
        replies.flush()


def hold_memory(limit: int) -> None:
    """Let the operating system refuse memory past the limit (bytes of address space; Linux only)."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def open_no_more_files() -> None:
    """From here on, neither a file nor a socket can be opened; what is open stays so (Linux only)."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _answer(handlers: Mapping[str, Handler], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return handlers[request["do"]](request)
    except WhytreeError as error:
        return {"failed": type(error).__name__, "text": str(error)}
