"""What a person sees of a page and does with it, on Streamlit's test harness."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Button, Element

from pages.ui.text import WORD_JOINER

ROOT = Path(__file__).resolve().parents[2]
RUN_TIMEOUT_S = 30
SHOWN = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error", "success")


class Screen:
    """One browser session at a page; every step fails when the page raised."""

    def __init__(self, page: str = "pages/diagnose.py") -> None:
        self.at = AppTest.from_file(str(ROOT / page), default_timeout=RUN_TIMEOUT_S)

    def open(self, run_id: str | None = None) -> "Screen":
        """Load the page, at a run if one is given."""
        if run_id is not None:
            self.at.query_params["run"] = run_id
        return self.reload()

    def reload(self) -> "Screen":
        """Draw the page again; what was typed or chosen goes with it."""
        self.at.run()
        assert not self.at.exception, self.at.exception[0].stack_trace
        return self

    def click(self, label: str) -> "Screen":
        """Click the first button with this label."""
        return self._click([button for button in self.at.button if shown(button.label) == label])

    def click_key(self, start: str) -> "Screen":
        """Click the first button whose key starts so."""
        return self._click(self.buttons(start))

    def _click(self, found: list[Button]) -> "Screen":
        assert found, f"no such button; there are {self.labels()}"
        found[0].click()
        return self.reload()

    def type(self, key: str, text: str) -> "Screen":
        """Put text into a field; it travels with the next click."""
        self.field(key).set_value(text)
        return self

    def choose(self, key: str, value: str) -> "Screen":
        """Choose an option by its value."""
        self.field(key).set_value(value)
        return self.reload()

    def field(self, key: str) -> Any:
        """The first widget whose key starts so."""
        return next(e for e in elements(self.at.main) if (getattr(e, "key", None) or "").startswith(key))

    def buttons(self, start: str = "") -> list[Button]:
        """Buttons whose key starts so, in the order of the page."""
        return [button for button in self.at.button if (button.key or "").startswith(start)]

    def labels(self, start: str = "") -> list[str]:
        """Labels of those buttons as they are read."""
        return [shown(button.label) for button in self.buttons(start)]

    def question(self) -> str:
        """The question that is asked."""
        return next(shown(m.value)[5:] for m in self.at.markdown if m.value.startswith("#### "))

    def part(self, label: str) -> Block:
        """The expander whose label starts so."""
        return next(e for e in self.at.expander if e.label.startswith(label))

    @property
    def run_id(self) -> str:
        """The run in the link."""
        found = self.at.query_params["run"]
        assert isinstance(found, str)
        return found

    @property
    def said(self) -> str:
        """Everything written on the page, as it is read."""
        return texts(self.at.main)


def elements(block: Block) -> list[Element]:
    """All elements in a part of the page, in order."""
    found: list[Element] = []
    for child in block.children.values():
        found += elements(child) if isinstance(child, Block) else [child]
    return found


def texts(block: Block) -> str:
    """What is written in a part of the page, as it is read."""
    return "\n".join(shown(e.value) for e in elements(block) if e.type in SHOWN)


def shown(source: str) -> str:
    """Markdown of ours as it reads: escapes, joiners and emphasis gone."""
    plain: list[str] = []
    escaped = False
    for character in source:
        if escaped or character not in f"\\*{WORD_JOINER}":
            plain.append(character)
        escaped = character == "\\" and not escaped
    return "".join(plain)
