"""A demo from its start to the reveal in a real browser: by keys alone, in two tabs, by a link."""

import re
import shutil

import pytest

if shutil.which("chromium") is None:
    pytest.skip("Chromium is not installed; on Debian: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenTab
from tests.browser.visitor import DONE

pytestmark = pytest.mark.browser

LINK = "/present?playbook=sales_fall&character=truthful&seed=42"
RUN = re.compile(r"/present\?run=[\w-]+$")
PLAYED_OUT_MS = 60_000
MOST_TABS = 40


@pytest.fixture
def tab(open_tab: OpenTab) -> Page:
    """A tab of its own."""
    return open_tab()


def staged(tab: Page, address: str = LINK) -> Page:
    """The demo at this address, at its first question."""
    tab.goto(address)
    expect(question(tab, 1)).to_be_visible()
    return listening(tab)


def listening(tab: Page) -> Page:
    """The tab when it takes keys: React hangs them up after it has drawn the buttons, and the chart later."""
    expect(tab.locator(".js-plotly-plot .bars").first).to_be_visible()
    tab.locator(DONE).wait_for()
    return tab


def question(tab: Page, number: int) -> Locator:
    return tab.get_by_text(f"Question {number} of at most")


def revealed(tab: Page) -> Locator:
    return tab.get_by_text("The hidden cause was", exact=True)


def seed(tab: Page) -> str:
    return tab.get_by_text(re.compile(r"Seed \d+")).inner_text().split()[-1]


def press(tab: Page, key: str, until: str) -> None:
    """Press a key; the button of this name is its effect."""
    tab.keyboard.press(key)
    expect(tab.get_by_role("button", name=until)).to_be_visible()


def test_two_demos_with_different_seeds_are_given_by_keys_alone(tab: Page) -> None:
    tab.goto("/present")
    expect(tab.get_by_test_id("stNumberInputField")).to_be_visible()
    tab.locator(DONE).wait_for()
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("The real engine on simulated answers; nothing is scripted.")).to_be_visible()
    first = seed(listening(tab))
    press(tab, "s", "Speed: fast")
    press(tab, "Space", "Pause")
    expect(revealed(tab)).to_be_visible(timeout=PLAYED_OUT_MS)
    tab.keyboard.press("n")
    expect(question(tab, 1)).to_be_visible()
    assert seed(tab) != first
    expect(revealed(tab)).to_be_visible(timeout=PLAYED_OUT_MS)
    expect(tab.get_by_role("heading", name=re.compile("Right|Wrong|Not decided"))).to_be_visible()
    expect(tab.get_by_role("heading", name="Belief over time")).to_be_visible()
    expect(tab.get_by_text("A fixed questionnaire asked")).to_be_visible()


def test_the_choices_are_reached_and_a_seed_of_ones_own_is_started_by_keys_alone(tab: Page) -> None:
    staged(tab).keyboard.press("a")
    field = tab.get_by_test_id("stNumberInputField")
    expect(field).to_be_visible()
    tab.locator(DONE).wait_for()
    for _ in range(MOST_TABS):
        if field.evaluate("field => field === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("77")
    tab.keyboard.press("Control+Enter")
    expect(question(tab, 1)).to_be_visible()
    assert seed(tab) == "77"


def choose_by_keys(tab: Page, label: str, choice: str) -> None:
    """Walk to a list by Tab, open it, type until it offers one thing, take it."""
    field = tab.get_by_test_id("stSelectbox").filter(has_text=label).get_by_role("combobox")
    for _ in range(MOST_TABS):
        if field.evaluate("field => field === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.type(choice)
    expect(tab.get_by_role("option")).to_have_count(1)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("option")).to_have_count(0)
    tab.locator(DONE).wait_for()


def test_a_demo_of_a_chosen_client_starts_by_keys_alone_right_after_the_choice(tab: Page) -> None:
    tab.goto("/present")
    expect(tab.get_by_test_id("stNumberInputField")).to_be_visible()
    tab.locator(DONE).wait_for()
    choose_by_keys(tab, "Client", "vague")
    expect(tab.get_by_text("Often has no answer.")).to_be_visible()
    tab.keyboard.press("Control+Enter")
    expect(question(tab, 1)).to_be_visible()
    expect(tab.get_by_text("Vague client")).to_be_visible()


def test_a_training_starts_by_key_right_after_the_click_on_it_and_its_questions_are_asked_by_number(
    tab: Page,
) -> None:
    tab.goto("/present")
    tab.get_by_test_id("stSelectbox").filter(has_text="What for").get_by_role("combobox").click()
    tab.get_by_role("option", name=re.compile("Train")).click()
    expect(tab.get_by_role("button", name="Start training")).to_be_visible()
    tab.locator(DONE).wait_for()
    tab.keyboard.press("Control+Enter")
    expect(question(tab, 1)).to_be_visible()
    third = tab.locator("[class*='st-key-ask-']").nth(2).locator("p").first.inner_text().split(" (")[0]
    listening(tab).keyboard.press("3")
    expect(question(tab, 2)).to_be_visible()
    expect(tab.get_by_text(f"You asked “{third}”")).to_be_visible()


def test_space_presses_once_also_on_the_button_that_was_clicked_last(tab: Page) -> None:
    staged(tab).get_by_role("button", name="Play").click()
    expect(tab.get_by_role("button", name="Pause")).to_be_focused()
    press(tab, "Space", "Play")
    expect(question(tab, 1)).to_be_visible()


def test_a_person_takes_over_by_key_and_the_client_goes_on(tab: Page) -> None:
    staged(tab).keyboard.press("d")
    expect(question(tab, 2)).to_be_visible()
    expect(tab.get_by_text("“Don't know” moves nothing and is remembered.")).to_be_visible()
    tab.keyboard.press("1")
    expect(question(tab, 3)).to_be_visible()
    tab.keyboard.press("ArrowRight")
    expect(question(tab, 4)).to_be_visible()
    tab.keyboard.press("Shift+E")
    expect(revealed(tab)).to_be_visible()


def test_a_link_starts_its_demo_once_and_a_reload_shows_the_same(tab: Page) -> None:
    staged(tab)
    expect(tab).to_have_url(RUN)
    address = tab.url
    tab.keyboard.press("ArrowRight")
    expect(question(tab, 2)).to_be_visible()
    asked = tab.get_by_role("heading", level=2).inner_text()
    tab.reload()
    expect(question(tab, 2)).to_be_visible()
    expect(tab.get_by_role("heading", level=2)).to_have_text(asked)
    assert tab.url == address


def test_two_tabs_that_play_one_demo_play_it_once(tab: Page, open_tab: OpenTab) -> None:
    staged(tab)
    other = staged(open_tab(), tab.url)
    alone = staged(open_tab())  # a demo of its own with the same seed
    for player in (tab, other, alone):
        press(player, "s", "Speed: fast")
        press(player, "Space", "Pause")
    for player in (tab, other, alone):
        expect(revealed(player)).to_be_visible(timeout=PLAYED_OUT_MS)
    together, beside, by_itself = (
        player.get_by_text("Every question and answer").inner_text() for player in (tab, other, alone)
    )
    assert together == beside == by_itself
    assert tab.get_by_test_id("stAlert").count() == other.get_by_test_id("stAlert").count() == 0


def test_the_sidebar_is_folded_while_a_demo_is_shown_and_help_still_opens_by_its_key(tab: Page) -> None:
    staged(tab)
    expect(tab.get_by_role("link", name="Diagnose")).not_to_be_in_viewport()
    tab.keyboard.press("h")
    expect(tab.get_by_role("dialog")).to_contain_text("Take over: answer by hand")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(question(tab, 1)).to_be_visible()


def test_the_help_pauses_a_demo_so_that_nothing_closes_it(tab: Page) -> None:
    press(staged(tab), "Space", "Pause")
    tab.keyboard.press("h")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Play")).to_be_visible()
