"""Sums by any dimension: from the rollups where they know it, from raw rows otherwise, by the same words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.usage.figure import Query, Reader, Source
from storage.usage.filters import OF_CALLS, PROMPT, Filters, Hours, Span, conditions
from storage.usage.measures import LABELS, MONEY, facts, total
from storage.usage.rates import Lot, lots
from storage.usage.rollups import DAY, HOUR, SUMS

TIMES = {
    "quarter": "time_bucket(interval 15 minutes, started_at)",
    "hour": "date_trunc('hour', started_at)",
    "day": "date_trunc('day', started_at)",
    "week": "date_trunc('week', started_at)",
    "month": "date_trunc('month', started_at)",
    "weekday": "isodow(started_at)",
    "hour_of_day": "hour(started_at)",
    "period": "case when started_at >= $current then 'current' else 'previous' end",
}
WITHIN_A_DAY = ("hour", "hour_of_day")
WITHIN_AN_HOUR = ("quarter",)
COLUMN_OF: Mapping[str, str] = {
    "provider": "provider_name",
    "model": "request_model",
    "agent": "agent_name",
    "kind": "run_kind",
    "user": "user_id",
    "project": "project_id",
    "prompt": PROMPT,
    "run": "run_id",
    "environment": "environment",
    "currency": "cost_currency",
    "price_version": "price_version",
}
"""Dimension -> SQL over a fact."""
MISSING_OF = {"cost_avoided_amount": "unknown_savings", "input_tokens": "unknown_tokens"}
"""Measure -> the count of what it does not hold; that of costs is `unknown_prices`."""
COMMA = ",\n  "
PARTS_OF_PROMPT = (
    "prompt_name as name_of_prompt, "
    "case when prompt_name is not null then coalesce(prompt_version, '') end as its_version"
)
PROMPT_OF_PARTS = "(name_of_prompt || '@' || its_version) as prompt"
GROUPED: Mapping[str, str] = {"prompt": PARTS_OF_PROMPT, "day": "started_at::date as day"}
"""Dimension -> SQL of what it is grouped by, where that is quicker: a date is half as long as a time."""
SHOWN: Mapping[str, str] = {"prompt": PROMPT_OF_PARTS, "day": "day::timestamp as day"}
"""The same -> SQL of the dimension itself, over the groups."""


@dataclass(frozen=True)
class Sums:
    """What is to be added up, and by what."""

    measures: Sequence[str]
    by: Sequence[str] = ()
    """Dimensions and times; names of the frame's first columns."""
    derived: Mapping[str, str] = field(default_factory=dict)
    """Further columns as SQL over the sums."""
    order: str = ""
    """SQL; by default the dimensions."""
    limit: int | None = None
    offset: int = 0
    only: str = "true"
    """SQL over facts with all dimensions: which of them count."""


def sums_query(reader: Reader, filters: Filters, wanted: Sums, definition: str) -> Query:
    """The query for sums; money becomes `filters.currency`.

    Beside the sums stand `attempts` and how many calls lack what was added. With `period` among the
    dimensions the equal period before is read too.
    """
    span = both_periods(filters.span) if "period" in wanted.by else filters.span
    measures = _with_missing(wanted.measures)
    dimensions = {name: TIMES.get(name) or COLUMN_OF[name] for name in wanted.by}
    relation, source = sums_relation(filters, span, wanted.by, measures)
    lots_of_time = lots(reader.rates, filters.currency, span)
    if any(name in MONEY for name in measures):
        relation = with_lots(relation, lots_of_time)
    condition, parameters = conditions(filters, OF_CALLS)
    parameters |= _period_parameters(filters, wanted.by) | lot_parameters(lots_of_time)
    selected = [GROUPED.get(name, f"{sql} as {name}") for name, sql in dimensions.items()]
    selected += [_total(name, lots_of_time) for name in measures]
    selected += ["max(started_at) as last_at"] if "run" in wanted.by else []
    derived = "".join(f", {sql} as {name}" for name, sql in wanted.derived.items())
    order = wanted.order or ", ".join(wanted.by) or "1"
    sql = (
        f"select {_shown(wanted.by)}{derived} from (\nselect {COMMA.join(selected)}\nfrom ({relation})\n"
        f"where {condition} and {wanted.only}{' group by all' if dimensions else ''}\n) order by {order}"
    )
    sql += f" limit {wanted.limit:d} offset {wanted.offset:d}" if wanted.limit is not None else ""
    return Query(sql, {**parameters, **_raw_span(source, span)}, definition, source, "attempts")


def _shown(by: Sequence[str]) -> str:
    """SQL of the columns of sums; what groups are made of becomes what is shown once a row of the result."""
    if not set(by) & set(SHOWN):
        return "*"
    made_of = [name for name in by if name != "prompt"]
    made_of += ["name_of_prompt", "its_version"] if "prompt" in by else []
    return f"{', '.join(SHOWN.get(name, name) for name in by)}, * exclude ({', '.join(made_of)})"


def sums_relation(
    filters: Filters, span: Span | Hours, by: Sequence[str], measures: Sequence[str]
) -> tuple[str, Source]:
    """SQL of a relation with these dimensions and measures within a time, and its source."""
    widest = HOUR if any(name in WITHIN_A_DAY for name in by) else DAY
    if not needs_raw_rows(filters, by):
        return SUMS.rows_between(span.start, span.end, widest), "rollups"
    read = ("cost_amount" if name == "unconverted" else name for name in measures)
    columns = dict.fromkeys(["started_at", *_needed(filters, by), *read])
    return f"select * from ({facts(list(columns))}) where {IN_SPAN}", "raw rows"


IN_SPAN = "started_at >= $start and started_at < $end"


def needs_raw_rows(filters: Filters, by: Sequence[str]) -> bool:
    """Whether rollups do not know a filter or a dimension."""
    known = (*LABELS, *TIMES)
    return filters.needs_raw_rows or any(
        name in WITHIN_AN_HOUR or (name not in TIMES and COLUMN_OF[name] not in known) for name in by
    )


def both_periods(span: Span | Hours) -> Hours:
    """A period and the equal one before."""
    return Hours(span.previous.start, span.end)


def lot_parameters(lots_of_time: Sequence[Lot]) -> dict[str, object]:
    """Parameters of `converted`."""
    found: dict[str, object] = {}
    for n, lot in enumerate(lots_of_time):
        found |= {f"currency_{n}": lot.currency, f"rate_{n}": lot.rate}
        found |= {f"{name}_{n}": at for name, at in (("since", lot.start), ("until", lot.end)) if at}
    return found


def with_lots(relation: str, lots_of_time: Sequence[Lot]) -> str:
    """SQL of facts with the number of the `lot` that each amount is in; null where no rate converts it."""
    cases = " ".join(f"when {_is_in(n, lot)} then {n}" for n, lot in enumerate(lots_of_time))
    return f"select *, case {cases} end as lot from ({relation})"


def converted(measure: str, lots_of_time: Sequence[Lot]) -> str:
    """SQL of money added up in one currency, over facts with lots; nothing known adds up to 0."""
    own = f"coalesce(sum({measure}) filter (where lot = 0), 0) * $rate_0::decimal(18, 8)"
    if len(lots_of_time) == 1:
        return f"({own})::decimal(38, 16)"
    cases = " ".join(
        f"when {n} then {measure}::decimal(20, 8) * $rate_{n}::decimal(18, 8)"
        for n in range(1, len(lots_of_time))
    )
    return f"({own} + coalesce(sum(case lot {cases} end), 0))::decimal(38, 16)"


UNCONVERTED = (
    "coalesce(sum(attempts + paid_steps - unknown_prices) filter (where lot is null and cost_amount <> 0), 0)"
    "::bigint"
)
"""SQL of how many facts cost something in a currency that no rate converts, over facts with lots."""


def _is_in(n: int, lot: Lot) -> str:
    clauses = [f"cost_currency = $currency_{n}"]
    clauses += [f"started_at >= $since_{n}"] if lot.start else []
    clauses += [f"started_at < $until_{n}"] if lot.end else []
    return f"({' and '.join(clauses)})"


def _total(name: str, lots_of_time: Sequence[Lot]) -> str:
    if name == "unconverted":
        return f"{UNCONVERTED} as unconverted"
    if name not in MONEY:
        return f"{total(name)} as {name}"
    missing = "sum(unknown_savings)" if name == "cost_avoided_amount" else "sum(unknown_prices)"
    known = f"count({name}) filter (where lot is not null)"
    nothing = f"{known} = 0 and coalesce({missing}, 0) + {UNCONVERTED} > 0"
    return f"case when {nothing} then null else {converted(name, lots_of_time)} end as {name}"


def _with_missing(measures: Sequence[str]) -> list[str]:
    """Measures with the counts that stand beside them."""
    extra = [MISSING_OF[name] for name in measures if name in MISSING_OF]
    if any(name in MONEY for name in measures):
        extra += ["unknown_prices", "paid_steps", "unconverted"]
    return list(dict.fromkeys(["attempts", *measures, *extra]))


def _needed(filters: Filters, by: Sequence[str]) -> list[str]:
    """Columns of a fact that filters, dimensions and rates look at."""
    named = [COLUMN_OF[name] for name in by if name in COLUMN_OF]
    if filters.prompts or "prompt" in by:
        named += ["prompt_name", "prompt_version"]
    always = ["environment", "provider_name", "request_model", "agent_name", "user_id", "project_id"]
    return [name for name in (*always, "cost_currency", *named) if name != PROMPT]


def _period_parameters(filters: Filters, by: Sequence[str]) -> dict[str, object]:
    return {"current": filters.span.start} if "period" in by else {}


def _raw_span(source: Source, span: Span | Hours) -> dict[str, object]:
    return {"start": span.start, "end": span.end} if source == "raw rows" else {}
