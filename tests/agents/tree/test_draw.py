"""Drawings are readable by any eye, show what they hide, and let no label become markup."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pygraphviz
import pytest
from PIL import Image

from agents.errors import Refused, WhytreeError
from agents.tree.draw import render as rendering
from agents.tree.draw.dot import to_dot
from agents.tree.draw.echarts import node_at, to_echarts
from agents.tree.draw.face import faces, percent
from agents.tree.draw.mermaid import to_mermaid
from agents.tree.draw.palette import DARK, LIGHT, Palette, Shade
from agents.tree.draw.render import render
from agents.tree.draw.treemap import to_treemap
from agents.tree.model import Leaf, Node, ProblemTree, Split
from tests.agents.tree.samples import HOSTILE, hostile, sample

SVG = "{http://www.w3.org/2000/svg}"


def svg_texts(data: bytes) -> list[str]:
    """The lines of text of every node, joined."""
    nodes = [g for g in ET.fromstring(data).iter(f"{SVG}g") if g.get("class") == "node"]
    return [" ".join(text.text or "" for text in node.iter(f"{SVG}text")) for node in nodes]


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("count", [5, 25, 60])
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_node_is_drawn_with_its_text_and_its_belief(count: int, palette: Palette) -> None:
    tree = sample(count)
    drawn = svg_texts(render(to_dot(tree, palette), "svg"))
    expected = [" ".join((one_line(face.text), " \u00b7 ".join(face.notes()))) for face in faces(tree.root)]
    assert sorted(drawn) == sorted(expected)


def test_png_and_pdf_are_what_they_say() -> None:
    graph = to_dot(sample(5))
    assert render(graph, "png").startswith(b"\x89PNG")
    assert render(graph, "pdf").startswith(b"%PDF")


def test_no_label_becomes_markup_or_an_escape_in_the_svg() -> None:
    data = render(to_dot(hostile(), caption=HOSTILE[2]), "svg")
    drawn = [text.removesuffix(" 8 %") for text in svg_texts(data)[1:]]
    assert drawn == [one_line(text) for text in HOSTILE]
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(data).iter()}
    assert tags <= {"svg", "g", "title", "polygon", "polyline", "path", "text", "ellipse"}


def test_the_dot_text_reads_back_with_the_same_labels() -> None:
    graph = pygraphviz.AGraph(string=to_dot(hostile()).source)
    labels = [str(node.attr["label"]) for node in graph.nodes()]
    escaped = [one_line(text).replace("\\", "\\\\") for text in HOSTILE]
    assert [label.replace("\\n", " ").removesuffix(" 8 %") for label in labels[1:]] == escaped
    assert len(graph.edges()) == len(HOSTILE)


def test_a_collapsed_branch_says_how_many_it_hides() -> None:
    tree = sample(25)
    texts = svg_texts(render(to_dot(tree, collapsed={"b0"}), "svg"))
    assert len(texts) == 25 - 4
    assert any(text.endswith("+4 below") for text in texts)


def test_status_is_told_by_a_word_and_by_the_form_of_the_box() -> None:
    looks: dict[str, set[tuple[str, ...]]] = {}
    graph = pygraphviz.AGraph(string=to_dot(sample(25)).source)
    for node in graph.nodes():
        word = re.search(r"supported|refuted|parked", node.attr["label"])
        if word:
            look = tuple(str(node.attr[name]) for name in ("style", "shape", "peripheries"))
            looks.setdefault(word.group(), set()).add(look)
    assert len(looks) == 3
    assert len({next(iter(forms)) for forms in looks.values()}) == 3


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_shade(palette: Palette) -> None:
    pairs = [*palette.shades, palette.unknown, Shade(palette.background, palette.ink)]
    assert all(contrast(shade.fill, shade.ink) >= 4.5 for shade in pairs)
    assert contrast(palette.background, palette.line) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_more_belief_is_told_by_lightness_alone(palette: Palette) -> None:
    values = [luminance(shade.fill) for shade in palette.shades]
    assert values in (sorted(values), sorted(values, reverse=True))
    assert all(
        contrast(a.fill, b.fill) >= 1.15 for a, b in zip(palette.shades, palette.shades[1:], strict=False)
    )


def test_a_greyscale_copy_keeps_the_shades_apart(tmp_path: object) -> None:
    greys = [Image.new("RGB", (1, 1), shade.fill).convert("L").getpixel((0, 0)) for shade in LIGHT.shades]
    assert len(set(greys)) == len(greys)


@pytest.mark.parametrize(("belief", "said"), [(0.0, "0 %"), (0.001, "<1 %"), (0.425, "42 %"), (1.0, "100 %")])
def test_belief_is_told_in_whole_percents(belief: float, said: str) -> None:
    assert percent(belief) == said


@pytest.mark.parametrize("collapsed", [(), ("b0", "b3")], ids=["open", "folded"])
def test_the_interactive_tree_carries_node_ids_and_a_click_finds_its_node(collapsed: tuple[str, ...]) -> None:
    tree = sample(25)
    shown = [face.node_id for face in faces(tree.root, collapsed)]
    for series in all_series(to_echarts(tree, collapsed=collapsed, selected="leaf4")):
        assert [item["id"] for item in series["data"][: len(shown)]] == shown
        assert not any(item.get("label", {}).get("show") for item in series["data"][len(shown) :])
    assert [node_at(tree, i, collapsed) for i in range(len(shown))] == shown
    assert node_at(tree, -1, collapsed) is None
    assert node_at(tree, len(shown), collapsed) is None


def all_series(option: dict[str, Any]) -> list[dict[str, Any]]:
    return [variant["series"][0] for variant in (option, *(each["option"] for each in option["media"]))]


def test_every_width_of_a_screen_has_one_layout() -> None:
    queries = [each["query"] for each in to_echarts(sample(5))["media"]]
    for width in (1, 280, 330, 579, 580, 789, 790, 1059, 1060, 3_000):
        fitting = [q for q in queries if q["minWidth"] <= width <= q.get("maxWidth", width)]
        assert len(fitting) == 1


def test_the_chosen_node_alone_stands_out() -> None:
    series = to_echarts(sample(25), selected="leaf4")["series"][0]
    assert [item["id"] for item in series["data"] if "shadowBlur" in item.get("label", {})] == ["leaf4"]


def test_the_interactive_tree_shows_no_html() -> None:
    option = to_echarts(hostile())
    assert option["tooltip"] == {"show": False}
    assert "formatter" not in str(option)


def test_the_treemap_gives_every_node_a_sector_and_escapes_its_label() -> None:
    trace = to_treemap(hostile())["data"][0]
    assert trace["ids"][:2] == ["root", "h0"]
    assert all(not re.search(r"<(?!br>)", label) for label in trace["labels"])
    assert sum(trace["values"]) == pytest.approx(1)


def test_a_tree_without_belief_has_no_treemap(tree: ProblemTree) -> None:
    bare = sample(5)
    nodes = tuple(child.model_copy(update={"leaf": child.leaf.model_copy(update={"belief": None})})
                  for child in bare.root.children if child.leaf)  # fmt: skip
    root = bare.root.model_copy(update={"children": nodes})
    with pytest.raises(Refused, match="holds no belief"):
        to_treemap(bare.model_copy(update={"root": root}))


def test_mermaid_text_holds_no_character_of_a_label_that_could_be_markup() -> None:
    text = to_mermaid(hostile(), caption=HOSTILE[3])
    assert "%%{" not in text
    labels = re.findall(r'"(.*)"', text)
    assert len(labels) == len(HOSTILE) + 1
    for label in labels:
        assert not re.search(r"[<>\"`{}\[\]|\\]", label.replace("<br/>", ""))


def decoded(label: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label.replace("<br/>", " "))


def test_mermaid_labels_decode_to_the_texts() -> None:
    labels = [
        decoded(label).removesuffix(" 8 %") for label in re.findall(r'"(.*)"', to_mermaid(hostile()))[1:]
    ]
    assert labels == [one_line(text) for text in HOSTILE]


def test_a_machine_without_graphviz_is_offered_the_dot_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(source: str, file_format: str) -> bytes:
        raise ImportError("pygraphviz")

    monkeypatch.setattr(rendering, "_by_pygraphviz", missing)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WhytreeError, match="Take the DOT text instead"):
        render(to_dot(sample(5)), "svg")


@pytest.mark.parametrize(
    ("beliefs", "said"),
    [
        ((0.026, 0.016), "about 4 %"),
        ((0.025, 0.024), "about 5 %"),
        ((0.4, 0.6), "100 %"),
        ((0.94, 0.003), "94 %"),
    ],
)
def test_a_branch_says_about_where_the_percents_below_it_do_not_add_up(
    beliefs: tuple[float, ...], said: str
) -> None:
    children = tuple(
        Node(id=f"n{n}", text="One of them", leaf=Leaf(belief=belief)) for n, belief in enumerate(beliefs)
    )
    root = Node(id="root", text="All", split=Split(kind="free"), children=children)
    shown = " + ".join(face.notes()[0] for face in list(faces(root))[1:])
    assert next(faces(root)).notes() == [said], shown
