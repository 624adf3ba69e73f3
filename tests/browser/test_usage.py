"""What a manager asks of usage, answered in a real browser by clicks and links alone."""

import contextlib
import re
import shutil

import pytest

if shutil.which("chromium") is None:
    pytest.skip("Chromium is not installed; on Debian: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import OpenTab
from tests.browser.visitor import DONE, PHONE

pytestmark = pytest.mark.browser

LAST_MONTH = "/usage?environment=demo&period=last_month"
MOST_MOVES = 20
A_MOMENT_MS = 1_000
MONEY = r"USD [\d,.]+"
RUN = re.compile(r"^/runs\?run=[\w-]{36}$")
CALL = re.compile(r"^/runs\?run=[\w-]{36}&call=[\w-]{36}$")


@pytest.fixture
def tab(open_usage_tab: OpenTab) -> Page:
    """A tab of its own at the server with usage."""
    return open_usage_tab()


def drawn(tab: Page) -> Page:
    """The tab when the server has sent everything."""
    tab.locator(DONE).wait_for()
    return tab


def key_figure(tab: Page, name: str) -> Locator:
    return tab.get_by_test_id("stMetric").filter(has_text=name)


def section(tab: Page, name: str) -> Page:
    tab.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    return drawn(tab)


def follow(tab: Page, link: Locator) -> Page:
    """Click a link that opens a tab of its own."""
    with tab.context.expect_page() as opened:
        link.click()
    return drawn(opened.value)


def click_bar(bar: Locator) -> None:
    """Point at a bar until the chart names it, and click: a chart just drawn heeds no pointer yet."""
    named = bar.page.locator(".hoverlayer .hovertext").first
    for _ in range(MOST_MOVES):
        bar.page.mouse.move(0, 0)
        bar.hover(force=True)
        with contextlib.suppress(TimeoutError):
            named.wait_for(timeout=A_MOMENT_MS)
            break
    bar.click(force=True)


def test_a_manager_finds_the_five_answers_by_clicks_and_links(tab: Page) -> None:
    tab.goto("/")
    tab.get_by_role("link", name="Usage").click()
    tab.get_by_role("button", name="Show demo and test figures").click()
    tab.get_by_role("combobox", name="Period").click()
    tab.get_by_role("option", name="Last month").click()
    expect(tab).to_have_url(re.compile("period=last_month"))
    expect(key_figure(tab, "Cost per finished diagnosis")).to_contain_text(re.compile(MONEY))
    expect(tab.get_by_text(re.compile(r"(In|Over) budget|The budget of .* is spent")).first).to_be_visible()

    section(tab, "Unit economics")
    expect(tab.get_by_text(re.compile(rf"A finished diagnosis cost {MONEY}"))).to_be_visible()
    why = follow(tab, tab.get_by_role("link", name="Which change made it so?"))
    changed = re.compile(
        rf"A finished diagnosis (rose|fell) from {MONEY} to {MONEY} .* What (raised|lowered) it most: "
    )
    expect(why.get_by_text(changed)).to_be_visible()

    section(tab, "Reliability")
    expect(tab.get_by_text(re.compile(r"\w+ failed most often: \d+ of [\d,]+ attempts"))).to_be_visible()
    section(tab, "Spend")
    expect(tab.get_by_text(re.compile(rf"{MONEY} saved by \d+ replies from the cache"))).to_be_visible()


def test_a_click_on_a_bar_leads_to_runs_to_calls_and_back(tab: Page) -> None:
    tab.goto(f"{LAST_MONTH}&section=spend")
    click_bar(drawn(tab).locator(".js-plotly-plot .bars .point").nth(5))
    behind = tab.locator("[class*=st-key-behind-]")
    expect(behind.get_by_text("Behind it: aurora-large")).to_be_visible()
    expect(behind.get_by_role("table").get_by_role("link").first).to_have_attribute("href", RUN)
    runs = follow(tab, behind.get_by_role("link", name="All runs behind it"))
    expect(runs).to_have_url(re.compile("section=runs.*model=aurora-large"))
    first = runs.get_by_role("table").get_by_role("row").nth(1)
    expect(first.get_by_role("link").first).to_have_attribute("href", RUN)
    calls = follow(runs, first.get_by_role("link").nth(1))
    expect(calls.get_by_role("table").get_by_role("link").first).to_have_attribute("href", CALL)
    call = follow(calls, calls.get_by_role("table").get_by_role("link").first)
    expect(call).to_have_url(re.compile(r"/runs\?run=.*call="))
    expect(call.get_by_text("Version of the price")).to_be_visible()
    calls.get_by_role("button", name="All runs").click()
    expect(calls.get_by_role("columnheader", name="At models")).to_be_visible()


def test_a_filter_is_kept_in_the_link_and_taken_back_by_the_browser(tab: Page) -> None:
    tab.goto(f"{LAST_MONTH}&section=tokens")
    drawn(tab).get_by_role("button", name="Filters").click()
    tab.get_by_role("combobox", name="Agent").click()
    tab.get_by_role("option", name="email").click()
    expect(tab).to_have_url(re.compile("agent=email"))
    tab.reload()
    expect(tab.get_by_role("button", name="Agent: email")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_role("button", name="Agent: email")).to_have_count(0)
    assert "agent=email" not in tab.url


def test_the_change_in_steps_tells_where_the_clicked_one_comes_from(tab: Page) -> None:
    tab.goto(f"{LAST_MONTH}&section=changes")
    click_bar(drawn(tab).locator(".st-key-chart-steps .bars .point").nth(7))
    expect(tab.get_by_text("More or fewer calls, each at the former average cost.")).to_be_visible()


def test_usage_leaves_as_a_workbook(tab: Page) -> None:
    tab.goto(LAST_MONTH)
    drawn(tab).get_by_role("button", name="Export").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Excel with charts").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_wide_tables_scroll_by_themselves_on_a_phone(tab: Page) -> None:
    tab.set_viewport_size(PHONE)
    tab.goto(f"{LAST_MONTH}&section=spend")
    expect(tab.get_by_role("heading", name="Users and models")).to_be_visible()
    drawn(tab)
    widest = "e => Math.max(e.scrollWidth, document.documentElement.scrollWidth)"
    assert tab.get_by_role("main").evaluate(widest) <= PHONE["width"]


@pytest.mark.parametrize("name", ["spend", "changes", "latency", "reliability", "units"])
def test_no_name_beside_a_bar_is_cut_on_a_phone(tab: Page, name: str) -> None:
    tab.set_viewport_size(PHONE)
    tab.goto(f"{LAST_MONTH}&section={name}")
    expect(tab.locator(".js-plotly-plot .barlayer").first).to_be_attached()
    drawn(tab)
    cut = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap(chart => {
        const left = chart.getBoundingClientRect().left
        const names = [...chart.querySelectorAll(".ytick text")]
        const isCut = name => left > name.getBoundingClientRect().left + 1
        return names.filter(isCut).map(name => name.textContent)
    })"""
    expect(tab.locator(".js-plotly-plot .ytick text").last).to_be_attached()
    assert tab.evaluate(cut) == []
