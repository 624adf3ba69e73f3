"""What of runs can be searched for, gathered from the store's tables."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from storage.db import Store
from storage.text_index import Document

KINDS = ("complained", "confirmed", "answered", "guessed", "summarised", "note")
"""Kinds of events with what people and models said."""
LONGEST = 20_000
"""Characters of what was said in a run that can be found."""


THESE = "run_id in (select unnest($1::varchar[]))"
STAMPED = """
    select runs.run_id, runs.title, runs.input,
           epoch_us(runs.updated_at)::varchar || '.' || coalesce(last.seq, 0)::varchar
           || '.' || coalesce(talk.n, 0)::varchar || '.' || coalesce(noted.n, 0)::varchar as stamp
    from runs
    left join (select run_id, max(seq) as seq from events {where} group by run_id) last using (run_id)
    left join (select run_id, count(*) as n from messages {where} group by run_id) talk using (run_id)
    left join (select run_id, count(*) as n from outcomes {where} group by run_id) noted using (run_id)
    {where}
"""
"""Each run with what its text was made from: its latest change, its last event, and how many messages and
outcomes it has, since these come and go without either."""


def stamps(store: Store) -> dict[str, str]:
    """The stamp of every run; one that differs from the index's says that the run has changed since."""
    sql = f"select run_id, stamp from ({STAMPED.format(where='')})"
    return {row["run_id"]: row["stamp"] for row in store.read(sql)}


def documents(store: Store, run_ids: Sequence[str]) -> list[Document]:
    """The texts of runs; those that are gone are left out."""
    said: dict[str, list[str]] = defaultdict(list)
    for run_id, text in _said(store, list(run_ids)):
        said[run_id].append(text)
    sql = STAMPED.format(where=f"where {THESE}")
    return [
        Document(row["run_id"], row["stamp"], row["title"], row["input"], _joined(said[row["run_id"]]))
        for row in store.read(sql, [list(run_ids)])
    ]


def _said(store: Store, run_ids: list[str]) -> Iterator[tuple[str, str]]:
    """Run and text, of events, messages and outcomes."""
    marks = ", ".join(f"'{kind}'" for kind in KINDS)
    for row in store.read(
        f"select run_id, data from events where {THESE} and kind in ({marks}) order by seq", [run_ids]
    ):
        for text in _strings(json.loads(row["data"])):
            yield row["run_id"], text
    for row in store.read(
        f"""
        select run_id, text from messages where {THESE}
        union all select run_id, note from outcomes where {THESE}
        """,
        [run_ids],
    ):
        yield row["run_id"], row["text"]


def _strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _joined(texts: Sequence[str]) -> str:
    return "\n".join(dict.fromkeys(texts))[:LONGEST]
