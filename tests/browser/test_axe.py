"""Every page and every state of the main job: usable by screen reader, in both schemes, narrow and zoomed.

Checked by axe-core, which npm fetches into the cache of the tests.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if shutil.which("chromium") is None:
    pytest.skip("Chromium is not installed; on Debian: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import BrowserContext, Page, expect

from agents.settings import Settings
from agents.workbench import Workbench
from benchmarks.server import Server
from tests.browser.conftest import pages
from tests.browser.visitor import DONE

pytestmark = pytest.mark.browser

COMPLAINT = "Our sales dropped 20 % this quarter"
AXE = "axe-core@4.14.1"
GRAVE = ("serious", "critical")
DARK_GROUND = "rgb(18, 24, 29)"
WIDTHS = {"a phone": 420, "a desk at 200 % zoom": 720}
HEIGHT = 900
STREAMLITS_OWN = {
    (
        "color-contrast",
        "kbd",
    ): "It writes the key on a button at 60 % opacity: too faint on a dark page's blue.",
    (
        "color-contrast",
        "[data-testid=stButtonGroup]",
    ): "It takes one colour for the ground under white text and "
    "for chosen text on the page; on a dark page no colour serves both.",
    (
        "svg-img-alt",
        "[data-testid=stMetricChart]",
    ): "It hides marks for the pointer, without a name, in the line of a key figure.",
}
"""Rule and the part of the page it is broken in -> why the pages cannot mend it."""
FAULTS = """async parts => {
    const found = await axe.run(document, {resultTypes: ["violations"]})
    return found.violations.flatMap(rule => rule.nodes.map(node => ({
        rule: rule.id,
        impact: rule.impact,
        parts: parts.filter(part => document.querySelector(node.target[0]).closest(part)),
        told: `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 200)}`,
    })))
}"""
"""Every fault of axe, with those of the given parts of the page that it stands in."""

CUT = """main => [...main.querySelectorAll("button .stMarkdownEllipsis")]
    .filter(words => words.clientWidth > 0 && words.scrollWidth > words.clientWidth + 1)
    .map(words => words.innerText)"""
"""The words of buttons that are not whole."""

Go = Callable[[Page], None]


def start(tab: Page) -> None:
    tab.goto("/")
    expect(tab.get_by_role("button", name="Start the diagnosis")).to_be_visible()


def framing(tab: Page) -> None:
    start(tab)
    tab.locator("[class*=st-key-example-0] button").click()
    expect(tab.get_by_role("button", name="Confirm and ask")).to_be_visible()


def question(tab: Page) -> None:
    framing(tab)
    tab.get_by_role("button", name="Confirm and ask").click()
    expect(tab.get_by_text("Question 1 of at most")).to_be_visible()
    tab.locator("[class*=st-key-answer-] button").first.click()
    expect(tab.get_by_text("Question 2 of at most")).to_be_visible()


def diagnosis(tab: Page) -> None:
    question(tab)
    settled(tab).get_by_role("button", name="Conclude now").click()
    expect(tab.get_by_text("Problem as stated")).to_be_visible()


def tree(tab: Page) -> None:
    tab.goto("/tree")
    tab.get_by_label("The problem").fill(COMPLAINT)
    tab.get_by_role("button", name="Draw its tree").click()
    expect(tab.get_by_role("tab", name="Work plan")).to_be_visible()


def stage(tab: Page) -> None:
    tab.goto("/present?playbook=sales_fall&seed=42")
    expect(tab.get_by_text("Question 1 of at most")).to_be_visible()
    tab.get_by_role("button", name="Step").click()
    expect(tab.get_by_text("Question 2 of at most")).to_be_visible()


def reveal(tab: Page) -> None:
    stage(tab)
    tab.get_by_role("button", name="Reveal now").click()
    expect(tab.get_by_text("The hidden cause was", exact=True)).to_be_visible()


def training(tab: Page) -> None:
    tab.goto("/present?playbook=sales_fall&seed=42&training=1")
    tab.locator("[class*=st-key-ask-] button").first.click()
    expect(tab.get_by_text("You asked")).to_be_visible()


def a_run(tab: Page, part: str = "What was seen") -> None:
    tab.goto("/runs")
    tab.get_by_role("combobox", name="Open a run of this page").click()
    tab.get_by_role("option", name=COMPLAINT).first.click()
    tab.get_by_role("tab", name=part).click()
    expect(tab.get_by_role("tab", name=part)).to_have_attribute("aria-selected", "true")


def a_run_in_time(tab: Page) -> None:
    a_run(tab, "Steps")
    expect(tab.get_by_text("Light blue: calls of a model")).to_be_visible()


def events(tab: Page) -> None:
    a_run(tab, "Events")
    expect(tab.get_by_text("Show event in full")).to_be_visible()


def list_of_runs(tab: Page) -> None:
    tab.goto("/runs")
    tab.get_by_text("Filters", exact=True).click()
    tab.get_by_text("Start a batch from a file of tasks").click()
    expect(tab.get_by_text("Tag of the batch")).to_be_visible()


def deletion(tab: Page) -> None:
    list_of_runs(tab)
    tab.get_by_role("button", name="Delete").first.click()
    expect(tab.get_by_text("will be deleted for good")).to_be_visible()


def lost_run(tab: Page) -> None:
    tab.goto("/runs?run=nope")
    expect(tab.get_by_text("There is no run")).to_be_visible()


def keeping(tab: Page) -> None:
    tab.goto("/settings")
    tab.get_by_role("tab", name="What is stored").click()
    tab.get_by_text("Remove old texts now").click()
    expect(tab.get_by_text("What would go is shown here")).to_be_visible()


def keys(tab: Page) -> None:
    start(tab)
    tab.get_by_role("button", name="Help and keys").click()
    expect(tab.get_by_role("dialog")).to_be_visible()


def lost(tab: Page) -> None:
    tab.goto("/?run=nope")
    expect(tab.get_by_text("There is no run")).to_be_visible()


def page(address: str) -> Go:
    def go(tab: Page) -> None:
        tab.goto(address)
        expect(tab.get_by_role("main").get_by_role("heading").first).to_be_visible()

    return go


STATES: dict[str, Go] = {
    **{f"the page {address}": page(address) for address in pages()},
    "what was read": framing,
    "a question": question,
    "a diagnosis": diagnosis,
    "a tree": tree,
    "a demo": stage,
    "a reveal": reveal,
    "training": training,
    "the list of runs": list_of_runs,
    "a deletion of runs": deletion,
    "a run as it was seen": a_run,
    "a run in time": a_run_in_time,
    "a run's events": events,
    "a lost run": lost_run,
    "what is kept": keeping,
    "the help": keys,
    "a lost link": lost,
}


USAGE = {
    f"usage, {section}": f"/usage?environment=demo&period=last_month&section={section}"
    for section in (
        "overview",
        "spend",
        "changes",
        "latency",
        "reliability",
        "tokens",
        "units",
        "alerts",
        "reconcile",
        "runs",
    )
}
"""Every section of usage, at the server that has some."""


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The checker as a script."""
    folder = Path(pytestconfig.cache.mkdir("axe"))  # type: ignore[union-attr]
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed; on Debian: apt-get install npm")
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
        if subprocess.run(command, capture_output=True, timeout=120, check=False).returncode:
            pytest.skip(f"npm could not fetch {AXE}; it needs a network once")
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, with a diagnosis that has ended."""
    folder = tmp_path_factory.mktemp("states")
    bench = Workbench.open(Settings(data=folder, models=()))
    run = bench.start(COMPLAINT, playbook_id="sales_fall")
    bench.confirm(run, bench.view(run).seq, "sales_fall")
    bench.conclude(run, bench.view(run).seq)
    bench.close()
    with Server(folder) as running:
        yield running


@pytest.fixture(scope="module", params=[*STATES.values(), *USAGE.values()], ids=[*STATES, *USAGE])
def tab(
    request: pytest.FixtureRequest, window: BrowserContext, usage_window: BrowserContext
) -> Iterator[Page]:
    """A tab in one of the states."""
    is_usage = isinstance(request.param, str)
    opened = (usage_window if is_usage else window).new_page()
    go = page(request.param) if is_usage else request.param
    go(opened)
    yield settled(opened)
    opened.close()


def settled(tab: Page) -> Page:
    """The tab when everything is drawn."""
    tab.locator(DONE).wait_for()
    tab.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    return tab


def grave_faults(tab: Page, axe: str) -> list[str]:
    """Serious and critical faults, one line per element, those that are Streamlit's own left out."""
    tab.evaluate(axe)
    found = tab.evaluate(FAULTS, [part for _, part in STREAMLITS_OWN])
    return [
        fault["told"]
        for fault in found
        if fault["impact"] in GRAVE
        and not {(fault["rule"], part) for part in fault["parts"]} & {*STREAMLITS_OWN}
    ]


def test_no_state_has_a_grave_fault_in_the_light_scheme(tab: Page, axe: str) -> None:
    assert grave_faults(tab, axe) == []


def test_no_state_has_a_grave_fault_in_the_dark_scheme(tab: Page, axe: str) -> None:
    tab.emulate_media(color_scheme="dark")
    expect(tab.get_by_test_id("stApp")).to_have_css("background-color", DARK_GROUND)
    assert grave_faults(settled(tab), axe) == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_state_is_wider_than_its_window_and_no_button_is_cut(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": HEIGHT})
    main = settled(tab).get_by_role("main").element_handle()
    fits = "([main, width]) => [main, document.documentElement].every(e => e.scrollWidth <= width)"
    tab.wait_for_function(fits, arg=[main, width])  # charts follow the window a moment later
    assert tab.get_by_role("main").evaluate(CUT) == []
