"""Pasted outlines become trees, and trees become outlines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import BadInput
from agents.tree.model import Node, ProblemTree, walk
from agents.tree.outline import parse_outline, to_outline


def shape(node: Node) -> object:
    return (node.text, [shape(child) for child in node.children])


EXPECTED = (
    "Why did sales fall?",
    [
        ("Are we too dear?", [("We raised prices", []), ("We did not raise prices", [])]),
        ("Something else", []),
    ],
)

BULLETS = """
- Why did sales fall?
  * Are we too dear?
    + We raised prices
    - [ ] We did not raise prices
  * Something else
"""
TABS = (
    "Why did sales fall?\n\tAre we too dear?\n\t\tWe raised prices\n\t\tWe did not raise prices\n"
    "\tSomething else"
)
NUMBERS = """1. Why did sales fall?
   1.1 Are we too dear?
       1.1.1 We raised prices
       1.1.2 We did not raise prices
   1.2 Something else"""
HEADINGS = """# Why did sales fall?

## **Are we too dear?**
- We raised prices
- We did not raise prices
## Something else
"""


@pytest.mark.parametrize(
    "text", [BULLETS, TABS, NUMBERS, HEADINGS], ids=["bullets", "tabs", "numbers", "headings"]
)
def test_every_usual_form_gives_the_same_tree(text: str) -> None:
    tree = parse_outline(text, tree_id="t")
    assert shape(tree.root) == EXPECTED
    assert [node.text for node in walk(tree.root) if node.leaf and node.leaf.is_other] == ["Something else"]


def test_a_question_given_beside_the_outline_takes_its_items_as_branches() -> None:
    tree = parse_outline("- Price\n- Volume", tree_id="t", question="Why did sales fall?")
    assert shape(tree.root) == ("Why did sales fall?", [("Price", []), ("Volume", [])])


def test_nothing_is_claimed_that_the_outline_does_not_say() -> None:
    tree = parse_outline(BULLETS, tree_id="t")
    assert all(node.split is None for node in walk(tree.root))
    assert all(node.leaf is None or node.leaf.belief is None for node in walk(tree.root))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Why?\n\tA\n        B", "Line 3 .* mixes tabs and spaces"),
        ("Why?\n \tA", "Line 2 .* mixes tabs and spaces"),
        ("Why?\n    A\n  B", "Line 3 .* is indented less than line 2"),
        ("Why?\nHow?", "Line 2 stands at the top level beside line 1"),
        ("", "no line with text"),
        ("Why?\n  - ", "Line 2 .* no text"),
        ("Why?\n" + "\n".join(f"  n{i}" for i in range(10_000)), "more than the 2,000 lines"),
        ("\n".join(" " * i + "x" for i in range(500)), "Line 42 .* deeper than 40 levels"),
        ("Why?\n  a\x00b", "line 2 holds the unprintable character"),
        ("Why?\n  " + "x" * 500, "at most 400 characters"),
        ("x" * 600_000, "longer than 500,000 characters"),
    ],
)
def test_an_outline_that_cannot_be_read_is_refused_by_its_line(text: str, complaint: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_outline(text, tree_id="t")
    assert re.search(complaint, str(refusal.value))
    assert str(refusal.value).endswith("The tree at hand stays as it was.")


def test_a_tree_written_as_an_outline_reads_back_with_the_same_texts(tree: ProblemTree) -> None:
    assert shape(parse_outline(to_outline(tree), tree_id="t").root) == shape(tree.root)


words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)


@given(st.lists(words, min_size=1, max_size=5))
def test_no_text_of_a_node_reads_as_markup_of_the_outline(texts: list[str]) -> None:
    children = tuple(Node(id=f"n{i}", text=f"a {text} b") for i, text in enumerate(texts))
    tree = ProblemTree(id="t", kind="why", title="T", root=Node(id="root", text="Why?", children=children))
    again = parse_outline(to_outline(tree), tree_id="t")
    assert [n.text for n in walk(again.root)] == [" ".join(n.text.split()) for n in walk(tree.root)]
