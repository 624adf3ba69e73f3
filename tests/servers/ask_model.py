"""A model that plays the router and every agent: the tag before the request names the task.

`python -m tests.servers.ask_model SECONDS` streams a word every so many seconds from a process of its own,
and prints its address.
"""

import json
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

from tests.servers.chat_server import Behaviour, ChatServer, Exchange, answer, piece

POEM = " ".join(f"word{number}" for number in range(400))


def values(said: str) -> dict[str, str]:
    """The variables between their fences."""
    return dict(re.findall(r"^~~~~+ (\w+)\n(.*?)\n~~~~+$", said, re.DOTALL | re.MULTILINE))


def _route(given: dict[str, str]) -> dict[str, Any]:
    request = given["request"].casefold()
    label = next((word for word in ("email", "code", "general", "diagnose") if word in request), "general")
    return {"label": label, "confidence": 0.4 if "perhaps" in request else 0.9, "reason": "It says so."}


def _content(given: dict[str, str]) -> str:
    cited = re.search(r"^\[1\] .*\n(.+)$", given["passages"], re.MULTILINE)
    if cited is None:
        return "There is no source to answer from."
    return f"The passage says: {cited[1]} [1]. The moon is made of cheese [9]."


def _summary(given: dict[str, str]) -> dict[str, Any]:
    has = "[1]" in given["passages"]
    points = [{"text": "The first thing.", "source": 1 if has else None}, {"text": "Invented.", "source": 77}]
    return {"headline": "What matters in one line.", "points": points}


def _compare(given: dict[str, str]) -> dict[str, Any]:
    cells = [
        {"option": "Lease", "text": "low", "source": None},
        {"option": "Buy", "text": "high", "source": 88},
    ]
    criteria = [{"name": "Cost at once", "cells": cells}, {"name": "Freedom", "cells": cells[:1]}]
    return {"options": ["Buy", "Lease"], "criteria": criteria, "conclusion": "Lease when cash is short."}


def _code(given: dict[str, str]) -> dict[str, Any]:
    broken = "broken" in given["request"] and not given["faults"]
    language = "SQL" if "sql" in given["request"].casefold() else "Python"
    code = "select count(*) as n from tips" if language == "SQL" else "def add(a, b):\n    return a + b"
    return {
        "language": language,
        "code": "def add(a, b:" if broken else code,
        "explanation": "It adds two numbers.",
        "how_to_run": "Save it and run it.",
    }


def _tools(given: dict[str, str]) -> dict[str, Any]:
    request = given["request"]
    if "goal" in request.casefold():
        return {"calls": [{"tool": "save_goal", "text": request}]}
    if "allergic" in request:
        return {"calls": [{"tool": "save_note", "text": request}, {"tool": "delete_everything", "text": "x"}]}
    return {"calls": []}


def _persona(given: dict[str, str]) -> str:
    return f"Your goals: {given['goals']} Your notes: {given['notes']} Tools: {given['results']}"


def _data(given: dict[str, str]) -> dict[str, Any]:
    request = given["request"].casefold()
    if "steal" in request:
        sql = "select * from read_csv('/etc/passwd')"
    elif "mend" in request and not given["faults"]:
        sql = "select no_such_column from tips"
    else:
        sql = 'select day, sum(tip) as "sum of tips" from tips group by day order by 2 desc'
    return {"understood": "Tips summed by day.", "sql": sql, "chart": "bar", "x": "day", "y": "sum of tips"}


TASKS: dict[str, Callable[[dict[str, str]], Any]] = {
    "ROUTE": _route,
    "GENERAL": lambda given: POEM if "long" in given["request"] else f"You said: {given['request']}",
    "CONTENT": _content,
    "SUMMARY": _summary,
    "COMPARE": _compare,
    "CODE": _code,
    "DATA": _data,
    "TOOLS": _tools,
    "PERSONA": _persona,
    "TRANSLATE": lambda given: {
        "from_language": "English",
        "to_language": "German",
        "translation": "Guten Morgen",
        "remarks": [],
    },
    "EMAIL": lambda given: {
        "subject": "Late\ndelivery",
        "body": "Dear [name],\nplease deliver.",
        "missing": ["name"],
    },
}


def reply(body: dict[str, Any]) -> str:
    """What the model says to a request."""
    said = str(body["messages"][-1]["content"])
    task = re.match(r"([A-Z]+)\.", said)
    if task is None or task[1] not in TASKS:
        return json.dumps({"reply": "pong"})
    result = TASKS[task[1]](values(said))
    return result if isinstance(result, str) else json.dumps(result)


def behave(exchange: Exchange) -> None:
    """Answer a request at once."""
    answer(reply(exchange.body))(exchange)


def slowly(seconds: float) -> Behaviour:
    """Streams a word every so many seconds until the server stops or the client has gone."""

    def behave_slowly(exchange: Exchange) -> None:
        if not exchange.body.get("stream"):
            behave(exchange)
            return
        exchange.start_stream()
        for word in reply(exchange.body).split():
            exchange.event(piece(f"{word} "))
            if exchange.stopping.wait(seconds):
                return
        exchange.event(piece(finish_reason="stop"))
        exchange.event("[DONE]")
        exchange.close()

    return behave_slowly


def until(told: threading.Event) -> Behaviour:
    """Streams a word now and then until it is told to end."""

    def behave_until(exchange: Exchange) -> None:
        if not exchange.body.get("stream"):
            behave(exchange)
            return
        exchange.start_stream()
        number = 0
        while not told.wait(0.05) and not exchange.stopping.is_set():
            exchange.event(piece(f"word{number} "))
            number += 1
        exchange.event(piece(finish_reason="stop"))
        exchange.event("[DONE]")
        exchange.close()

    return behave_until


def main() -> None:
    """Serve until the standard input ends."""
    with ChatServer(slowly(float(sys.argv[1]))) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
