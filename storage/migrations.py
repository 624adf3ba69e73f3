"""Numbered, append-only changes of the store's tables.

A migration that has shipped is never edited. Types are the ones that Postgres has too.
"""

from collections.abc import Sequence

import duckdb

from storage.errors import StoreError

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
    occurred_at timestamp not null,
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

SECOND = """
create table calls (
    call_id varchar not null,
    run_id varchar,
    step_id varchar,
    attempt_no bigint not null,
    fallback_from varchar,
    idempotency_key varchar not null,
    operation_name varchar not null,
    provider_name varchar not null,
    request_model varchar not null,
    response_model varchar,
    agent_name varchar,
    prompt_name varchar,
    prompt_version varchar,
    is_shadow boolean not null,
    input_tokens bigint,
    cache_read_input_tokens bigint,
    cache_write_input_tokens bigint,
    output_tokens bigint,
    reasoning_output_tokens bigint,
    usage_source varchar,
    started_at timestamp not null,
    duration_s double not null,
    time_to_first_chunk_s double,
    queue_wait_s double not null,
    finish_reason varchar,
    error_type varchar,
    http_status bigint,
    response_id varchar,
    service_tier varchar,
    cost_amount decimal(18, 8),
    cost_currency varchar,
    cost_source varchar,
    price_version varchar,
    cost_input decimal(18, 8),
    cost_output decimal(18, 8),
    served_from varchar not null,
    cost_avoided_amount decimal(18, 8),
    user_id varchar not null,
    project_id varchar not null,
    environment varchar not null
);
create table call_texts (
    call_id varchar not null,
    run_id varchar,
    prompt varchar not null,
    answer varchar,
    recorded_at timestamp not null
);
create table provider_events (
    event_id varchar not null,
    provider_name varchar not null,
    model varchar,
    kind varchar not null,
    data varchar not null,
    occurred_at timestamp not null
);
create table budgets (
    budget_id varchar not null,
    scope varchar not null,
    subject varchar not null,
    amount decimal(18, 8),
    currency varchar not null,
    allow_unknown_price boolean not null,
    set_by varchar not null,
    set_at timestamp not null
);
create table budget_events (
    event_id varchar not null,
    scope varchar not null,
    subject varchar not null,
    period varchar not null,
    environment varchar not null,
    kind varchar not null,
    budget_amount decimal(18, 8) not null,
    spent_amount decimal(18, 8) not null,
    currency varchar not null,
    run_id varchar,
    occurred_at timestamp not null
);
"""

THIRD = """
create table steps (
    step_id varchar not null,
    run_id varchar,
    parent_step_id varchar,
    kind varchar not null,
    name varchar not null,
    agent_name varchar,
    started_at timestamp not null,
    duration_s double not null,
    error_type varchar,
    is_billed boolean not null,
    cost_amount decimal(18, 8),
    cost_currency varchar,
    price_version varchar,
    user_id varchar not null,
    project_id varchar not null,
    environment varchar not null
);
alter table budgets add column warn_share double;
alter table budgets add column stop_share double;
alter table budgets add column time_zone varchar;
create table budget_raises (
    raise_id varchar not null,
    scope varchar not null,
    subject varchar not null,
    amount decimal(18, 8) not null,
    currency varchar not null,
    valid_from timestamp not null,
    valid_until timestamp not null,
    reason varchar not null,
    set_by varchar not null,
    set_at timestamp not null
);
create table currency_rates (
    rate_id varchar not null,
    from_currency varchar not null,
    to_currency varchar not null,
    rate decimal(18, 8) not null,
    valid_from timestamp not null,
    set_by varchar not null,
    set_at timestamp not null
);
create table alert_rules (
    rule_id varchar not null,
    name varchar not null,
    kind varchar not null,
    metric varchar not null,
    filters varchar not null,
    warn_at double,
    alert_at double,
    window_h bigint not null,
    cooldown_h bigint not null,
    is_enabled boolean not null,
    set_by varchar not null,
    set_at timestamp not null
);
create table alerts (
    alert_id varchar not null,
    rule_id varchar not null,
    level varchar not null,
    subject varchar not null,
    value double,
    bound double,
    sentence varchar not null,
    fired_at timestamp not null
);
create table alert_acks (
    alert_id varchar not null,
    note varchar not null,
    acked_by varchar not null,
    acked_at timestamp not null
);
create table audit_events (
    event_id varchar not null,
    actor varchar not null,
    action varchar not null,
    subject varchar not null,
    data varchar not null,
    occurred_at timestamp not null
);
"""

FOURTH = """
alter table events add column status varchar;
alter table runs add column queue varchar;
alter table runs add column priority bigint;
alter table runs add column max_steps bigint;
alter table runs add column max_seconds double;
alter table runs add column max_cost decimal(18, 8);
alter table runs add column texts_removed_at timestamp;
create table run_tags (
    run_id varchar not null,
    tag varchar not null,
    tagged_by varchar not null,
    tagged_at timestamp not null
);
create table retention_policies (
    policy_id varchar not null,
    what varchar not null,
    keep_days bigint,
    set_by varchar not null,
    set_at timestamp not null
);
"""

ASK = """
create table conversations (
    conversation_id varchar not null,
    user_id varchar not null,
    project_id varchar not null,
    environment varchar not null,
    created_at timestamp not null
);
create table conversation_names (
    conversation_id varchar not null,
    name varchar not null,
    named_by varchar not null,
    named_at timestamp not null
);
create table messages (
    run_id varchar not null,
    conversation_id varchar not null,
    role varchar not null,
    text varchar not null,
    created_at timestamp not null,
    after_run_id varchar
);
create table attachments (
    attachment_id varchar not null,
    conversation_id varchar not null,
    run_id varchar not null,
    name varchar not null,
    size_bytes bigint not null,
    added_at timestamp not null
);
create table routing_corrections (
    run_id varchar not null,
    routing_label varchar,
    chosen_label varchar not null,
    user_id varchar not null,
    chosen_at timestamp not null
);
create table notes (
    note_id varchar not null,
    persona varchar not null,
    user_id varchar not null,
    kind varchar not null,
    text varchar not null,
    created_at timestamp not null
);
"""

DELETED_RUNS = """
alter table runs add column deleted_at timestamp;
"""

ALERT_DELIVERIES = """
create table alert_deliveries (
    delivery_id varchar not null,
    alert_id varchar not null,
    attempt_no bigint not null,
    problem varchar,
    attempted_at timestamp not null
);
"""

REMOVED_FILES = """
create table removed_files (
    attachment_id varchar not null
);
"""

MIGRATIONS: Sequence[str] = (
    FIRST,
    SECOND,
    THIRD,
    FOURTH,
    ASK,
    DELETED_RUNS,
    ALERT_DELIVERIES,
    REMOVED_FILES,
)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the tables up to date in one transaction: the store is then as it was, or all new.

    Raises StoreError, and changes nothing, when a newer Whytree made the tables.
    """
    connection.execute("create table if not exists migrations (number bigint not null, applied_at timestamp)")
    row = connection.execute("select coalesce(max(number), 0) from migrations").fetchone()
    done = int(row[0]) if row else 0
    if done > len(MIGRATIONS):
        raise StoreError(
            f"This store was made by a newer Whytree (tables {done}, known here {len(MIGRATIONS)}). "
            f"It was left as it is: start that version, or set WHYTREE_DATA to another folder."
        )
    if done == len(MIGRATIONS):
        return
    numbers = range(done + 1, len(MIGRATIONS) + 1)
    connection.execute("begin")
    connection.execute("".join(MIGRATIONS[done:]))
    connection.execute("insert into migrations select unnest(?), now()::timestamp", [list(numbers)])
    connection.execute("commit")
