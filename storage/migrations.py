"""Numbered, append-only changes of the store's tables.

A migration that has shipped is never edited. Types are the ones that Postgres has too.
"""

from collections.abc import Sequence

import duckdb

FIRST = """
create table runs (
    run_id varchar primary key,
    kind varchar not null,
    title varchar not null,
    input varchar not null,
    status varchar not null,
    agent_name varchar,
    routing_label varchar,
    routing_confidence double,
    routing_reason varchar,
    routing_method varchar,
    conversation_id varchar,
    user_id varchar not null,
    project_id varchar not null,
    environment varchar not null,
    playbook_hash varchar,
    parent_run_id varchar,
    error_type varchar,
    error_text varchar,
    error_step varchar,
    error_trace varchar,
    created_at timestamp not null,
    started_at timestamp,
    finished_at timestamp,
    updated_at timestamp not null
);
create table playbooks (
    playbook_hash varchar not null,
    playbook_id varchar not null,
    document varchar not null,
    recorded_at timestamp not null
);
create table events (
    run_id varchar not null,
    seq bigint not null,
    kind varchar not null,
    at timestamp not null,
    data varchar not null
);
create table trees (
    run_id varchar not null,
    version bigint not null,
    author varchar not null,
    note varchar not null,
    document varchar not null,
    created_at timestamp not null
);
create table outcomes (
    run_id varchar not null,
    cause_id varchar not null,
    cause_text varchar not null,
    note varchar not null,
    user_id varchar not null,
    recorded_at timestamp not null
);
"""

MIGRATIONS: Sequence[str] = (FIRST,)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the tables up to date; each migration is one transaction."""
    connection.execute("create table if not exists migrations (number bigint not null, applied_at timestamp)")
    row = connection.execute("select coalesce(max(number), 0) from migrations").fetchone()
    done = int(row[0]) if row else 0
    for number, script in enumerate(MIGRATIONS[done:], start=done + 1):
        connection.execute("begin")
        connection.execute(script)
        connection.execute("insert into migrations values (?, now()::timestamp)", [number])
        connection.execute("commit")
