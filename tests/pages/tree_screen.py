"""What a person sees of the tree workbench and does with it."""

from typing import Any, Self

from agents.tree.model import Node, ProblemTree, find
from tests.pages.screen import Screen, elements


class TreeScreen(Screen):
    """One browser session at the tree workbench."""

    def __init__(self, run_id: str | None = None) -> None:
        super().__init__("pages/tree.py")
        if run_id is not None:
            self.at.query_params["tree"] = run_id
        self.reload()

    @property
    def tree_id(self) -> str:
        """The tree in the link."""
        found = self.at.query_params["tree"]
        return found if isinstance(found, str) else found[0]

    def tab(self, name: str) -> Self:
        """Open a tab."""
        self.at.session_state["tree_tab"] = name
        return self._self(self.reload())

    def pick(self, node_id: str, what: str | None = None) -> Self:
        """Choose a node, and what is to be done with it."""
        self.field("pick-").set_value(node_id)
        self.reload()
        if what is not None:
            self.field("what-").set_value(what)
            self.reload()
        return self

    def fill(self, name: str, value: Any) -> Self:
        """Put a value into a field of the editor; it travels with the next click."""
        self.field(f"edit-{name}-").set_value(value)
        return self

    def send(self, label: str) -> Self:
        """Click a button."""
        return self._self(self.click(label))

    @property
    def edits(self) -> list[str]:
        """What is on offer for the chosen node."""
        return [option.content for option in self.field("what-").proto.options]

    @property
    def chosen(self) -> str:
        """Text of the chosen node."""
        field = self.field("pick-")
        return str(field.options[field.index])

    def drawn(self, kind: str = "echarts_chart") -> str:
        """What the drawing is given, as JSON text."""
        [chart] = [e for e in elements(self.at.main) if e.type == kind]
        return str(chart.proto.spec)  # type: ignore[attr-defined]

    def _self(self, screen: Screen) -> Self:
        assert screen is self
        return self


def node(tree: ProblemTree, node_id: str) -> Node:
    """The node of this id, which must be there."""
    found = find(tree.root, node_id)
    assert found is not None
    return found
