"""What a page of usage is limited to: one frozen object that a link carries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Self

from storage.errors import StoreError

HOUR_S = 3600
LONGEST_DAYS = 3_660
"""Longest period that can be asked for."""
MOST_VALUES = 200
"""Of one filter."""
NONE = ""
"""Chosen for rows that have no agent, model, prompt ... at all."""

PROMPT = "(prompt_name || '@' || coalesce(prompt_version, ''))"
"""SQL of a prompt with its version."""
COLUMNS: Mapping[str, str] = {
    "models": "request_model",
    "providers": "provider_name",
    "agents": "agent_name",
    "users": "user_id",
    "projects": "project_id",
    "prompts": PROMPT,
    "environments": "environment",
}
"""Field -> SQL of the column that it limits."""
URL_NAMES: Mapping[str, str] = {name: name.removesuffix("s") for name in COLUMNS}
"""Field -> its name in a link."""
OF_CALLS = tuple(COLUMNS)
OF_RUNS = ("agents", "users", "projects", "environments")
"""Filters that a run obeys: one run may use several models and prompts."""
LIVE = ("live",)


class BadFilter(StoreError):
    """A link or a form asks for a period or a value that cannot be."""


@dataclass(frozen=True)
class Span:
    """Days one after the other, in UTC."""

    first: date
    last: date
    """The last day that is in it."""

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The first moment in it."""
        return datetime.combine(self.first, time())

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time())

    @property
    def previous(self) -> "Span":
        """As many days right before; before whole calendar months, as many whole months."""
        before = self.first - timedelta(days=1)
        if self.first.day == 1 and (self.last + timedelta(days=1)).day == 1:
            months = 12 * (self.last.year - self.first.year) + self.last.month - self.first.month
            years, month = divmod(12 * before.year + before.month - 1 - months, 12)
            return Span(date(years, month + 1, 1), before)
        return Span(self.first - timedelta(days=self.days), before)


@dataclass(frozen=True)
class Hours:
    """A time between two hours, in UTC."""

    start: datetime
    """The first moment in it."""
    end: datetime
    """The first moment after it."""

    @property
    def previous(self) -> "Hours":
        """As long a time right before."""
        return Hours(self.start - (self.end - self.start), self.start)


@dataclass(frozen=True)
class Filters:
    """One bar of filters for all charts; an empty one lets everything through, but for environments."""

    span: Span | Hours
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    """`name@version`."""
    environments: tuple[str, ...] = LIVE
    """Demo and test are out unless asked for."""
    currency: str = "USD"
    """In which all money is shown."""
    preset: str | None = None
    """Name of the period when it moves with today, such as `last_30_days`."""

    @property
    def previous(self) -> Self:
        """The same in the period right before: as many days, or as many whole months."""
        return replace(self, span=self.span.previous, preset=None)

    def within(self, span: Span | Hours) -> Self:
        """The same at another time."""
        return replace(self, span=span, preset=None)

    @property
    def needs_raw_rows(self) -> bool:
        """Whether rollups do not know what is asked for."""
        return bool(self.users or self.projects or self.prompts) or not _borders(self.span, HOUR_S)

    @property
    def is_whole_days(self) -> bool:
        """Whether the time starts and ends with a day in UTC."""
        return _borders(self.span, 24 * HOUR_S)

    @property
    def needs_raw_runs(self) -> bool:
        """Whether the counts of runs do not know what is asked for."""
        return bool(self.users or self.projects)

    def to_query(self) -> dict[str, list[str]]:
        """What stands in the link; `from_query` reads it."""
        query = {URL_NAMES[name]: list(getattr(self, name)) for name in URL_NAMES if getattr(self, name)}
        if self.environments == LIVE:
            del query["environment"]
        if self.currency != "USD":
            query["currency"] = [self.currency]
        if self.preset:
            return {"period": [self.preset], **query}
        last = self.span.end - timedelta(microseconds=1)
        return {"from": [f"{self.span.start:%Y-%m-%d}"], "to": [f"{last:%Y-%m-%d}"], **query}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]], today: date) -> Self:
        """Read a link; raises BadFilter with a sentence."""
        given = {name: [value] if isinstance(value, str) else list(value) for name, value in query.items()}
        chosen = {field: _values(given.get(name, []), name) for field, name in URL_NAMES.items()}
        chosen["environments"] = chosen["environments"] or LIVE
        preset = _one(given, "period")
        if preset is None and "from" not in given and "to" not in given:
            preset = DEFAULT_PRESET
        span = preset_span(preset, today) if preset else _span(given, today)
        return cls(span=span, preset=preset, currency=_currency(given), **chosen)


DEFAULT_PRESET = "last_30_days"
PRESETS: Sequence[str] = (
    "today",
    "yesterday",
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "this_month",
    "last_month",
    "this_quarter",
    "this_year",
)


def preset_span(preset: str, today: date) -> Span:
    """The days that a preset means today; raises BadFilter for one that is not known."""
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    spans = {
        "today": Span(today, today),
        "yesterday": Span(today - timedelta(days=1), today - timedelta(days=1)),
        "last_7_days": Span(today - timedelta(days=6), today),
        "last_30_days": Span(today - timedelta(days=29), today),
        "last_90_days": Span(today - timedelta(days=89), today),
        "this_month": Span(month, today),
        "last_month": Span(last_month, month - timedelta(days=1)),
        "this_quarter": Span(month.replace(month=(today.month - 1) // 3 * 3 + 1), today),
        "this_year": Span(month.replace(month=1), today),
    }
    if preset not in spans:
        raise BadFilter(f"There is no period “{preset[:40]}”. Choose one of: {', '.join(PRESETS)}.")
    return spans[preset]


def conditions(filters: Filters, columns: Iterable[str] | None = None) -> tuple[str, dict[str, object]]:
    """SQL of everything but the days, and its parameters; limited to some fields, if any are named.

    The relation has the columns of `COLUMNS`.
    """
    clauses, parameters = ["true"], dict[str, object]()
    for field in columns or COLUMNS:
        values = getattr(filters, field)
        if not values:
            continue
        marks = {f"{field}_{n}": value for n, value in enumerate(values) if value != NONE}
        any_of = f"{COLUMNS[field]} in ({', '.join(f'${mark}' for mark in marks)})" if marks else "false"
        clauses.append(f"({any_of} or {COLUMNS[field]} is null)" if NONE in values else any_of)
        parameters.update(marks)
    return " and ".join(clauses), parameters


def _borders(span: Span | Hours, seconds: int) -> bool:
    """Whether a time starts and ends on a multiple; months of some time zones begin at half past an hour."""
    since = (end - datetime(1970, 1, 1) for end in (span.start, span.end))
    return not any(at % timedelta(seconds=seconds) for at in since)


def _values(values: Sequence[str], name: str) -> tuple[str, ...]:
    if len(values) > MOST_VALUES:
        raise BadFilter(f"The link asks for {len(values)} values of “{name}”; {MOST_VALUES} is the most.")
    return tuple(dict.fromkeys(values))


def _one(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = given.get(name, [])
    if len(values) > 1:
        raise BadFilter(f"The link says “{name}” more than once. Take out all but one.")
    return values[0] if values else None


def _span(given: Mapping[str, Sequence[str]], today: date) -> Span:
    first, last = _day(_one(given, "from"), today), _day(_one(given, "to"), today)
    if first > last:
        raise BadFilter(f"The period starts on {first} and ends on {last}, before that. Turn them around.")
    if (last - first).days >= LONGEST_DAYS:
        raise BadFilter(f"The period from {first} to {last} is too long; {LONGEST_DAYS} days is the most.")
    if first < date(1970, 1, 1) + timedelta(days=LONGEST_DAYS) or last > date(9000, 1, 1):
        raise BadFilter(f"The period from {first} to {last} is out of reach. Choose days nearer to today.")
    return Span(first, last)


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadFilter(f"“{text[:40]}” is no day. Write days as {today.isoformat()}.") from error


def _currency(given: Mapping[str, Sequence[str]]) -> str:
    code = _one(given, "currency") or "USD"
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise BadFilter(f"“{code[:20]}” is no currency. Write its three letters, such as EUR.")
    return code
