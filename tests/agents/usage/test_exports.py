"""Usage as files, each read back by another program's reader; all of them add up to the headline."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pptx import Presentation
from pptx.util import Emu

from agents.errors import NotFound
from agents.usage.exports import FORMS, Form, export, file_name
from benchmarks.make_usage import yesterday
from storage.db import Store
from storage.usage import spend
from storage.usage.figure import Reader
from storage.usage.filters import Filters, Span
from tests.usage_rows import NOON, call, record

Make = Callable[[Form], bytes]
EVIL = "=cmd|'/c calc'!A1"
HOSTILE = (EVIL, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "{=1}", "https://203.0.113.7/x", "a\x01b\ud800c", "ok")


@pytest.fixture(scope="module")
def reader(filled: Store) -> Reader:
    """Some weeks of usage."""
    return Reader.of(filled)


@pytest.fixture(scope="module")
def filters() -> Filters:
    """The last three weeks of it."""
    return Filters(Span(yesterday() - timedelta(days=20), yesterday()), environments=("demo",))


@pytest.fixture(scope="module")
def spent(reader: Reader, filters: Filters) -> Decimal:
    """The headline."""
    return Decimal(spend.sums(reader, filters).frame["cost_amount"].iloc[0])


@pytest.fixture(scope="module")
def make(reader: Reader, filters: Filters) -> Make:
    """Each form, made once."""
    at = datetime.combine(yesterday(), datetime.min.time()) + timedelta(hours=12)
    made: dict[Form, bytes] = {form: export(reader, filters, form, at) for form in FORMS}
    return made.__getitem__


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[Reader, Filters]]:
    """Usage whose every name would like to be a formula, a link or broken XML."""
    store = Store.open(tmp_path / "whytree.duckdb")
    names = [name.encode("utf-8", "replace").decode() for name in HOSTILE]
    for name in names:
        changes = {"request_model": name, "agent_name": name, "user_id": name, "project_id": name}
        record(store, call(provider_name=name, **changes), call(NOON - timedelta(days=2), **changes))
    yield Reader.of(store), Filters(Span(NOON.date(), NOON.date()))
    store.close()


def cells(book: Any) -> Iterator[Any]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from row


def table(book: Any, name: str) -> pd.DataFrame:
    rows = list(book[name].iter_rows(min_row=4, values_only=True))
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_csv_and_parquet_hold_the_same_lines_which_add_up_to_the_headline(make: Make, spent: Decimal) -> None:
    parquet = pq.read_table(io.BytesIO(make("parquet")))
    assert parquet.schema.field("cost_amount").type == pa.decimal128(38, 16)
    assert sum(amount for amount in parquet["cost_amount"].to_pylist() if amount is not None) == spent
    csv = pd.read_csv(io.BytesIO(make("csv")), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert list(csv.columns) == parquet.column_names
    assert len(csv) == parquet.num_rows
    assert sum(Decimal(amount) for amount in csv["cost_amount"] if amount) == spent
    assert b"select" in parquet.schema.metadata[b"sql"]


def test_an_unknown_cost_is_an_empty_cell_counted_beside_and_never_zero(make: Make) -> None:
    csv = pd.read_csv(io.BytesIO(make("csv")), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    unknown = csv[(csv["model"] == "quince-14b") & (csv["attempts"] == csv["unknown_prices"])]
    assert len(unknown) > 0
    assert set(unknown["cost_amount"]) == {""}


def test_every_breakdown_of_the_workbook_adds_up_to_the_headline_to_the_cent(
    make: Make, spent: Decimal
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make("xlsx")), data_only=True)
    for name in ("Models", "Providers", "Agents", "Projects", "Users", "Users and models"):
        assert table(book, name)["Cost (USD)"].sum() == pytest.approx(float(spent), abs=1e-6), name
    over_time = table(book, "Spend over time").drop(columns="Day").astype(float).sum().sum()
    assert over_time == pytest.approx(float(spent), abs=1e-6)
    overview = table(book, "Overview").set_index("Figure")["This period"]
    assert overview["Spend"] == pytest.approx(float(spent), abs=1e-6)


def test_the_workbook_has_native_charts_over_its_own_cells_and_tells_how_all_is_computed(make: Make) -> None:
    data = make("xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        drawn = parts.read("xl/charts/chart1.xml").decode()
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name]
    assert len(charts) == 11
    assert "'Spend over time'!" in drawn or "Spend over time" in drawn
    how = table(openpyxl.load_workbook(io.BytesIO(data)), "How computed")
    assert {"Spend", "Models", "Latency", "Reconcile"} <= set(how["Figure"])
    assert how["Query"].str.contains("select").all()


def test_the_slide_says_the_message_and_holds_two_editable_charts(make: Make, spent: Decimal) -> None:
    deck = Presentation(io.BytesIO(make("pptx")))
    (slide,) = deck.slides
    title = slide.shapes.title.text_frame.text
    assert f"USD {spent:,.2f} spent" in title
    assert "the month should end at USD" in title
    days, agents = (shape.chart for shape in slide.shapes if shape.has_chart)
    drawn = sum(value or 0 for series in days.plots[0].series for value in series.values)
    assert drawn == pytest.approx(float(spent), abs=1e-6)
    assert sum(agents.plots[0].series[0].values) == pytest.approx(float(spent), abs=1e-6)
    texts = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    for words in ("A finished diagnosis cost", "Largest change:", "failed most", "The reply cache saved"):
        assert words in texts
    book = openpyxl.load_workbook(io.BytesIO(days.part.chart_workbook.xlsx_part.blob))
    assert book.active.max_row > 20


def test_the_slide_of_an_earlier_period_names_the_month_that_is_forecast(reader: Reader) -> None:
    at = datetime.combine(yesterday(), datetime.min.time()) + timedelta(hours=12)
    before = at.date().replace(day=1) - timedelta(days=1)
    earlier = Filters(Span(before.replace(day=1), before), environments=("demo",))
    (slide,) = Presentation(io.BytesIO(export(reader, earlier, "pptx", at))).slides
    title = slide.shapes.title.text_frame.text
    assert f"{at:%B} should end at USD" in title
    assert "the month should" not in title


def test_the_files_count_budgets_as_the_page_does_and_say_whose_spend_counts(
    reader: Reader, filters: Filters
) -> None:
    title = (
        Presentation(io.BytesIO(export(reader, filters, "pptx", NOON))).slides[0].shapes.title.text_frame.text
    )
    assert title.endswith("; budgets count real spend alone")
    same = Presentation(io.BytesIO(export(reader, filters, "pptx", NOON, "demo"))).slides[0]
    assert "budgets count" not in same.shapes.title.text_frame.text
    for counted, note in (("live", "Budgets count real spend alone."), ("demo", "")):
        book = openpyxl.load_workbook(io.BytesIO(export(reader, filters, "xlsx", NOON, counted)))  # type: ignore[arg-type]
        (row,) = (row for row in book["Overview"].iter_rows() if row[0].value == "Budget of the month")
        assert (row[5].value or "") == note


def test_nothing_on_the_slide_leaves_it_or_lies_on_another_text(make: Make) -> None:
    deck = Presentation(io.BytesIO(make("pptx")))
    shapes = list(deck.slides[0].shapes)
    for shape in shapes:
        assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width + Emu(1)
        assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height + Emu(1)
    for n, one in enumerate(shapes):
        for other in shapes[n + 1 :]:
            apart = (
                one.left + one.width <= other.left + 1
                or other.left + other.width <= one.left + 1
                or one.top + one.height <= other.top + Emu(20_000)
                or other.top + other.height <= one.top + Emu(20_000)
            )
            assert apart, (one.name, other.name)


def test_no_name_becomes_a_formula_a_link_or_broken_xml_in_any_file(hostile: tuple[Reader, Filters]) -> None:
    reader, filters = hostile
    csv = export(reader, filters, "csv", NOON).decode("utf-8-sig")
    for line in csv.splitlines()[1:]:
        for cell in line.split(","):
            assert not cell.strip('"').startswith(("=", "+", "@", "\t", "{=", "-"))
    book = openpyxl.load_workbook(io.BytesIO(export(reader, filters, "xlsx", NOON)))
    assert not [cell for cell in cells(book) if cell.data_type == "f" or cell.hyperlink]
    assert any(cell.value == f"'{EVIL}" for cell in cells(book))
    deck = Presentation(io.BytesIO(export(reader, filters, "pptx", NOON)))
    for chart in (shape.chart for shape in deck.slides[0].shapes if shape.has_chart):
        inner = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        assert not [cell for cell in cells(inner) if cell.data_type == "f" or cell.hyperlink]
    told = pq.read_table(io.BytesIO(export(reader, filters, "parquet", NOON)))
    assert EVIL in told["model"].to_pylist()


def test_every_total_tells_the_calls_of_unknown_price_that_are_not_in_it(make: Make) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make("xlsx")), data_only=True)
    missing = table(book, "Overview").set_index("Figure")["What is not in it"]
    for name in ("Spend", "Cost per finished diagnosis", "Spent this month", "Expected by the month's end"):
        assert "of unknown price" in missing[name], name
    for name in (
        "Spend over time",
        "Models",
        "Users and models",
        "What changed",
        "Cost per work",
        "Reconcile",
    ):
        assert "of unknown price" in book[name]["A2"].value, name
    (slide,) = Presentation(io.BytesIO(make("pptx"))).slides
    lines = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    for start in ("A finished diagnosis cost", "Spend:", "Month:"):
        assert any(line.startswith(start) and "of unknown price" in line for line in lines), start


def test_a_period_without_a_call_still_makes_every_file(reader: Reader, filters: Filters) -> None:
    nothing = replace(filters, models=("never-asked",))
    for form in FORMS:
        assert len(export(reader, nothing, form, NOON)) > 100
    deck = Presentation(io.BytesIO(export(reader, nothing, "pptx", NOON)))
    assert "USD 0.00 spent" in deck.slides[0].shapes.title.text_frame.text


def test_a_form_that_is_not_known_is_refused_and_names_say_the_period(
    reader: Reader, filters: Filters
) -> None:
    with pytest.raises(NotFound, match="no export named “docx”"):
        export(reader, filters, "docx")  # type: ignore[arg-type]
    span = Span(datetime(2026, 11, 1).date(), datetime(2026, 11, 25).date())
    assert file_name(filters.within(span), "csv") == "whytree-usage-2026-11-01-to-2026-11-25.csv"
