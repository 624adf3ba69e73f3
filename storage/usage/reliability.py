"""What failed, how often it was tried again, and who stood in."""

from collections.abc import Mapping
from typing import Literal

from storage.usage.figure import Figure, Query, Reader, Source
from storage.usage.filters import OF_CALLS, Filters, conditions
from storage.usage.measures import facts
from storage.usage.query import IN_SPAN, Sums, sums_query
from storage.usage.rollups import DAY, FAULTS

CLASSES: Mapping[str, tuple[str, ...]] = {
    "rate limit": ("rate_limited",),
    "timeout": ("timeout",),
    "connection": ("unreachable", "connection_lost", "cut"),
    "server": ("server_error", "not_a_reply", "too_large", "empty"),
    "key or credit": ("auth", "no_credit", "key_in_reply"),
    "bad JSON": ("bad_json", "wrong_shape", "unusable_text", "truncated"),
    "refused": ("refusal", "content_filter"),
    "bad request": ("bad_request", "model_not_found"),
    "cancelled": ("cancelled",),
}
"""Class of errors -> kinds of fault as the calls have them."""
ERRORS = (
    "Attempts that failed, by class of error and kind of fault. Cancelled ones are shown, but no failures."
)
RATES = (
    "Failed attempts over all attempts; attempts over calls; calls that another provider or model answered "
    "over all calls that were answered. Cancelled attempts are no failures."
)
FALLBACKS = "Attempts made because another provider or model had failed the same call: from which, to which."
BREAKERS = (
    "Times in which nobody was sent to a provider's model because it had failed several times in a row. "
    "Breakers do not know whose call it was, so that no filter but the days and the provider applies."
)


def errors(reader: Reader, filters: Filters) -> Figure:
    """Attempts by `class`, `error_type` and `provider`."""
    cases = " ".join(f"when '{kind}' then '{name}'" for name, kinds in CLASSES.items() for kind in kinds)
    columns = f"case error_type {cases} else 'other' end as class, error_type, provider_name as provider"
    return reader.figure(
        _faults(
            filters, f"{columns}, {ATTEMPTS}", "error_type is not null", ERRORS, "attempts desc, error_type"
        )
    )


def fallbacks(reader: Reader, filters: Filters) -> Figure:
    """From which `provider/model` to which, with how many of the attempts were answered."""
    to = "coalesce(provider_name, '') || '/' || coalesce(request_model, '') as to_model"
    answered = "coalesce(sum(attempts) filter (where error_type is null), 0)::bigint as answered"
    selected = f"fallback_from as from_model, {to}, {ATTEMPTS}, {answered}"
    return reader.figure(
        _faults(
            filters, selected, "fallback_from is not null", FALLBACKS, "attempts desc, from_model, to_model"
        )
    )


def rates(
    reader: Reader,
    filters: Filters,
    by: tuple[Literal["provider", "model", "agent", "day", "hour", "period", "prompt"], ...] = ("provider",),
) -> Figure:
    """Rates of failures, attempts and fallbacks by any dimensions."""
    derived = {
        "failure_rate": "failed / nullif(attempts, 0)::double",
        "attempts_per_call": "attempts / nullif(calls, 0)::double",
        "fallback_rate": "fallbacks / nullif(answered, 0)::double",
    }
    measures = ("calls", "answered", "failed", "cancelled", "fallbacks")
    return reader.figure(sums_query(reader, filters, Sums(measures, by, derived), RATES))


def breakers(reader: Reader, filters: Filters) -> Figure:
    """When breakers were open: `provider`, `model`, `opened_at`, `until_at` (null: still), `open_s`."""
    condition, parameters = conditions(filters, ("providers",))
    sql = f"""
        select provider, model, opened_at, until_at,
               epoch_ms(least(coalesce(until_at, $end), $end) - greatest(opened_at, $start)) / 1e3 as open_s
        from (
            select provider_name as provider, model, occurred_at as opened_at,
                   json_extract_string(data, '$.after') as state,
                   lead(occurred_at) over (
                       partition by provider_name, model order by occurred_at, event_id
                   ) as until_at
            from provider_events where kind = 'breaker' and {condition}
        ) where state = 'open' and opened_at < $end and coalesce(until_at, $end) > $start
        order by opened_at, provider, model
    """
    parameters |= {"start": filters.span.start, "end": filters.span.end}
    return reader.figure(Query(sql, parameters, BREAKERS, "raw rows"))


ATTEMPTS = "coalesce(sum(attempts), 0)::bigint as attempts"


def _faults(filters: Filters, selected: str, only: str, definition: str, order: str) -> Query:
    condition, parameters = conditions(filters, OF_CALLS)
    is_raw = filters.needs_raw_rows or not filters.is_whole_days
    source: Source = "raw rows" if is_raw else "rollups"
    if is_raw:
        columns = ("started_at", *conditions_columns(filters), "fallback_from", "error_type", "attempts")
        relation = f"select * from ({facts(columns)}) where {IN_SPAN}"
        parameters |= {"start": filters.span.start, "end": filters.span.end}
    else:
        relation = FAULTS.rows_between(filters.span.start, filters.span.end, DAY)
    sql = f"select {selected}\nfrom ({relation})\nwhere {only} and {condition} group by all order by {order}"
    return Query(sql, parameters, definition, source, "attempts")


def conditions_columns(filters: Filters) -> tuple[str, ...]:
    """Columns of a fact that filters look at."""
    prompt = ("prompt_name", "prompt_version") if filters.prompts else ()
    return ("environment", "provider_name", "request_model", "agent_name", "user_id", "project_id", *prompt)
