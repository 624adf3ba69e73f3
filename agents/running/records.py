"""The records of runs that pages draw; they come from the store as they are."""

from storage.calls import Call, CallText
from storage.deletion import Owned
from storage.events import HELD
from storage.reach import Subject
from storage.retention import Due, Policy, What
from storage.runs import AT_WORK, Environment, Event, Run, Status
from storage.search import LISTED, PAGE, Listed, RunLine, RunPage, RunQuery, Sort
from storage.tags import LONGEST
from storage.timeline import Bar

__all__ = [
    "AT_WORK",
    "HELD",
    "LISTED",
    "LONGEST",
    "PAGE",
    "Bar",
    "Call",
    "CallText",
    "Due",
    "Environment",
    "Event",
    "Listed",
    "Owned",
    "Policy",
    "Run",
    "RunLine",
    "RunPage",
    "RunQuery",
    "Sort",
    "Status",
    "Subject",
    "What",
]
