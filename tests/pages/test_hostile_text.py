"""Whatever people type is shown letter for letter wherever a page draws it, and interpreted nowhere."""

import json
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from agents.workbench import Who, Workbench
from pages.ui.text import plain
from tests.conftest import Diagnose, Play
from tests.pages.conftest import See
from tests.pages.screen import Screen, texts

CANARY = "Canary"
HOSTILE = {
    "html": '<img src="http://203.0.113.7/x.png" onerror=alert(1)><script>alert(2)</script>',
    "markdown": "![x](http://203.0.113.7/x.png) [y](javascript:alert(1)) **b** _i_ `c` # h > q",
    "braces": "{braces} {0} {{x}} %s %(name)s ${HOME} {__class__}",
    "latex": r"$\frac{1}{2}$ costs $5 to $10",
    "icon": ":material/home: :smile: :100: :+1:",
    "colour": ":red[x] :blue-background[y] :badge[z]",
    "sql": "'; drop table runs; -- \" ' or '1'='1",
    "right_to_left": "انخفضت المبيعات \u202eabc\u202c ירידה",
    "emoji": "sales 📉 👩‍👩‍👧‍👦 🏳️‍🌈",
    "signs": "20 -> 10 <- -- >= <= ~= <->",
    "links": "http://203.0.113.7/a www.example.com me@example.com",
    "list": "1. one 2) two - three + four",
    "table": "| a | b | --- | --- |",
    "entities": "&lt;b&gt; &amp; &#60;",
}
INTERPRETS_NOTHING = {
    ("text", "body"),
    ("text_input", "default"),
    ("text_input", "value"),
    ("text_area", "default"),
    ("text_area", "value"),
    ("selectbox", "options"),
    ("selectbox", "raw_value"),
    ("plotly_chart", "alt"),
    ("graphviz_chart", "alt"),
}
"""Element and field in which the browser shows text as it stands."""
COLUMNS = "columns"
"""Field with the settings of a grid's columns, as JSON: their help is read as Markdown."""
DRAWN = {("plotly_chart", "spec"), ("graphviz_chart", "spec"), ("arrow_data_frame", "data")}
"""Charts and grids: `charts.escape` and the tree's own quoting are tested there."""


def strings(value: object) -> Iterator[str]:
    """Every string of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def spoken(message: Message, kind: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Every string of an element, with the element's kind and the field's name."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for one in values:
            if isinstance(one, str) and field.name == COLUMNS:
                yield from (((kind, field.name), text) for text in strings(json.loads(one or "{}")))
            elif isinstance(one, str):
                yield (kind, field.name), one
            elif isinstance(one, Message):
                yield from spoken(one, kind)


def interpreted(page: Screen) -> list[str]:
    """Strings with the canary that the browser reads as Markdown."""
    parts = [*nodes(page.at.main), *nodes(page.at.sidebar)]
    pairs = [pair for kind, proto in parts for pair in spoken(proto, kind)]
    shown = INTERPRETS_NOTHING | DRAWN
    return [text for place, text in pairs if CANARY in text and place not in shown]


def nodes(block: object) -> Iterator[tuple[str, Message]]:
    """Every element and container with its kind."""
    for child in block.children.values():
        if isinstance(child.proto, Message):
            yield child.type, child.proto
        if hasattr(child, "children"):
            yield from nodes(child)


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    """One hostile text, to be found again."""
    return f"{CANARY} {request.param}"


def test_the_framing_shows_a_hostile_text_as_it_was_typed(see: See, bench: Workbench, text: str) -> None:
    page = see(bench.start(text, playbook_id="late_buses"))
    title = bench.view(page.run_id).title
    assert page.at.subheader[0].value == plain(title)
    assert all(plain(title) in source for source in interpreted(page))
    page.choose("kind", "late_buses").type("stated", text).click("Confirm and ask the first question")
    assert bench.view(page.run_id).text == text
    assert any(bar.stated for bar in bench.view(page.run_id).belief)


@pytest.mark.parametrize("name", ["html", "markdown", "braces", "right_to_left"])
def test_rounds_and_card_show_a_hostile_text_as_it_was_typed(
    see: See, bench: Workbench, diagnose: Diagnose, play: Play, name: str
) -> None:
    text = f"{CANARY} {HOSTILE[name]}"
    run_id = diagnose(bench, text=text, stated=text)
    label = next(bar.label for bar in bench.view(run_id).belief if bar.stated)
    page = see(run_id).type("note-", text).click_key("answer-")
    assert_plain(page, text, label)
    assert plain(label) in page.at.table[0].value.columns
    play(bench, run_id, "engines")
    bench.record_outcome(run_id, "drivers", text)
    page.reload()
    assert_plain(page, text, label)
    assert text in [element.value for element in page.at.text]
    assert plain(text) in [element.value for element in page.part("What was it").caption]
    assert plain(f"Note: {text}") in [element.value for element in page.part("Evidence").caption]
    assert label in page.part("What was it").selectbox[0].options


def assert_plain(page: Screen, text: str, label: str) -> None:
    """Wherever the page interprets Markdown, the text stands escaped."""
    found = interpreted(page)
    ways = [plain(text), plain(label), plain(f"Note: {text}"), page.at.subheader[0].value]
    assert found
    for source in found:
        assert any(way in source for way in ways), source


def test_a_run_id_in_a_link_is_not_read_as_markdown(see: See, bench: Workbench) -> None:
    page = see(f"[{CANARY}](http://203.0.113.7)")
    assert interpreted(page)
    assert all(plain(f"[{CANARY}](http://203.0.113.7)") in source for source in interpreted(page))


def test_recent_sessions_show_hostile_titles_as_they_were_typed(see: See, bench: Workbench) -> None:
    for hostile in HOSTILE.values():
        bench.start(f"{CANARY} {hostile}", playbook_id="late_buses")
    found = interpreted(see())
    titles = {plain(run.title) for run in bench.recent(Who())}
    assert len(titles) == 8
    assert titles <= set(found)


def test_a_text_of_20_000_characters_is_shown_whole(
    see: See, bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    long = CANARY + " buses" * 3_331 + " end"
    run_id = diagnose(bench, text=long)
    play(bench, run_id, "roads")
    assert long in texts(see(run_id).at.main)
