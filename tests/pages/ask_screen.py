"""What the tests of the Ask page share."""

from agents.data.attachment import Attachment
from agents.workbench import Workbench
from tests.pages.screen import Screen, elements

PAGE = "pages/ask.py"


def opened() -> Screen:
    """The page in the browser session whose models are connected as "tab"."""
    screen = Screen(PAGE)
    screen.at.session_state["session_id"] = "tab"
    return screen.open()


def ask(page: Screen, bench: Workbench, text: str, agent: str | None = None, *files: Attachment) -> Screen:
    """Type, attach, send, and draw until there is nothing to wait for."""
    if agent is not None:
        page.choose("ask_agent", agent)
    for file in files:
        content = file.content if isinstance(file.content, bytes) else file.content.read_bytes()
        page.at.chat_input[0].upload(file.name, content, "application/octet-stream")
    page.at.chat_input[0].set_value(text)
    page.reload()
    return settled(page, bench)


def settled(page: Screen, bench: Workbench) -> Screen:
    """Wait for every turn, then draw."""
    for turn in bench.conversations.view(page.at.query_params["conversation"]).turns:
        bench.conversations.settle(turn.run_id, 30)
    return page.reload()


def code(page: Screen) -> list[str]:
    """Everything that can be copied."""
    return [element.value for element in elements(page.at.main) if element.type == "code"]
