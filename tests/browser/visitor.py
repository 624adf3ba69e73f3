"""A person with a real browser at the real server, and everything that went wrong meanwhile."""

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Request, Response, expect

DONE = "[data-test-script-state=notRunning]"
ANSWERS = "[class*='st-key-answer-']"
PHONE = {"width": 420, "height": 800}
DESK = {"width": 1280, "height": 900}
OWN = ("data:", "blob:")


class Visitor:
    """One browser context with one page; `trouble` holds errors and requests that should not be."""

    def __init__(self, browser: Browser, url: str, scheme: Any = "light") -> None:
        self.url = url
        self.trouble: list[str] = []
        self.context = browser.new_context(viewport=DESK, color_scheme=scheme, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error in the page: {error}"))
        self.page.on("dialog", self._on_dialog)
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    def visit(self, query: str = "") -> "Visitor":
        """Load the page and wait until it is drawn."""
        self.page.goto(f"{self.url}/?{query}")
        return self.settled()

    def reload(self) -> "Visitor":
        """Load the page again, as the browser's own button does."""
        self.page.reload()
        return self.settled()

    def on_a_phone(self) -> "Visitor":
        """Make the window as narrow as a phone."""
        self.page.set_viewport_size(PHONE)
        return self

    def settled(self) -> "Visitor":
        """Wait until the server has drawn everything."""
        self.page.locator(DONE).wait_for()
        self.page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
        return self

    def click(self, name: str) -> "Visitor":
        """Click a button by what it says."""
        self.page.get_by_role("button", name=name).first.click()
        return self

    def describe(self, text: str) -> "Visitor":
        """Type a complaint and confirm how it was understood; ends at the first question."""
        self.page.get_by_label("The problem, in your words").fill(text)
        self.click("Start the diagnosis").click("Confirm and ask the first question")
        expect(self.answers.first).to_be_visible()
        return self.settled()

    def answer(self, number: int = 0) -> "Visitor":
        """Click one of the answers and wait until the question is gone."""
        return self.leaving_the_question(self.answers.nth(number).get_by_role("button").click)

    def press(self, key: str) -> "Visitor":
        """Press a key and wait until the question is gone."""
        return self.leaving_the_question(lambda: self.page.keyboard.press(key))

    def leaving_the_question_by(self, name: str) -> "Visitor":
        """Click a button that ends the question, and wait until it is gone."""
        return self.leaving_the_question(lambda: self.click(name))

    def leaving_the_question(self, act: Any) -> "Visitor":
        """Do what leads to another state of the session."""
        before = self.page.locator(f".{key_class(self.answers.first)}")
        act()
        before.wait_for(state="detached")
        return self.settled()

    @property
    def answers(self) -> Locator:
        """The answers to the open question, "don't know" last."""
        return self.page.locator(ANSWERS)

    @property
    def question(self) -> str:
        """The open question."""
        return self.page.locator("h4").inner_text()

    @property
    def tree(self) -> Locator:
        """The drawn why-tree."""
        return self.page.locator("[data-testid=stGraphVizChart] svg")

    def drawn(self) -> str:
        """What the tree says, on one line."""
        expect(self.tree).to_be_visible()
        return " ".join(" ".join(self.tree.locator("text").all_text_contents()).split())

    def seen(self) -> str:
        """All that is written on the page, the charts included."""
        expect(self.page.locator(".js-plotly-plot .ytick").first).to_be_visible()
        return f"{self.page.get_by_test_id('stMain').inner_text()}\n{self.drawn()}"

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        widths = "e => Math.max(e.scrollWidth, document.documentElement.scrollWidth) - window.innerWidth"
        return int(self.page.get_by_test_id("stMain").evaluate(widths))

    def leave(self) -> None:
        """Close the browser; fails when anything went wrong on the way."""
        self.context.close()
        assert not self.trouble, "\n".join(self.trouble)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.trouble.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.trouble.append(f"a script asked: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, *OWN)):
            self.trouble.append(f"outside request: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status} for {response.url}")


def key_class(element: Locator) -> str:
    """The class that Streamlit makes of an element's key."""
    classes = (element.get_attribute("class") or "").split()
    return next(name for name in classes if name.startswith("st-key-"))
