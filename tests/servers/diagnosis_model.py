"""A model that knows one problem no playbook covers, and answers every task of a diagnosis."""

import json
import re
from typing import Any

from tests.servers.chat_server import Behaviour, Exchange, answer

COMPLAINT = "Volunteers stay away from the evening shifts of our food bank since June"

CAUSES = {
    "a": (
        "Shifts start too early",
        "Volunteers cannot reach the start after work, so they skip the evening.",
    ),
    "b": ("Tasks feel pointless", "Volunteers are sent home or stand idle, so they stop signing up."),
    "c": ("The coordinator left", "Nobody calls and thanks volunteers since the coordinator is gone."),
    "d": ("Another charity recruits", "A new charity nearby takes over the people who used to come."),
    "e": ("The way home feels unsafe", "People avoid the district after dark since incidents were reported."),
    "f": ("Summer takes them away", "Regular volunteers are on holiday and come back by themselves."),
}
QUESTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "When do they cancel?",
        (("Same day", "ae", "cd"), ("Weeks before", "f", "ae"), ("They never sign up", "bcd", "af")),
    ),
    (
        "What do they say?",
        (
            ("Too early", "a", "bcdef"),
            ("Nothing to do", "b", "acdef"),
            ("Not safe", "e", "abcdf"),
            ("No reason", "cdf", "abe"),
        ),
    ),
    (
        "Who stays away?",
        (("People with jobs", "a", "df"), ("Long-timers", "bc", "a"), ("Families", "f", "b")),
    ),
    ("Do morning shifts fill?", (("Yes, as ever", "ae", "bcdf"), ("No, also fewer", "bcdf", "ae"))),
    ("Who phones volunteers now?", (("Nobody", "c", "abdef"), ("The coordinator", "abdef", "c"))),
    ("Were people sent home idle?", (("Often", "b", "acdef"), ("Rarely", "acdef", "b"))),
    ("Is there a new charity?", (("Yes, nearby", "d", "abcef"), ("No", "abcef", "d"))),
    ("Did anything happen outside?", (("Yes, incidents", "e", "abcdf"), ("No", "abcdf", "e"))),
    ("Was it so last summer?", (("Yes, every year", "f", "abcde"), ("No", "abcde", "f"))),
)
"""Text and answers; of each answer the keys it is typical of and those it rules out."""


def draft() -> dict[str, Any]:
    """The draft of a playbook."""
    return {
        "title": "Volunteers stay away",
        "question": "Why do volunteers stay away from evening shifts?",
        "split": "segment",
        "dimension": "where the reason lies",
        "groups": [
            {"text": "The shift itself puts them off", "causes": ["a", "b", "c"]},
            {"text": "Something outside keeps them away", "causes": ["d", "e", "f"]},
        ],
        "causes": [
            {
                "key": key,
                "label": label,
                "claim": claim,
                "severity": "serious",
                "worse_within": "weeks",
                "why_worse": "Clients queue and remaining volunteers tire.",
                "analysis": f"Call twenty who stopped and ask about this: {label.lower()}.",
                "effort": "days",
                "data_source": "Sign-up lists and phone calls",
                "owner": "Volunteer lead",
                "disproof": "Fewer than two of twenty name it.",
            }
            for key, (label, claim) in CAUSES.items()
        ],
        "questions": [
            {
                "text": text,
                "theme": "shift",
                "answers": [{"text": said, **_fits(*keys)} for said, *keys in answers],
            }
            for text, answers in QUESTIONS
        ],
    }


def levels(first_wrong: int = 0) -> dict[str, Any]:
    """The levels given again; the first `first_wrong` questions are judged the other way round."""
    looks = []
    for number, (_, answers) in enumerate(QUESTIONS, start=1):
        fits = [_fits(*reversed(keys)) if number <= first_wrong else _fits(*keys) for _, *keys in answers]
        looks.append({"question": number, "answers": fits})
    return {"questions": looks}


def reply(body: dict[str, Any]) -> str:
    """What the model says to a request: its last message names the task."""
    said = str(body["messages"][-1]["content"])
    task = re.match(r"[A-Z]+\.", said)
    if task is None:  # the small calls of a test
        return json.dumps({"reply": "pong"})
    return json.dumps(TASKS[task.group()](said))


def behave(exchange: Exchange) -> None:
    """Answer a request."""
    answer(reply(exchange.body))(exchange)


def _fits(typical: str, ruled_out: str) -> dict[str, list[str]]:
    return {"typical": list(typical), "likely": [], "unlikely": [], "rules_out": list(ruled_out)}


def _wordings(said: str) -> dict[str, Any]:
    found = re.findall(r"^([a-z][a-z0-9_]+) (.+\?)$", said, re.MULTILINE)
    return {
        "questions": [
            {"id": i, "text": f"In your food bank: {text[:1].lower()}{text[1:]}"[:140]} for i, text in found
        ]
    }


def _summary(said: str) -> dict[str, Any]:
    ids = re.findall(r"^([a-z][a-z0-9_]+) (?!Belief)", said, re.MULTILINE)
    return {
        "sentences": [
            {"text": "What the volunteers say points to one cause.", "evidence": ids[:2]},
            {"text": "The evening shifts keep their demand.", "evidence": ["q99"]},
            {"text": "Nothing carries this sentence.", "evidence": []},
        ]
    }


def _read(said: str) -> dict[str, Any]:
    """The first numbered answer one of whose words stands in the free text."""
    options = re.findall(r"^(\d)\. (.+)$", said, re.MULTILINE)
    text = said.rsplit("said\n", 1)[-1].casefold()
    found = (int(n) for n, option in options if any(w in text for w in option.casefold().split()))
    return {"answer": next(found, 0)}


TASKS = {
    "DRAFT.": lambda said: draft(),
    "LEVELS.": lambda said: levels(),
    "WORD.": _wordings,
    "SUMMARY.": _summary,
    "READ.": _read,
}
BEHAVIOUR: Behaviour = behave
