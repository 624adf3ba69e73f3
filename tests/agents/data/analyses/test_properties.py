"""What holds for any table: parts add up to wholes, and nothing missing is taken for a number."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.data.analyses.run import analyse
from agents.data.answer import DataAnswer
from agents.data.attachment import Attachment
from agents.data.request import BreakdownRequest, CompareRequest, Measure, Period, TotalRequest, TrendRequest
from agents.data.sandbox import Sandbox

Rows = list[tuple[Any, ...]]
BEFORE = Period(start=date(2023, 1, 1), end=date(2024, 1, 1), label="2023")
AFTER = Period(start=date(2024, 1, 1), end=date(2025, 1, 1), label="2024")
MONEY = st.integers(-10_000_000, 10_000_000).map(lambda cents: cents / 100)
VALUES = st.one_of(st.none(), MONEY, st.just(math.nan))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["north", "south", "İzmir", None]),
        st.dates(date(2023, 1, 1), date(2024, 12, 31)),
        VALUES,
    ),
    min_size=1,
    max_size=40,
)
TABLES = st.lists(ROWS, min_size=1, max_size=6)
"""Several at once: to start the process that reads them costs more than all that is asked of one."""
SLOW = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("random")


def attached(folder: Path, tables: list[Rows]) -> Iterator[tuple[Sandbox, str, Rows]]:
    """Each table with its name, and the sandbox that has them all."""
    files = [written(folder / f"t{number}.parquet", rows) for number, rows in enumerate(tables)]
    with Sandbox([Attachment(file.name, file) for file in files]) as sandbox:
        for file, rows in zip(files, tables, strict=True):
            yield sandbox, file.stem, rows


def written(file: Path, rows: Rows) -> Path:
    region, day, value = (list(column) for column in zip(*rows, strict=True))
    columns = {
        "region": pa.array(region, pa.string()),
        "day": pa.array(day),
        "value": pa.array(value, pa.float64()),
    }
    pq.write_table(pa.table(columns), file)
    return file


def cents(value: Any) -> int:
    """An amount in cents; a missing one counts for nothing."""
    return 0 if value is None else round(value * 100)


def finite(rows: Rows) -> list[float]:
    return [value for _, _, value in rows if value is not None and math.isfinite(value)]


def run(sandbox: Sandbox, request: Any) -> DataAnswer:
    return analyse(sandbox, request, "as chosen")


@SLOW
@given(TABLES)
def test_the_groups_of_a_breakdown_add_up_to_the_total(folder: Path, tables: list[Rows]) -> None:
    measure = Measure(how="sum", column="value")
    for sandbox, table, rows in attached(folder, tables):
        parts = run(sandbox, BreakdownRequest(table=table, measure=measure, by=("region",))).tables[0]
        total = run(sandbox, TotalRequest(table=table, measure=measure)).tables[0]
        expected = sum(cents(value) for value in finite(rows))
        assert sum(cents(value) for value in parts.values("sum of value")) == expected
        assert cents(total.rows[0][0]) == expected
        assert sum(int(str(count)) for count in parts.values("rows of group")) == len(rows)
        assert set(parts.values("region")) == {region for region, _, _ in rows}


def between_years(table: str, measure: Measure) -> CompareRequest:
    return CompareRequest(table=table, measure=measure, time="day", before=BEFORE, after=AFTER, by="region")


@SLOW
@given(TABLES)
def test_contributions_add_up_to_the_change(folder: Path, tables: list[Rows]) -> None:
    for sandbox, table, _ in attached(folder, tables):
        for measure in (Measure(how="sum", column="value"), Measure(how="count")):
            whole, parts = run(sandbox, between_years(table, measure)).tables
            change = cents(whole.value(0, "change"))
            assert sum(cents(value) for value in parts.values("contribution")) == change
            shares = [share for share in parts.values("share of change") if isinstance(share, int | float)]
            assert not shares or sum(shares) == pytest.approx(1)


@SLOW
@given(TABLES)
def test_contributions_to_a_mean_add_up_to_its_change(folder: Path, tables: list[Rows]) -> None:
    for sandbox, table, _ in attached(folder, tables):
        whole, parts = run(sandbox, between_years(table, Measure(how="mean", column="value"))).tables
        change = whole.value(0, "change")
        if change is not None:
            total = sum(value for value in parts.values("contribution") if isinstance(value, int | float))
            assert total == pytest.approx(change, abs=1e-6)


@SLOW
@given(TABLES)
def test_missing_values_and_nan_are_told_apart_and_left_out(folder: Path, tables: list[Rows]) -> None:
    for sandbox, table, rows in attached(folder, tables):
        answer = run(sandbox, TotalRequest(table=table, measure=Measure(how="mean", column="value")))
        column = sandbox.table(table).columns[2]
        values = [value for _, _, value in rows]
        nan = sum(value is not None and math.isnan(value) for value in values)
        assert (column.missing, column.not_a_number) == (values.count(None), nan)
        known = finite(rows)
        mean = answer.tables[0].rows[0][0]
        assert mean == (pytest.approx(sum(known) / len(known), abs=1e-6) if known else None)
        texts = " ".join(finding.text for finding in answer.findings)
        assert ("no finite number" in texts) == (nan > 0)
        assert ("have no value" in texts) == (None in values)


@SLOW
@given(TABLES)
def test_the_stretches_of_a_trend_add_up_to_the_total(folder: Path, tables: list[Rows]) -> None:
    for sandbox, table, rows in attached(folder, tables):
        request = TrendRequest(
            table=table, measure=Measure(how="sum", column="value"), time="day", grain="month"
        )
        months = run(sandbox, request).tables[0]
        assert sum(cents(value) for value in months.values("sum of value")) == sum(map(cents, finite(rows)))
        assert list(months.values("month")) == sorted({f"{day:%Y-%m}" for _, day, _ in rows})
