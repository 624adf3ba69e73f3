"""SQL on attached tables: what is refused, what is stopped, and what is still allowed."""

from collections.abc import Iterator

import pytest

from agents.data.attachment import Attachment
from agents.data.limits import Limits
from agents.data.sandbox import Sandbox
from agents.errors import Refused

TABLE = "a,b,c\n" + "\n".join(f"{n},{n % 7},text {n}" for n in range(2_000)) + "\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Stops and kills as always, only sooner."""
    with Sandbox([Attachment("t.csv", TABLE.encode())], Limits(query_seconds=2.5)) as opened:
        yield opened


def test_the_usual_limit_leaves_time_to_kill_within_ten_seconds() -> None:
    assert Limits().query_seconds < 10


REFUSED = {
    "reads a file": "select * from read_csv('/etc/passwd')",
    "reads text": "select * from read_text('/etc/passwd')",
    "reads bytes": "select * from read_blob('/etc/*')",
    "reads JSON": "select * from read_json_auto('/etc/passwd')",
    "reads Parquet": "select * from parquet_scan('x.parquet')",
    "reads another database": "select * from read_duckdb('x.duckdb')",
    "lists files": "select * from glob('/etc/*')",
    "names a file as a table": "select * from '/etc/passwd'",
    "names a CSV file as a table": "from 'secrets.csv'",
    "hides a file in a subquery": "select (select count(*) from '/etc/passwd') from t",
    "hides a file in a condition": "select * from t where exists (select * from read_text('/etc/passwd'))",
    "hides a file in a join": "select * from t left join read_csv('/etc/passwd') f on true",
    "hides a file in a common table": "with x as (select * from read_csv('/etc/passwd')) select * from x",
    "gives a common table a system table's name": "with sqlite_master as (from sqlite_master) "
    "from sqlite_master",
    "uses a common table out of its scope": "select (with u as (select 1) from u) from duckdb_settings",
    "hides behind comments": "select/**/* from/* t */read_csv/* */('/etc/passwd') -- from t",
    "ends a comment early": "select 1 /* */ ; copy t to '/tmp/x' --",
    "hides behind upper case": "SELECT * FROM READ_CSV('/etc/passwd')",
    "hides behind a quoted name": "select * from \"read_csv\"('/etc/passwd')",
    "uses a function as a method": "select '/etc/passwd'.read_text()",
    "names a function's catalog": "select system.main.current_setting('memory_limit')",
    "is two statements": "select 1; select 2",
    "is a second statement that drops": "select 1; drop table t",
    "copies out": "copy t to '/tmp/out.csv'",
    "copies in": "copy t from '/etc/passwd'",
    "attaches": "attach '/tmp/x.duckdb' as x",
    "detaches": "detach memory",
    "installs": "install httpfs",
    "loads": "load httpfs",
    "sets": "set memory_limit = '100GB'",
    "resets": "reset memory_limit",
    "pragma": "pragma database_list",
    "calls": "call pragma_version()",
    "inserts": "insert into t values (1, 2, 'x')",
    "updates": "update t set a = 1",
    "deletes": "delete from t",
    "creates": "create table u as select * from t",
    "drops": "drop table t",
    "alters": "alter table t drop column a",
    "makes a macro": "create macro f() as table select * from read_csv('/etc/passwd')",
    "exports": "export database '/tmp/x'",
    "imports": "import database '/tmp/x'",
    "prepares": "prepare p as select 1",
    "explains": "explain analyze select * from t",
    "begins": "begin transaction",
    "checkpoints": "checkpoint",
    "vacuums": "vacuum",
    "shows tables": "show tables",
    "describes": "describe t",
    "summarises": "summarize t",
    "reads settings": "select * from duckdb_settings()",
    "reads one setting": "select current_setting('memory_limit')",
    "reads secrets": "select * from duckdb_secrets()",
    "reads the catalog": "select * from sqlite_master",
    "reads the information schema": "select * from information_schema.tables",
    "reads PostgreSQL's catalog": "select * from pg_catalog.pg_class",
    "reads the environment": "select getenv('HOME')",
    "reads a variable": "select getvariable('x')",
    "runs SQL from a text": "select * from query('select 1')",
    "names a table by a text": "select * from query_table('t')",
    "runs SQL from JSON": "select * from json_execute_serialized_sql('{}')",
    "writes the log": "select write_log('x')",
    "sleeps": "select sleep_ms(60000)",
    "counts a sequence": "select nextval('s')",
    "makes long texts": "select repeat('x', 4000000000)",
    "pads texts": "select lpad('x', 4000000000, 'x')",
    "prints wide": "select printf('%4000000000d', 1)",
    "makes long lists": "select range(1000000000)",
    "reduces a list": "select list_reduce([1, 2], lambda x, y: x + y)",
    "has a parameter": "select $1",
    "asks for an old version": "select * from t at (version => 1)",
    "has times with a zone": "select '2024-01-01'::timestamptz",
    "reads the clock with a zone": "select current_timestamp",
    "holds a NUL": "select 'a\x00b'",
    "holds half a character": "select '\ud800'",
    "is empty": "",
    "is only a comment": "-- nothing",
    "is not SQL": "sellect everything",
    "is not closed": "select 'x",
    "is nested too deeply": "select " + "abs(" * 900 + "1" + ")" * 900,
    "has too many terms": "select " + "+".join("1" * 5_000),
    "is too long": "select 1 -- " + "x" * 200_000,
    "names a column that is not there": "select nothing from t",
    "names a table that is not there": "select * from tt",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_sql_is_refused_when_it(sandbox: Sandbox, sql: str) -> None:
    with pytest.raises(Refused, match=r"Nothing was changed"):
        sandbox.query(sql)


STOPPED = {
    "joins a billion rows": "select count(*) from t x, t y, t z, t u",
    "sorts a billion rows": "select * from t x, t y, t z order by x.c || y.c || z.c",
    "never ends": "with recursive r as (select 1 as x union all select x + 1 from r) select count(*) from r",
    "doubles a text": "with d0 as (select c from t)"
    + "".join(f", d{n} as (select c || c as c from d{n - 1})" for n in range(1, 32))
    + " select length(c) from d31",
    "does not heed an interrupt": "select levenshtein(x, x || 'y') from "
    "(select string_agg(p.c, '') as x from t p, (from t limit 40) q)",
    "gathers a long text": "select length(string_agg(x.c, '')) from t x, t y, t z",
    "counts different values without end": "select count(distinct x.c || y.c || z.c) from t x, t y, t z",
    "joins two hundred tables": "select * from " + ", ".join(f"t t{n}" for n in range(200)) + " limit 1",
}


@pytest.mark.parametrize("sql", STOPPED.values(), ids=STOPPED.keys())
def test_sql_is_stopped_when_it(sandbox: Sandbox, sql: str) -> None:
    with pytest.raises(Refused, match=r"stopped after|of memory it may use"):
        sandbox.query(sql)
    assert sandbox.query("select count(*) from t").rows == ((2_000,),)


ALLOWED = {
    "a plain select": ("select sum(a) from t", 1_999_000),
    "a trailing semicolon and comments": ("select count(*) /* all; */ from t; -- done", 2_000),
    "a common table": ("with x as (select b from t where b > 3) select count(*) from x", 856),
    "nested common tables": ("with x as (with y as (select 1 as z) from y) select z from x", 1),
    "a recursion that ends": (
        "with recursive r as (select 1 as x union all select x + 1 from r where x < 10) select sum(x) from r",
        55,
    ),
    "a window": ("select max(n) from (select row_number() over (order by a) as n from t)", 2_000),
    "a union": ("select count(*) from (select a from t union all select b from t)", 4_000),
    "the table's name in another case": ("select count(*) from T", 2_000),
    "the table's schema": ("select count(*) from main.t", 2_000),
    "dates": ("select year(date '2024-05-01' + interval 1 year)", 2025),
    "text that looks like SQL": ("select 'drop table t; select * from read_csv()' = 'x'", False),
    "a table of numbers": ("select count(*) from range(10)", 10),
}


@pytest.mark.parametrize(("sql", "expected"), ALLOWED.values(), ids=ALLOWED.keys())
def test_sql_is_run_when_it_is(sandbox: Sandbox, sql: str, expected: object) -> None:
    assert sandbox.query(sql).rows == ((expected,),)
