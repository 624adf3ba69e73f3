"""The tree workbench in a real browser: clicked, typed into, folded to a phone, taken away as files."""

import io
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pptx import Presentation

from agents.settings import Settings
from agents.tree.draw.echarts import MARGIN, WIDTHS, layouts
from agents.tree.draw.face import faces
from agents.tree.exports import EXPORTS
from agents.workbench import Who, Workbench
from benchmarks.server import Server
from tests.agents.tree.decks import assert_readable, nodes_shown
from tests.agents.tree.samples import sample
from tests.browser.conftest import close_tabs

pytestmark = pytest.mark.browser
DONE = "[data-test-script-state=notRunning]"
SIZES = (5, 25, 60)
GROUNDS: dict[str, Literal["light", "dark"]] = {"rgb(255, 255, 255)": "light", "rgb(18, 24, 29)": "dark"}
COMPLAINT = "Our profit fell although we sold as much as before"
FRAME = {
    "Which figure": "operating profit",
    "Which way": "fell",
    "By how much": "20 %",
    "Since or over when": "2026 against 2025",
    "Where": "all plants",
    "Trouble: what is, and what should be": "EUR 4 million instead of 5",
    "Whose problem it is": "Head of finance",
    "Solved when": "EUR 5 million again",
    "What an answer may not do or use, one a line": "No plant closes",
    "Who has a say or a stake, one a line": "Plant managers",
}


def finish_diagnosis(bench: Workbench) -> None:
    """A diagnosis of a fall in profit, answered until it stands."""
    run = bench.start(COMPLAINT, playbook_id="profit_fall")
    bench.confirm(run, bench.view(run).seq, "profit_fall")
    playbook = bench.playbooks["profit_fall"]
    while (view := bench.view(run)).phase == "asking":
        question = playbook.ask(view.questions[0].question_id)
        fitting = (a.id for a in question.answers if a.levels.get("volume_loss") == "typical")
        bench.answer(run, question.id, next(fitting, question.answers[0].id), view.seq)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[int, str]]]:
    """A server on a folder that holds a tree of each size."""
    folder = tmp_path_factory.mktemp("trees")
    bench = Workbench.open(Settings(data=folder, models=()))
    ids = {count: bench.trees.add(sample(count), Who(), "Drawn") for count in SIZES}
    finish_diagnosis(bench)
    bench.close()
    with Server(folder) as server:
        yield server, ids


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser whose pages meet no error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1400}, accept_downloads=True)
    context.set_default_timeout(30_000)
    trouble: list[str] = []
    context.on("weberror", lambda error: trouble.append(str(error.error)))
    yield context
    context.close()
    assert trouble == []


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page of its own in that browser."""
    yield window.new_page()
    close_tabs(window)


def open_tree(page: Page, kept: tuple[Server, dict[int, str]], count: int, width: int = 1280) -> Locator:
    """The drawing of a tree; the window is high enough for all of it."""
    server, ids = kept
    page.set_viewport_size({"width": width, "height": 1400})
    page.goto(f"{server.url}/tree?tree={ids[count]}")
    drawing = page.get_by_test_id("stEChartsChart")
    expect(drawing.locator("canvas").first).to_be_visible()
    page.locator(DONE).wait_for()
    return drawing


def middles(count: int, width: float) -> dict[str, tuple[float, float]]:
    """Where on the drawing the middle of each node's box is."""
    drawn = layouts(list(faces(sample(count).root)))
    fitting = [layout for layout, least in zip(drawn, (0, *WIDTHS[1:]), strict=True) if least <= width][-1]
    across = (width - 2 * MARGIN) / fitting.width
    down = max(layout.height for layout in drawn) / fitting.height
    return {
        box.face.node_id: (MARGIN + box.left * across + box.width / 2, MARGIN + box.middle * down)
        for box in fitting.boxes
    }


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("count", [5, 25])
def test_a_click_on_a_node_picks_it(
    page: Page, kept: tuple[Server, dict[int, str]], count: int, width: int
) -> None:
    drawing = open_tree(page, kept, count, width)
    texts = {face.node_id: face.text for face in faces(sample(count).root)}
    box = drawing.bounding_box()
    assert box is not None
    places = middles(count, box["width"])
    for node_id in (*list(texts)[:5], "else", "else", "root"):
        x, y = places[node_id]
        drawing.locator("canvas").first.click(position={"x": x, "y": y})
        chosen = page.get_by_role("combobox", name="Chosen node")
        expect(chosen).to_have_value(texts[node_id])


@pytest.mark.parametrize("count", SIZES)
def test_the_powerpoint_that_leaves_the_page_is_whole(
    page: Page, kept: tuple[Server, dict[int, str]], count: int
) -> None:
    open_tree(page, kept, count)
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=EXPORTS["pptx"].label).click()
    deck = Presentation(io.BytesIO(download.value.path().read_bytes()))
    said = " ".join(s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)
    assert "Version 1" in said
    for face in faces(sample(count).root):
        assert face.text in said


def test_the_tree_of_a_diagnosis_is_mended_half_undone_and_taken_away_as_a_powerpoint(
    page: Page, kept: tuple[Server, dict[int, str]]
) -> None:
    page.goto(f"{kept[0].url}/tree")
    page.get_by_role("button", name=COMPLAINT).click()
    page.get_by_role("combobox", name="Chosen node").click()
    page.get_by_role("option", name="Why did fixed spending climb?").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Why did fixed spending climb?")
    page.get_by_text("Kind of split", exact=True).first.click()
    page.get_by_text("These segments are all there can be").click()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    page.get_by_role("button", name="Mend it").click()
    expect(page.get_by_text("Version 3")).to_be_visible()
    page.get_by_role("tab", name="Work plan").click()
    for label, text in FRAME.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Due on, or first day of work").first.click()
    page.keyboard.type("20270301")
    page.get_by_role("button", name="Fill in", exact=True).click()
    expect(page.get_by_text("Version 4")).to_be_visible()
    for label, text in FRAME.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    page.get_by_role("button", name="Keep the frame").click()
    expect(page.get_by_text("Version 5")).to_be_visible()
    page.get_by_role("tab", name="Tree", exact=True).click()
    expect(page.get_by_text("Nothing to mend here.")).to_be_visible()
    for version in (4, 3):
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text(f"Version {version}", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=EXPORTS["pptx"].label).click()
    deck = Presentation(io.BytesIO(download.value.path().read_bytes()))
    assert_readable(deck)
    assert "cause.volume_loss" in nodes_shown(deck)


def test_a_cell_of_the_work_plan_is_typed_into_and_taken_back(
    page: Page, kept: tuple[Server, dict[int, str]]
) -> None:
    open_tree(page, kept, 5)
    page.get_by_role("tab", name="Work plan").click()
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(table.locator("[role=gridcell]").first).to_be_attached()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 60, box["y"] + 55)
    expect(table.locator("[role=gridcell][aria-selected=true]").first).to_be_attached()
    page.keyboard.press("Enter")
    cell, kept_cell = page.locator("#portal textarea"), table.locator("td", has_text="Changed by hand")
    expect(cell).to_be_focused()
    cell.fill("Changed by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2")).to_be_visible()
    expect(kept_cell).to_be_attached()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Version 1")).to_be_visible()
    expect(kept_cell).to_have_count(0)


def test_of_two_tabs_the_second_is_told_and_keeps_what_was_typed(
    page: Page, kept: tuple[Server, dict[int, str]]
) -> None:
    open_tree(page, kept, 25)
    other = page.context.new_page()
    open_tree(other, kept, 25)
    for tab, text in ((page, "Why one?"), (other, "Why two?")):
        tab.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    other.get_by_role("button", name="Keep", exact=True).click()
    expect(other.get_by_text("The tree was changed in the meantime")).to_be_visible()
    expect(other.get_by_role("combobox", name="Chosen node")).to_have_value("Why one?")


@pytest.mark.parametrize("count", SIZES)
def test_the_page_is_no_wider_than_a_phone(
    page: Page, kept: tuple[Server, dict[int, str]], count: int
) -> None:
    open_tree(page, kept, count, 420)
    wider = "e => Math.max(e.scrollWidth, document.documentElement.scrollWidth) - window.innerWidth"
    for ground, scheme in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        page.locator(DONE).wait_for()
        assert page.get_by_test_id("stMain").evaluate(wider) <= 0
