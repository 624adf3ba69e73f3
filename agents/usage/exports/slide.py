"""One slide for the steering meeting: the message, six key figures, two native charts, what to know."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, cast

import pandas as pd
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.util import Inches, Pt

from agents.tree.draw.palette import LIGHT
from agents.tree.exports.measure import shortened
from agents.tree.exports.slides.drawing import FONT, colour, put_bar, put_text
from agents.tree.exports.slides.page import FOOTER, HEIGHT, MARGIN, TITLE, WIDTH, Area
from agents.usage import words
from agents.usage.exports.findings import findings, headline
from agents.usage.exports.harmless import harmless, named, visible
from agents.usage.exports.sheets import OTHER, over_time
from agents.usage.exports.workbook import COLOURS
from agents.usage.month import MonthToDate, month_to_date
from agents.usage.tiles import Tile, tiles
from storage.runs import Environment
from storage.usage import spend
from storage.usage.figure import Reader
from storage.usage.filters import Filters

TITLE_ONLY, TITLE_SIZE = 5, 22
SHOWN = ("spend", "cost_per_diagnosis", "success_rate", "p95_latency", "saved_by_cache")
"""Tiles on the slide, before that of the month."""
TITLES = {"cost_per_diagnosis": "Cost per diagnosis"}
"""Of tiles whose own is too long here."""
TILES = Area(MARGIN, 1.35, WIDTH - 2 * MARGIN, 1.15)
CHARTS = Area(MARGIN, 2.65, WIDTH - 2 * MARGIN, 2.95)
NOTES = Area(MARGIN, 5.72, WIDTH - 2 * MARGIN, 1.2)
GAP = 0.15
TOP_MODELS, TOP_AGENTS = 5, 8


def to_slide(reader: Reader, filters: Filters, at: datetime, counted: Environment = "live") -> bytes:
    """The file's bytes."""
    found = {tile.key: tile for tile in tiles(reader, filters)}
    month = month_to_date(reader, filters, at, counted)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    _title(slide, headline(found["spend"], month, filters))
    _tiles(slide, [found[key] for key in SHOWN], month, filters)
    _spend_chart(slide, reader, filters)
    _agent_chart(slide, reader, filters)
    _notes(slide, findings(reader, filters, found, month))
    limited = words.limited_to(filters)
    stamp = f"Whytree, {words.days(filters)}; {limited}; made {at:%Y-%m-%d %H:%M} UTC"
    put_text(slide, FOOTER, shortened(visible(stamp), 9, FOOTER.width, 1), 9, ink=LIGHT.line)
    deck.core_properties.title = f"Usage and cost, {words.days(filters)}"
    deck.core_properties.author = "Whytree"
    deck.core_properties.created = at
    sink = BytesIO()
    deck.save(sink)
    return sink.getvalue()


def _title(slide: Any, text: str) -> None:
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = (
        Inches(size) for size in (TITLE.left, TITLE.top, TITLE.width, TITLE.height)
    )
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = shortened(visible(text), TITLE_SIZE, TITLE.width * 0.88, 2)
    paragraph = frame.paragraphs[0]
    paragraph.alignment = 1
    font = paragraph.runs[0].font
    font.size, font.name, font.bold, font.color.rgb = Pt(TITLE_SIZE), FONT, True, colour(LIGHT.ink)


def _tiles(slide: Any, found: Sequence[Tile], month: MonthToDate, filters: Filters) -> None:
    """Title, value, and the change or the range below it."""
    shown = [(TITLES.get(tile.key, tile.title), _value(tile, filters), _beside(tile)) for tile in found]
    shown.append(_month_tile(month, filters))
    width = (TILES.width - GAP * (len(shown) - 1)) / len(shown)
    for number, (title, value, beside) in enumerate(shown):
        left = TILES.left + number * (width + GAP)
        put_bar(slide, Area(left, TILES.top, width, 0.04), LIGHT.shades[-1].fill)
        for text, size, top, height, lines, bold in (
            (title, 11, 0.1, 0.22, 1, False),
            (value, 20, 0.32, 0.42, 1, True),
            (beside, 9, 0.76, 0.38, 2, False),
        ):
            fitted = shortened(text, size, width * 0.97, lines)
            area = Area(left, TILES.top + top, width, height)
            put_text(slide, area, fitted, size, bold=bold, ink=LIGHT.line if size == 9 else LIGHT.ink)


def _value(tile: Tile, filters: Filters) -> str:
    if tile.value is None:
        return words.UNKNOWN
    if tile.unit == "money":
        return words.money(Decimal(tile.value), filters.currency)
    shown = {"share": words.share, "seconds": words.seconds}
    return shown[tile.unit](float(tile.value)) if tile.unit in shown else words.count(int(tile.value))


def _beside(tile: Tile) -> str:
    change = words.change(tile.change)
    if tile.unit == "share" and tile.previous is not None:
        change = f"{words.share(float(tile.previous))} before"
    return ". ".join(part.rstrip(".") for part in (change, *tile.notes[:1]) if part)


def _month_tile(month: MonthToDate, filters: Filters) -> tuple[str, str, str]:
    currency = filters.currency
    if month.forecast is None:
        return "Month's end", words.UNKNOWN, "Too few days to tell"
    end = month.forecast.month_end
    beside = ""
    if end.low is not None and end.high is not None:
        beside = f"{words.money(end.low, currency)} to {words.money(end.high, currency)} in 8 of 10 cases"
    if month.standing is not None:
        beside = f"Budget {words.money(month.standing.allowed, currency)}. {beside}"
    return "Month's end, expected", words.money(end.expected, currency), beside


def _spend_chart(slide: Any, reader: Reader, filters: Filters) -> None:
    table = over_time(reader, filters, TOP_MODELS)
    chart = table.chart
    if chart is None or table.figure.frame.empty:
        return
    frame = table.figure.frame
    data: Any = cast(Any, CategoryChartData)(number_format="#,##0.00")
    data.categories = [day.date() for day in frame[chart.category]]
    for name in chart.series:
        data.add_series(harmless(name), [None if pd.isna(v) else float(v) for v in frame[name]])
    area = Area(CHARTS.left, CHARTS.top, CHARTS.width * 0.62, CHARTS.height)
    drawn = _chart(slide, area, XL_CHART_TYPE.COLUMN_STACKED, data, chart.title)
    drawn.has_legend = True
    drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    drawn.legend.font.size = Pt(9)
    drawn.category_axis.tick_labels.number_format = "d mmm"
    drawn.category_axis.tick_labels.number_format_is_linked = False


def _agent_chart(slide: Any, reader: Reader, filters: Filters) -> None:
    frame = spend.breakdown(reader, filters, ("agent",)).frame
    known = frame[frame["cost_amount"].notna()]
    if known.empty:
        return
    shown = known.head(TOP_AGENTS) if len(known) > TOP_AGENTS + 1 else known
    bars = [
        (harmless(named("agent", name)), float(cost))
        for name, cost in zip(shown["agent"], shown["cost_amount"], strict=True)
    ]
    if rest := known["cost_amount"].iloc[len(shown) :].tolist():
        bars.append((OTHER, float(sum(rest))))
    data: Any = cast(Any, CategoryChartData)(number_format="#,##0.00")
    data.categories = [name for name, _ in reversed(bars)]
    data.add_series("Spend", [cost for _, cost in reversed(bars)])
    left = CHARTS.left + CHARTS.width * 0.62 + GAP
    area = Area(left, CHARTS.top, CHARTS.width * 0.38 - GAP, CHARTS.height)
    drawn = _chart(slide, area, XL_CHART_TYPE.BAR_CLUSTERED, data, f"Spend by agent ({filters.currency})")
    drawn.has_legend = False
    drawn.value_axis.visible = drawn.value_axis.has_major_gridlines = False
    plot = drawn.plots[0]
    plot.has_data_labels = True
    plot.data_labels.font.size = Pt(9)
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = "#,##0.00", False


def _chart(slide: Any, area: Area, kind: Any, data: Any, title: str) -> Any:
    place = [Inches(size) for size in (area.left, area.top, area.width, area.height)]
    shape = slide.shapes.add_chart(kind, *place, data)
    shape.name = title
    chart = shape.chart
    chart.font.name, chart.font.size = FONT, Pt(9)
    chart.has_title = True
    chart.chart_title.include_in_layout = False
    frame = chart.chart_title.text_frame
    frame.text = title
    frame.paragraphs[0].runs[0].font.size, frame.paragraphs[0].runs[0].font.bold = Pt(12), True
    chart.value_axis.major_gridlines.format.line.color.rgb = colour("#E3E6EA")
    chart.value_axis.format.line.fill.background()
    chart.plots[0].gap_width = 40
    for number, series in enumerate(chart.plots[0].series):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour(COLOURS[number % len(COLOURS)])
    return chart


def _notes(slide: Any, sentences: Sequence[str]) -> None:
    size, line = 11, 0.2
    for number, sentence in enumerate(sentences[: round(NOTES.height / line)]):
        area = Area(NOTES.left, NOTES.top + number * line, NOTES.width, line)
        put_text(slide, area, shortened(visible(sentence), size, NOTES.width * 0.97, 1), size)
