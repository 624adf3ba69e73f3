"""On a phone what an act led to is in the window, and the focus is there; nothing else is moved."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import OpenTab, Visit
from tests.browser.test_diagnosis import COMPLAINT, run_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

VERDICT = "h3:below(:text('% of belief')), h3:below(:text('Not decided'))"
IN_SIGHT = """element => {
    const box = element.getBoundingClientRect()
    const header = document.querySelector("[data-testid=stHeader]").getBoundingClientRect()
    return box.height > 0 && box.top >= header.bottom && window.innerHeight >= box.bottom
}"""
"""True for an element that is in the window as a whole, not under the header."""


def is_in_sight(element: "Locator") -> bool:
    """True when a person sees all of it without scrolling."""
    return bool(element.evaluate(IN_SIGHT))


def has_come_to(heading: "Locator") -> bool:
    """True when a heading is in sight and has the focus, as soon as the focus is there."""
    from playwright.sync_api import expect

    expect(heading).to_be_focused()
    return is_in_sight(heading)


def scrolled(page: "Page") -> float:
    """Pixels by which the page is scrolled."""
    return float(page.get_by_test_id("stMain").evaluate("e => e.scrollTop"))


def test_on_a_phone_every_question_its_first_answer_and_the_verdict_come_into_sight(visit: Visit) -> None:
    analyst = visit().on_a_phone().describe(COMPLAINT)
    asked = 0
    while analyst.answers.count():
        assert has_come_to(analyst.page.locator("h4"))
        assert is_in_sight(analyst.answers.first)
        asked += 1
        analyst.answer()
    assert asked > 1
    assert has_come_to(analyst.page.locator(VERDICT).first)


def test_undo_and_an_early_end_on_a_phone_lead_to_what_they_show(visit: Visit) -> None:
    analyst = visit().on_a_phone().describe(COMPLAINT)
    analyst.answer().leaving_the_question_by("Undo the last answer")
    assert has_come_to(analyst.page.locator("h4"))
    assert is_in_sight(analyst.answers.first)
    analyst.leaving_the_question_by("Conclude now")
    assert has_come_to(analyst.page.locator(VERDICT).first)
    analyst.click("New problem")
    assert has_come_to(analyst.page.get_by_role("heading", name="What went wrong?"))


def test_what_a_refused_act_has_to_say_comes_into_sight_on_a_phone(visit: Visit) -> None:
    from playwright.sync_api import expect

    late = visit().on_a_phone().describe(COMPLAINT)
    visit(run_of(late)).answer()
    late.answer(1)
    told = late.page.get_by_text("Something else was done here in the meantime")
    expect(told).to_be_in_viewport(ratio=1)
    assert is_in_sight(told)


def test_a_wide_window_that_shows_it_all_is_not_scrolled_and_the_focus_follows(visit: Visit) -> None:
    analyst = visit().describe(COMPLAINT)
    assert has_come_to(analyst.page.locator("h4"))
    assert scrolled(analyst.page) == 0
    analyst.press("1")
    assert has_come_to(analyst.page.locator("h4"))
    assert scrolled(analyst.page) == 0


def test_whoever_types_keeps_focus_and_place(visit: Visit) -> None:
    from playwright.sync_api import expect

    analyst = visit().describe(COMPLAINT)
    assert has_come_to(analyst.page.locator("h4"))
    analyst.page.locator(".st-key-identity summary").click()
    field = analyst.page.get_by_role("combobox", name="User")
    field.focus()
    analyst.leaving_the_question(
        lambda: analyst.answers.first.get_by_role("button").evaluate("e => e.click()")
    )
    expect(field).to_be_focused()


def test_a_step_of_a_demo_on_a_phone_shows_the_next_question_and_keeps_the_keys_at_hand(
    open_tab: OpenTab,
) -> None:
    from playwright.sync_api import expect

    tab = open_tab()
    tab.set_viewport_size({"width": 420, "height": 800})
    tab.goto("/present?playbook=sales_fall&seed=42")
    step, answers = tab.get_by_role("button", name="Step"), tab.locator("[class*='st-key-answer-']")
    for number in (2, 3):
        step.click()
        expect(tab.get_by_text(f"Question {number} of at most")).to_be_visible()
        tab.locator("[data-test-script-state=notRunning]").wait_for()
        expect(answers.first).to_be_in_viewport(ratio=1)
        assert all(is_in_sight(part) for part in (tab.locator("h2"), answers.first, step))
    tab.get_by_role("button", name="Reveal now").click()
    assert has_come_to(tab.locator("h1"))


def test_on_a_phone_another_page_a_run_and_a_new_run_begin_at_their_top(
    visit: Visit, open_tab: OpenTab
) -> None:
    from playwright.sync_api import expect

    analyst = visit().on_a_phone().describe(COMPLAINT)
    run = run_of(analyst)
    analyst.leaving_the_question_by("Conclude now").click("Edit as a problem tree")
    assert has_come_to(analyst.page.locator("h1, h2, h3").first)
    assert scrolled(analyst.page) == 0

    tab = open_tab()
    tab.set_viewport_size({"width": 420, "height": 600})
    tab.goto("/runs")
    table = tab.get_by_test_id("stDataFrame").locator(".dvn-scroller")
    table.scroll_into_view_if_needed()
    assert scrolled(tab) > 0
    table.click(position={"x": 60, "y": 52})
    assert has_come_to(tab.locator("h3").first)
    assert scrolled(tab) == 0

    tab.goto(f"/runs?{run}")
    tab.locator("summary", has_text="Branch off from here").click()
    tab.get_by_role("button", name="Branch off").last.click()
    told = tab.get_by_text("This is a new run, branched off from another one")
    expect(told).to_be_visible()
    assert is_in_sight(told)
    assert scrolled(tab) == 0
