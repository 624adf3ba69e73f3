"""The sandbox: its tables, its walls, and how it goes on after a query had to be killed."""

import math
import os
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.data.engine import Engine
from agents.data.limits import MIB, Limits
from agents.data.sandbox import Sandbox
from agents.errors import BadInput, Refused, WhytreeError

TABLE = "name,value\nx,1\ny,2\n"
KILLING = "select levenshtein(x, x || 'y') from (select string_agg(p.name, '') as x from t p, range(100000))"


def test_the_engine_itself_reads_no_file_once_the_tables_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.data.engine.open_no_more_files", lambda: None)
    file = tmp_path / "t.csv"
    file.write_text(TABLE)
    engine = Engine(Limits())
    engine.load([(file, "t.csv", "csv")])
    walls = [
        f"select * from read_csv('{file}')",
        f"copy t to '{tmp_path}/out.csv'",
        f"attach '{tmp_path}/x.duckdb'",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "install httpfs",
        "select * from frame",
    ]
    frame = pd.DataFrame({"secret": [1]})
    for sql in walls:
        with pytest.raises(Exception, match=r"(?i)disabled|locked|not exist|not allowed|cannot"):
            engine._connection.execute(sql)
    assert len(frame) == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="limits of a process are read from /proc")
def test_the_process_has_no_environment_of_ours_and_opens_no_more_files(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHYTREE_SECRET_KEY", "not for the child")
    sandbox = opened({"t.csv": TABLE})
    pid = sandbox._child._process.pid
    assert b"SECRET" not in Path(f"/proc/{pid}/environ").read_bytes()
    limits = Path(f"/proc/{pid}/limits").read_text()
    open_files = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert open_files.split()[3:5] == ["0", "0"]


def test_a_query_that_must_be_killed_leaves_the_sandbox_usable(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE}, Limits(query_seconds=2.0))
    with pytest.raises(Refused, match="stopped after 2 seconds"):
        sandbox.query(KILLING)
    assert sandbox.query("select sum(value) from t").rows == ((3,),)


def test_a_killed_query_of_a_file_that_is_gone_says_so(opened: Any, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(TABLE)
    sandbox = opened({"t.csv": file}, Limits(query_seconds=2.0))
    with pytest.raises(Refused, match="stopped"):
        sandbox.query(KILLING)
    file.unlink()
    with pytest.raises(WhytreeError, match="attach it again"):
        sandbox.query("select 1")


def test_a_closed_sandbox_ends_its_process_and_deletes_its_copies(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    pid, folder = sandbox._child._process.pid, Path(sandbox._folder.name)
    assert folder.exists()
    sandbox.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_several_threads_may_ask_at_once(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    found: list[object] = []

    def ask(n: int) -> None:
        found.append(sandbox.query(f"select {n} + sum(value) from t").rows[0][0])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [n + 3 for n in range(8)]


def test_a_result_is_cut_at_its_limit_and_says_so(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    result = sandbox.query("select * from range(100)", rows=10)
    assert (len(result.rows), result.complete) == (10, False)
    assert sandbox.query("select * from range(10)", rows=10).complete
    wide = sandbox.query("select string_agg(name, '') as x from t, range(20000)")
    assert len(str(wide.rows[0][0])) == sandbox.limits.cell_characters


def test_nan_infinity_and_null_stay_three_things(opened: Any, tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"x": pa.array([1.0, math.nan, None, math.inf])}), path)
    sandbox = opened({"f.parquet": path})
    column = sandbox.tables[0].columns[0]
    assert (column.values, column.missing, column.not_a_number) == (3, 1, 2)
    rows = sandbox.query("select x from f").rows
    assert rows == ((1.0,), ("NaN",), (None,), ("Infinity",))


def test_every_kind_of_value_comes_back_as_a_plain_one(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    moments = "date '2024-01-02', timestamp '2024-01-02 03:04:05'"
    sql = f"select 1::hugeint, 1.50::decimal(9,2), true, null, {moments}"
    plain = (1, 1.5, True, None, "2024-01-02", "2024-01-02 03:04:05")
    assert sandbox.query(sql).rows == (plain,)
    assert sandbox.query("select {'a': [1, 2]}, interval 1 day").rows == (('{"a": [1, 2]}', "1 day"),)


def test_a_file_that_needs_too_much_memory_is_refused_with_a_sentence(opened: Any) -> None:
    rows = "\n".join(f"{n},{n}" for n in range(2_000_000))
    limits = Limits(memory_bytes=32 * MIB, threads=1)
    with pytest.raises(BadInput, match="more than the 32 MB of memory"):
        opened({"big.csv": f"a,b\n{rows}\n"}, limits)


def test_several_files_are_several_tables_with_different_names(opened: Any) -> None:
    sandbox = opened({"Sales 2024.csv": TABLE, "sales-2024.csv": TABLE, "2024.csv": TABLE})
    assert [table.name for table in sandbox.tables] == ["sales_2024", "sales_2024_2", "t_2024"]
    sql = "select count(*) from sales_2024 join sales_2024_2 using (name)"
    assert sandbox.query(sql).rows == ((2,),)


def test_nothing_attached_is_an_error() -> None:
    with pytest.raises(BadInput, match="No table is attached"):
        Sandbox([])


EXACT = {
    "interval 14 months": "1 year 2 months",
    "interval '1 month 2 days 3 hours'": "1 month 2 days 03:00:00",
    "[interval 1 month]": "[1 month]",
    "date 'infinity'": "infinity",
    "timestamp '-infinity'": "-infinity",
    "date '9999-12-31'": "9999-12-31",
    "{'until': date 'infinity'}": "{'until': infinity}",
    "timestamp '2024-05-01 10:30:00.5'": "2024-05-01 10:30:00.5",
    "'inf'::double": "Infinity",
    "time '10:00:00'": "10:00:00",
}


def test_durations_and_infinite_days_are_shown_as_what_they_are(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    found = sandbox.query(f"select {', '.join(EXACT)} -- all of them").rows[0]
    assert dict(zip(EXACT, found, strict=True)) == EXACT


def test_rows_keep_the_order_that_was_asked_for_and_columns_may_share_a_name(opened: Any) -> None:
    sandbox = opened({"t.csv": TABLE})
    sql = "select date '2024-01-01' + i::int as d, i as d from range(3000) r(i) order by i desc;"
    found = sandbox.query(sql)
    assert [row[1] for row in found.rows] == sorted((row[1] for row in found.rows), reverse=True)
    assert found.rows[0] == ("2032-03-18", 2999)
