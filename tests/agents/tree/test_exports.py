"""Each export is opened by a real reader and says what the tree says, and where it comes from."""

import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser

import openpyxl
import pygraphviz
import pytest
from markdown_it import MarkdownIt
from PIL import Image
from pypdf import PdfReader

from agents.errors import BadInput, NotFound
from agents.tree.document import load_tree
from agents.tree.exports import EXPORTS, ExportContext, export, file_name
from agents.tree.exports.memo import text
from agents.tree.exports.rows import left_out, work_rows
from agents.tree.model import Node, ProblemTree, walk
from tests.agents.tree.samples import HOSTILE, hostile, sample

CONTEXT = ExportContext(
    title="Falling sales",
    answer="Two accounts moved to a rival; prices explain the rest.",
    version="Version 3",
    made_at=datetime(2026, 3, 1, 10, 5, tzinfo=UTC),
    evidence=("Net sales of two accounts fell by EUR 3.9 million (query_1)",),
)
STAMP = "Version 3 \u00b7 made 2026-03-01 10:05 UTC"
RUDE = ExportContext("=1+1", "<script>x</script>\x00", "@v", CONTEXT.made_at, HOSTILE)


def text_of(name: str, tree: ProblemTree | None = None, context: ExportContext = CONTEXT) -> str:
    return export(name, tree or sample(25), context).decode()


class Page(HTMLParser):
    """Collects the tags, the attributes that load or run something, and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.reaching: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.reaching += [
            (n, v) for n, v in attrs if n in ("src", "href", "srcset", "action") or n.startswith("on")
        ]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("count", [5, 25, 60])
def test_an_exported_document_reads_back_as_the_same_tree(count: int) -> None:
    assert load_tree(text_of("json", sample(count))) == sample(count)
    envelope = json.loads(text_of("json"))
    assert (envelope["version"], envelope["made_at"]) == ("Version 3", "2026-03-01 10:05 UTC")


def test_a_hostile_tree_reads_back_as_the_same_tree() -> None:
    assert load_tree(text_of("json", hostile())) == hostile()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Falling sales of spare parts", "falling-sales-of-spare-parts-v3.pptx"),
        ("Müşteri kaybı: Ürün/Fiyat?", "musteri-kayb-urun-fiyat-v3.pptx"),
        ("../../etc/passwd\\CON", "etc-passwd-con-v3.pptx"),
        ("売上", "problem-tree-v3.pptx"),
        ("word " * 60, "-".join(["word"] * 12) + "-v3.pptx"),
        ("x" * 400, "problem-tree-v3.pptx"),
    ],
)
def test_a_file_is_named_after_the_title_in_letters_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(sample(5).model_copy(update={"title": title}), 3, "pptx") == name


def test_an_envelope_with_an_unknown_field_is_refused() -> None:
    envelope = json.loads(text_of("json")) | {"macro": "x"}
    with pytest.raises(BadInput, match="macro is a field this format does not know"):
        load_tree(json.dumps(envelope))


@pytest.mark.parametrize("name", ["memo", "html", "dot", "json"])
def test_a_text_export_says_its_version_and_when_it_was_made(name: str) -> None:
    text = text_of(name)
    assert "Version 3" in text
    assert "2026-03-01 10:05 UTC" in text


def test_the_mermaid_text_says_its_version_and_when_it_was_made() -> None:
    assert text_of("mermaid").splitlines()[1] == f"  %% Falling sales \u00b7 {STAMP}"


def test_the_memo_gives_the_answer_first_and_then_every_node() -> None:
    memo = text_of("memo")
    assert memo.splitlines()[:5] == ["# Falling sales", "", f"**{CONTEXT.answer}**", "", f"_{STAMP}_"]
    assert all(node.text in memo for node in walk(sample(25).root))


def test_no_text_of_the_memo_is_markup() -> None:
    memo = text_of("memo", hostile(), RUDE)
    assert not re.search(r"(?<!\\)<|(?<!\\)\[|(?<!\\)`|[^\\]://", memo)
    table = [line for line in memo.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {3, 9}


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    page = Page(text_of("html", hostile(), RUDE))
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "details", "summary",
        "span", "bdi", "div", "table", "thead", "tbody", "tr", "th", "td", "footer",
    }  # fmt: skip
    assert page.reaching == []
    assert "default-src 'none'" in text_of("html")


def test_the_page_shows_every_text_as_it_stands() -> None:
    shown = Page(text_of("html", hostile())).texts
    assert set(HOSTILE) <= set(shown)


def test_a_folded_branch_of_the_page_says_what_it_hides() -> None:
    assert Page(text_of("html", sample(60))).texts.count("+9 below") == 4


def workbook(tree: ProblemTree, context: ExportContext = CONTEXT) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(export("xlsx", tree, context)))


def test_the_work_plan_holds_every_leaf_with_real_dates_and_numbers() -> None:
    sheet = workbook(sample(60))["Work plan"]
    heads = [cell.value for cell in sheet[1]]
    rows = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]
    plan, outline = work_rows(sample(60)), workbook(sample(60))["Tree"]
    texts = {row[0].value: row[2].value for row in outline.iter_rows(min_row=2)}
    assert [texts[row["No. in the tree"]] for row in rows] == [row.node.text for row in plan]
    assert all(isinstance(row["Due"], datetime) for row in rows)
    assert all(isinstance(row["Effort (days)"], (int, float)) for row in rows)
    assert sheet.cell(2, heads.index("Belief") + 1).number_format == '[=0]0 %;[<0.005]"<1 %";0 %'
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:R{len(rows) + 1}"


def test_the_workbook_names_answers_and_places_in_words_and_numbers_and_holds_no_id() -> None:
    context = replace(CONTEXT, said={"query_1": "\u201cWhere?\u201d was answered \u201cNorth\u201d"})
    tree = sample(25)
    cited = tree.model_copy(update={"root": _citing(tree.root, ("query_1", "query_9"))})
    book = workbook(cited, context)
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    ids = {node.id for node in walk(cited.root)} - {"root"}
    ids |= {cause for node in walk(cited.root) if node.leaf for cause in node.leaf.cause_ids}
    assert not (ids | {"query_1", "query_9"}) & set(cells)
    assert "\u201cWhere?\u201d was answered \u201cNorth\u201d; 1 more on record in Whytree" in cells
    assert {"1", "1.1"} <= set(cells)


def _citing(node: Node, evidence: tuple[str, ...]) -> Node:
    leaf = node.leaf.model_copy(update={"evidence_ids": evidence}) if node.leaf else None
    children = tuple(_citing(child, evidence) for child in node.children)
    return node.model_copy(update={"leaf": leaf, "children": children})


def test_the_page_says_what_to_do_next_and_how_urgent_it_is() -> None:
    steps = ("Call <both> accounts. Who: Sales.", "Compare prices.")
    context = replace(CONTEXT, urgency="Urgency: High.", next_steps=steps)
    texts = [text for text in Page(text_of("html", context=context)).texts if text.strip()]
    after = texts[texts.index("What to do next") :]
    assert after[1:4] == ["Urgency: High.", *steps]
    assert "What to do next" not in Page(text_of("html")).texts


def test_a_field_that_is_not_known_is_an_empty_cell() -> None:
    sheet = workbook(hostile())["Work plan"]
    due = [cell.value for cell in sheet[1]].index("Due")
    assert all(row[due].value is None for row in sheet.iter_rows(min_row=2))


def test_no_text_of_the_workbook_is_a_formula_or_a_link() -> None:
    book = workbook(hostile(), RUDE)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert all(cell.hyperlink is None for cell in cells)
    assert {one_line(text) for text in HOSTILE} <= {
        one_line(c.value) for c in cells if isinstance(c.value, str)
    }


def test_the_workbook_says_its_version_and_when_it_was_made() -> None:
    book = workbook(sample(5))
    assert [row[1].value for row in book["Answer"].iter_rows() if row[0].value == "Made"] == [STAMP]
    assert book.properties.created == datetime(2026, 3, 1, 10, 5)


def test_the_workbook_of_a_tree_without_leaves_to_plan_opens() -> None:
    tree = sample(5)
    bare = tree.model_copy(
        update={"root": tree.root.model_copy(update={"children": tree.root.children[-1:]})}
    )
    assert workbook(bare)["Work plan"].max_row == 1


@pytest.mark.parametrize("count", [5, 25, 60])
def test_the_pdf_has_one_page_with_every_text(count: int) -> None:
    reader = PdfReader(io.BytesIO(export("pdf", sample(count), CONTEXT)))
    assert len(reader.pages) == 1
    text = one_line(reader.pages[0].extract_text())
    words = set(text.replace("\u00b7", " ").split())
    wanted = {word for node in walk(sample(count).root) for word in node.text.split()}
    assert len(wanted - words) <= 0.02 * len(wanted), wanted - words


def test_the_png_is_large_enough_to_read() -> None:
    image = Image.open(io.BytesIO(export("png", sample(25), CONTEXT)))
    assert image.width > 800
    assert image.height > 800


def test_the_svg_parses_and_carries_the_stamp() -> None:
    root = ET.fromstring(export("svg", sample(25), CONTEXT))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert f"Falling sales \u00b7 {STAMP}" in texts


def test_the_dot_text_parses_with_as_many_edges_as_children() -> None:
    graph = pygraphviz.AGraph(string=text_of("dot", sample(60)))
    assert len(graph.nodes()) == 60
    assert len(graph.edges()) == 59


def test_every_format_is_offered_with_a_name_and_a_media_type() -> None:
    assert set(EXPORTS) == {"pptx", "xlsx", "memo", "html", "pdf", "svg", "png", "dot", "mermaid", "json"}
    with pytest.raises(NotFound, match="There is no export named 'doc'"):
        export("doc", sample(5), CONTEXT)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ExportContext("T", "A", "V", datetime(2026, 3, 1))


def test_the_work_plan_puts_the_best_worth_per_day_first() -> None:
    worth = [row.worth or 0.0 for row in work_rows(sample(60)) if row.leaf.status == "open"]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize("name", ["memo", "html", "xlsx"])
def test_what_speaks_against_the_answer_stands_apart_from_what_speaks_for_it(name: str) -> None:
    context = replace(
        CONTEXT,
        evidence=("One says yes", "Two says no", "Three is dumb"),
        sides=("for", "against", "neither"),
    )
    if name == "xlsx":
        sheet = workbook(sample(5), context)["Answer"]
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    elif name == "html":
        texts = Page(text_of("html", context=context)).texts
    else:
        texts = re.sub(r"^(## |\d\. )", "", text_of("memo", context=context), flags=re.MULTILINE).splitlines()
    wanted = (
        "Why we believe it",
        "One says yes",
        "What speaks against it",
        "Two says no",
        "What did not move it",
        "Three is dumb",
    )
    places = [texts.index(text) for text in wanted]
    assert places == sorted(places)


def test_the_workbook_says_what_to_do_next_right_below_the_answer_where_a_diagnosis_does() -> None:
    told = replace(CONTEXT, urgency="Urgency: high.", next_step="Ask", next_steps=("Ask (A)", "Count (B)"))
    rows = [[cell.value for cell in row] for row in workbook(sample(5), told)["Answer"].iter_rows()]
    place = next(number for number, row in enumerate(rows) if row[0] == "What to do next")
    assert [row[1] for row in rows[place : place + 3]] == ["Urgency: high.", "Ask (A)", "Count (B)"]
    assert [rows[place - 2][0], rows[place + 3][0]] == ["Answer", "Question"]
    plain = workbook(sample(5))["Answer"]
    assert "What to do next" not in {cell.value for row in plain.iter_rows() for cell in row}


def test_after_a_verdict_the_plan_goes_by_belief_and_names_what_is_not_worth_testing_now() -> None:
    rows = work_rows(sample(60), decided=True)
    opened = [row for row in rows if row.leaf.status == "open"]
    beliefs = [row.leaf.belief or 0.0 for row in opened]
    assert beliefs == sorted(beliefs, reverse=True)
    unlikely = [row.node.text for row in opened if row.leaf.belief is not None and row.leaf.belief < 0.05]
    assert unlikely
    assert left_out(rows) == (
        f"Not worth testing now, under 5 % of belief after the verdict: {'; '.join(unlikely)}."
    )
    assert not left_out(work_rows(sample(60)))
    decided = replace(CONTEXT, decided=True)
    page, sheet = text_of("html", sample(60), decided), workbook(sample(60), decided)["Work plan"]
    assert page.count('<td dir="auto">Not worth') == 0
    assert page.count("Not worth testing now") == 1
    said = [
        cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("Not worth")
    ]
    assert len(said) == len(unlikely)


def test_a_plan_and_a_tree_are_told_without_words_of_the_tool() -> None:
    book = workbook(sample(25))
    heads = [cell.value for cell in book["Work plan"][1]]
    assert heads[0] == "Cause"
    splits = [str(row[5].value) for row in book["Tree"].iter_rows(min_row=2)]
    assert not any(re.match("(binary|formula|process|segment|framework|free)(:|$)", said) for said in splits)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("No. 7 #1 fell at 12:30!", "No. 7 #1 fell at 12:30!"),
        ("R & D {north}", "R & D {north}"),
        ("# head", "\\# head"),
        ("&lt; ![x](y)", "\\&lt; !\\[x\\](y)"),
        ("2 * 3 | 4", "2 \\* 3 \\| 4"),
    ],
)
def test_the_memo_escapes_what_markdown_needs_and_nothing_else(raw: str, shown: str) -> None:
    assert text(raw) == shown
    assert "".join(re.findall(r"<p>(.*)</p>", MarkdownIt().render(text(raw)))) == escape(raw)
