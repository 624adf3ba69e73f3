"""The main job in a real browser: from a complaint to the drawn why-tree, the same wherever it is opened."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from agents.diagnosis.loading import load_library
from benchmarks.server import Server
from tests.browser.conftest import Visit

if TYPE_CHECKING:
    from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

COMPLAINT = "Our sales dropped 20 % this quarter, mostly in the north"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, to be restarted."""
    with Server(tmp_path_factory.mktemp("main_job"), environment={"WHYTREE_ENVIRONMENT": "test"}) as running:
        yield running


def causes() -> list[str]:
    """Labels of the causes that can lower sales."""
    return [cause.label for cause in load_library(None).playbooks["sales_fall"].causes]


def run_of(visitor: "Visitor") -> str:
    """The query that opens the visitor's run."""
    return f"run={parse_qs(urlsplit(visitor.page.url).query)['run'][0]}"


def concluded(visitor: "Visitor") -> "Visitor":
    """From the start to a conclusion, always by the first answer."""
    visitor.describe(COMPLAINT)
    while visitor.answers.count():
        visitor.answer()
    return visitor


def test_the_whole_job_ends_on_the_drawn_tree_and_is_the_same_wherever_it_is_opened(
    visit: Visit, server: Server
) -> None:
    analyst = concluded(visit())
    seen = analyst.seen()
    assert re.search(r"Decided, \d+ % of belief|Not decided", seen)
    drawn = analyst.drawn()
    assert all(label in drawn for label in causes())
    assert analyst.reload().seen() == seen
    run, other = run_of(analyst), visit(run_of(analyst))
    assert other.seen() == seen
    analyst.leave()
    other.leave()
    server.stop()
    server.start()
    assert visit(run).seen() == seen


def test_each_answer_shades_the_tree_by_the_new_belief(visit: Visit) -> None:
    analyst = visit().describe(COMPLAINT)
    before = analyst.drawn()
    after = analyst.answer().drawn()
    assert all(label in after for label in causes())
    assert after != before


def test_every_file_that_can_be_taken_away_is_what_it_says(visit: Visit) -> None:
    analyst = visit().describe(COMPLAINT).answer().leaving_the_question_by("Conclude now")
    files = {}
    for label in ("Memo", "Record as JSON", "Tree as SVG", "Tree as PNG"):
        with analyst.page.expect_download() as waited:
            analyst.click(label)
        files[label] = (waited.value.suggested_filename, waited.value.path().read_bytes())
    assert files["Memo"][0] == "whytree-our-sales-dropped-20-this-quarter-mostly-in-the.md"
    memo, record, svg, png = (content for _, content in files.values())
    assert [name.rsplit(".", 1)[1] for name, _ in files.values()] == ["md", "json", "svg", "png"]
    assert memo.decode().startswith(f"# {COMPLAINT}\n\n**Not decided.**")
    assert json.loads(record)["diagnosis"]["customer_stated_problem"] == COMPLAINT
    words = " ".join("".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    assert all(label in words for label in causes())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")


def test_a_session_can_be_played_by_keys_alone(visit: Visit) -> None:
    analyst = visit().describe(COMPLAINT)
    first, second = analyst.question, analyst.answers.nth(1).inner_text()
    analyst.press("2")
    assert second.split("\n")[0] in analyst.seen()
    assert analyst.question != first
    next_one = analyst.question
    analyst.press("D")
    assert "“Don't know” moves nothing and is remembered." in analyst.seen()
    analyst.press("U")
    assert analyst.question == next_one
    analyst.press("1").press("Shift+E")
    assert re.search("Decided, |Not decided", analyst.seen())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_is_wider_than_a_phone_and_page_and_tree_wear_the_same_scheme(
    visit: Visit, scheme: str
) -> None:
    analyst = visit(scheme=scheme).on_a_phone()
    assert analyst.overflow() <= 0
    analyst.page.get_by_label("The problem, in your words").fill(COMPLAINT)
    analyst.click("Start the diagnosis")
    analyst.page.get_by_role("button", name="Confirm and ask the first question").wait_for()
    assert analyst.overflow() <= 0
    analyst.click("Confirm and ask the first question").answers.first.wait_for()
    assert analyst.settled().overflow() <= 0
    analyst.leaving_the_question_by("Conclude now")
    assert analyst.overflow() <= 0
    page = analyst.page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    tree = analyst.tree.locator("polygon").first.evaluate("e => getComputedStyle(e).fill")
    assert is_dark(page) == is_dark(tree) == (scheme == "dark")


def is_dark(colour: str) -> bool:
    """True for a colour such as rgb(18, 24, 29)."""
    return sum(map(int, re.findall(r"\d+", colour)[:3])) < 3 * 128


def test_a_page_that_another_session_overtook_says_so_and_shows_what_holds(visit: Visit) -> None:
    first = visit().describe(COMPLAINT)
    second = visit(run_of(first))
    asked = second.question
    first.answer()
    second.answer(1)
    assert "Something else was done here in the meantime" in second.seen()
    assert second.question == first.question != asked


def test_a_key_pressed_twice_is_told_of_nobody_who_did_it(visit: Visit) -> None:
    analyst = visit().describe(COMPLAINT).answer()
    seen = analyst.leaving_the_question(lambda: [analyst.page.keyboard.press("1") for _ in "ab"]).seen()
    assert "Something else was done" not in seen
    assert "Two things were asked for" not in seen


def test_no_name_of_a_cause_is_cut_at_any_width(visit: Visit) -> None:
    analyst = visit().describe("Churn: customers cancel more often since spring")
    outside = """chart => [...chart.querySelectorAll('.ytick text')].filter(name => {
        const [box, all] = [name.getBoundingClientRect(), chart.getBoundingClientRect()];
        return box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 3;
    }).map(name => name.textContent)"""
    for width in (420, 720, 1024, 1280):
        analyst.page.set_viewport_size({"width": width, "height": 900})
        analyst.reload().seen()
        assert analyst.page.locator(".js-plotly-plot").first.evaluate(outside) == []


def test_ctrl_enter_confirms_from_the_radio_button_just_chosen_and_other_keys_work_after_it(
    visit: Visit,
) -> None:
    analyst = visit()
    analyst.page.get_by_label("The problem, in your words").fill(
        "Customers leave and sales dropped this quarter"
    )
    analyst.click("Start the diagnosis").settled()
    analyst.page.get_by_test_id("stRadio").get_by_role("radio").first.focus()
    analyst.page.keyboard.press("Space")
    analyst.page.get_by_role("button", name="Confirm and ask", disabled=False).wait_for()
    analyst.settled().page.keyboard.press("Control+Enter")
    analyst.answers.first.wait_for()
    first = analyst.settled().question
    assert analyst.press("1").question != first
