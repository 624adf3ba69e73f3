"""Reading and writing trees as JSON, and the sentence for every document that cannot be read."""

import json
import re
import runpy
import sys

import jsonschema
import pytest

from agents.errors import BadInput
from agents.tree.document import dump_tree, load_tree, schema
from agents.tree.model import MAX_NODES, ProblemTree


def document(**changed: object) -> str:
    base: dict[str, object] = {"id": "t", "kind": "why", "title": "T", "root": {"id": "a", "text": "Why?"}}
    return json.dumps(base | changed)


def with_root(**fields: object) -> str:
    return document(root={"id": "a", "text": "Why?"} | fields)


def nested(levels: int) -> str:
    opening = "".join(f'{{"id":"n{i}","text":"x","children":[' for i in range(levels))
    return (
        '{"id":"t","kind":"why","title":"T","root":' + opening + '{"id":"z","text":"x"}' + "]}" * levels + "}"
    )


def test_a_tree_reads_back_as_it_was_written(tree: ProblemTree) -> None:
    assert load_tree(dump_tree(tree)) == tree


def test_a_written_tree_follows_the_published_schema(tree: ProblemTree) -> None:
    jsonschema.validate(json.loads(dump_tree(tree)), schema())


def test_the_schema_is_printed_for_whoever_writes_such_files(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "agents.tree.document")
    runpy.run_module("agents.tree.document", run_name="__main__")
    assert json.loads(capsys.readouterr().out) == schema()


def test_a_node_without_children_is_a_leaf_without_being_told(tree: ProblemTree) -> None:
    read = load_tree(document())
    assert read.root.leaf is not None
    assert read.root.leaf.belief is None


MANY = [{"id": f"n{i}", "text": "x"} for i in range(10_000)]
BAD = {
    "not an object": ("[]", "the document must be a JSON object"),
    "not JSON": ('{"id": ', r"line 1, column \d+ is not JSON"),
    "unknown field": (
        with_root(leaf={"colour": "red"}),
        r"root\.leaf\.colour is a field this format does not know",
    ),
    "unknown version": (document(schema_version=2), "schema_version must be 1"),
    "wrong kind": (document(kind="what"), "kind must be 'why' or 'how'"),
    "missing text": (document(root={"id": "a"}), r"root\.text is missing"),
    "empty text": (with_root(text="  "), r"root\.text is empty"),
    "number as text": (with_root(leaf={"belief": "0.3"}), r"root\.leaf\.belief must be a number"),
    "truth as number": (with_root(leaf={"belief": True}), r"root\.leaf\.belief must be a number"),
    "no such day": (with_root(leaf={"due": "2026-02-30"}), r"root\.leaf\.due is wrong"),
    "list as object": (with_root(children={"a": 1}), r"root\.children must be a list"),
    "bad id": (with_root(id="a b"), r"root\.id is not an id"),
    "severity off the scale": (with_root(leaf={"severity": 9}), r"root\.leaf\.severity is wrong"),
    "both kinds of node": (
        with_root(leaf={}, children=[{"id": "b", "text": "x"}]),
        "both children and leaf fields",
    ),
    "repeated id": (
        with_root(children=[{"id": "b", "text": "x"}, {"id": "b", "text": "y"}]),
        r"root\.children\[1\] repeats the id 'b' of root\.children\[0\]|"
        r"root\.children\[0\] repeats the id 'b' of root\.children\[1\]",
    ),
    "two for something else": (
        with_root(
            children=[{"id": i, "text": "x", "leaf": {"is_other": True}} for i in ("b", "c")],
        ),
        "second leaf for something else",
    ),
    "reference by id": (
        with_root(children=["b"]),
        r"root\.children\[0\] refers to a node that is written elsewhere",
    ),
    "reference by $ref": (with_root(children=[{"$ref": "#/root"}]), r"root\.children\[0\] refers to a node"),
    "ten thousand nodes": (with_root(children=MANY), f"more than the {MAX_NODES:,} nodes"),
    "41 levels": (nested(41), r"lies deeper than 40 levels|nests deeper"),
    "500 levels": (nested(500), "line 1 nests deeper"),
    "2,000 levels": (nested(2_000), "line 1 nests deeper"),
    "2,000 brackets elsewhere": (document()[:-1] + ',"frame":' + "[" * 2_000, "nests deeper"),
    "not a number": ('{"id": NaN}', "holds NaN"),
    "endless number": (with_root(leaf={"belief": 7}).replace("7", "1e999"), r"root\.leaf\.belief is wrong"),
    "endless digits": (document(id=7).replace("7", "7" * 5_000), "more digits"),
    "same field twice": ('{"id": "a", "id": "b"}', "the field 'id' has that field twice"),
    "NUL": (document(title="a\x00b"), r"title holds the unprintable character U\+0000"),
    "lone surrogate": (document(title="\ud800"), "lone surrogate"),
    "how-tree without a cause": (document(kind="how"), "needs a source"),
    "too long": (" " * 9_000_000, "longer than 8,000,000 characters"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_refused_by_its_place(name: str) -> None:
    text, complaint = BAD[name]
    with pytest.raises(BadInput) as refusal:
        load_tree(text)
    assert re.search(complaint, str(refusal.value))
    assert str(refusal.value).endswith("The tree at hand stays as it was.")
    assert len(str(refusal.value)) < 400


def test_forty_levels_are_read() -> None:
    assert load_tree(nested(40)).id == "t"


def test_brackets_inside_texts_do_not_count_as_nesting() -> None:
    assert load_tree(document(title="[" * 300)).title == "[" * 300
