"""Takes the README's pictures anew: `python -m tests.browser.pictures` (needs Chromium)."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.server import Server

FOLDER = Path(__file__).parents[2] / "pages" / "ui" / "pictures"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
COMPLAINT = "Our sales dropped 20 % this quarter, mostly in the north"
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def main() -> None:
    """One picture in the middle of a diagnosis, one of its end, one of its tree."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(server.url)
        _settle(page)
        page.get_by_label("The problem, in your words").fill(COMPLAINT)
        page.get_by_role("button", name="Start the diagnosis").click()
        _settle(page)
        page.get_by_role("button", name="Confirm and ask").click()
        _settle(page)
        _answer(page)
        _answer(page)
        _shoot(page, "question")
        while page.get_by_role("button", name="Conclude now").count():
            _answer(page)
        _shoot(page, "diagnosis")
        page.goto(f"{server.url}/tree")
        _settle(page)
        page.locator('[class*="st-key-diagnosis-"] button').first.click()
        _settle(page)
        _shoot(page, "tree")
        browser.close()


def _answer(page: Page) -> None:
    page.locator('[class*="st-key-answer-"] button').first.click()
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(200)
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")


def _shoot(page: Page, name: str) -> None:
    page.mouse.move(1, 999)  # what lies under the pointer looks chosen
    page.wait_for_timeout(1500)
    page.screenshot(path=str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    main()
