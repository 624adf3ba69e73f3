"""Prose of a model: emphasis stays, whatever loads, links or runs does nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.ask.prose import Block, blocks, harmless
from pages.ui.text import WORD_JOINER

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py reads Markdown as browsers do")

ACTIVE = {"link_open", "image", "html_block", "html_inline"}


def active(text: str) -> set[str]:
    """What a CommonMark reader would load, link or run."""
    tokens = markdown_it.MarkdownIt("commonmark").parse(text)
    kinds = {token.type for token in tokens}
    return ACTIVE & (kinds | {child.type for token in tokens for child in token.children or []})


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://203.0.113.7/x.png)",
        "[y](javascript:alert(1))",
        "[y] (http://203.0.113.7)",
        "![x][1]\n\n[1]: http://203.0.113.7/x.png",
        "[1]: http://203.0.113.7/x.png\n\n[1]",
        '<img src="http://203.0.113.7/x.png" onerror=alert(1)>',
        "<script>alert(2)</script>",
        "<http://203.0.113.7>",
        "<!-- x -->",
        "``a` ![x](http://203.0.113.7/a.png)` b``",
        "`a ![x](http://203.0.113.7/a.png)",
        "\\![x](http://203.0.113.7/a.png)",
        "![a![b](http://203.0.113.7/b.png)](http://203.0.113.7/a.png)",
    ],
)
def test_nothing_is_loaded_linked_or_run(text: str) -> None:
    assert not active(harmless(text))


@given(st.text(alphabet="[]()<>!:`\\ab/ \n#*&;1$", max_size=60))
def test_no_mix_of_signs_becomes_active(text: str) -> None:
    assert not active(harmless(text))


@given(st.text(max_size=200) | st.text(alphabet="ab1:$\\`|{} ", max_size=40))
def test_what_is_read_is_what_was_written(text: str) -> None:
    written = text.replace(WORD_JOINER, "")
    assert read(harmless(text).replace(WORD_JOINER, "")) == read(written) or "\n" in written.strip()


def read(text: str) -> str:
    """What a CommonMark reader shows."""
    return str(markdown_it.MarkdownIt("commonmark").render(text))


def test_emphasis_lists_headings_and_citations_stay() -> None:
    text = "# Title\n\n- **bold** and *soft* [1]\n- `code`"
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text", [":material/home: x", ":smile:", ":+1:", "http://a.b", "me@example.com", "&#60;b&#62;"]
)
def test_what_streamlit_itself_would_replace_is_broken(text: str) -> None:
    assert WORD_JOINER in harmless(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (":red[x] $..$", "\\:red[x] \\$..\\$"),
        ("a:b \\:c \\\\:d", "a\\:b \\:c \\\\\\:d"),
        (":::name\nx\n:::", "\\:\\:\\:name\nx\n\\:\\::"),
        ("`:red[x]` ``a`:b``", "`:red[x]` ``a`:b``"),
        ("$a \\$b \\\\$c", "\\$a \\$b \\\\\\$c"),
    ],
)
def test_directives_and_formulas_are_escaped_so_that_nothing_they_hold_is_lost(
    text: str, written: str
) -> None:
    assert harmless(text) == written


@pytest.mark.parametrize("text", ["at 10:30:15", "Note: see", "|a|\n|:-:|\n|1|", "a: -b"])
def test_what_nobody_would_replace_is_copied_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_a_formula_is_plain_text() -> None:
    assert harmless("costs $5 to $10") == "costs \\$5 to \\$10"
    assert harmless("`$x$`") == "`$x$`"


def test_code_between_fences_is_drawn_as_code() -> None:
    text = "Before\n```python\nprint('![x](http://a)')\n```\nAfter"
    assert blocks(text) == [
        Block("Before\n"),
        Block("print('![x](http://a)')", "python"),
        Block("\nAfter"),
    ]


def test_a_fence_that_is_still_open_is_code_to_the_end() -> None:
    assert blocks("```sql\nselect 1")[-1] == Block("select 1", "sql")
