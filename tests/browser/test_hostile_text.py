"""Whatever people type is read letter for letter in a real browser, and loads, links and runs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.settings import Settings
from agents.workbench import Who, Workbench
from benchmarks.server import Server
from pages.ui.text import WORD_JOINER
from tests.browser.conftest import Visit
from tests.conftest import Diagnose
from tests.pages.test_hostile_text import HOSTILE

pytestmark = pytest.mark.browser

PROJECTS = ("default", "second")
"""The list of recent sessions is short, so the texts are spread over two."""
ALL = " ".join(HOSTILE.values())
LONGEST_LABEL = 70


class Kept:
    """What the store holds before the server starts."""

    def __init__(self) -> None:
        self.titles: dict[str, dict[str, str]] = {project: {} for project in PROJECTS}
        """Title by run, by project."""
        self.concluded = ""
        """A diagnosis with hostile text wherever a person can put some."""


@pytest.fixture(scope="module")
def kept() -> Kept:
    """Filled by the server's fixture."""
    return Kept()


@pytest.fixture(scope="module")
def server(settings_of_module: Settings, diagnose: Diagnose, kept: Kept) -> Iterator[Server]:
    """The real server over a store full of hostile text."""
    bench = Workbench.open(settings_of_module)
    for number, text in enumerate(HOSTILE.values()):
        project = PROJECTS[number % len(PROJECTS)]
        run_id = bench.start(text, Who("me", project), "late_buses")
        kept.titles[project][run_id] = bench.view(run_id).title
    kept.concluded = diagnose(bench, text=HOSTILE["html"], stated=HOSTILE["html"][:LONGEST_LABEL])
    view = bench.view(kept.concluded)
    bench.answer(kept.concluded, view.questions[0].question_id, "yes", view.seq, ALL)
    bench.conclude(kept.concluded, bench.view(kept.concluded).seq)
    bench.record_outcome(kept.concluded, "roads", ALL)
    bench.close()
    with Server(settings_of_module.data, environment={"WHYTREE_ENVIRONMENT": "test"}) as running:
        yield running


@pytest.fixture(scope="module")
def settings_of_module(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Settings:
    """Settings on a folder that lives as long as the module's tests."""
    return Settings(data=tmp_path_factory.mktemp("hostile"), playbooks=tiny_folder, environment="test")


def read(text: str) -> str:
    """Text as an eye reads it: no invisible joiners, one space between words."""
    return " ".join(text.replace(WORD_JOINER, "").split())


def joined(text: str) -> str:
    """Text without its blanks: a drawing has none where it breaks a line."""
    return text.replace(" ", "")


@pytest.mark.parametrize("project", PROJECTS)
def test_recent_sessions_are_read_as_they_were_typed(visit: Visit, kept: Kept, project: str) -> None:
    visitor = visit(f"project={project}")
    for run_id, title in kept.titles[project].items():
        assert read(visitor.page.locator(f".st-key-recent-{run_id}").inner_text()) == read(title)


def test_a_diagnosis_is_read_as_it_was_typed_everywhere_on_its_page(visit: Visit, kept: Kept) -> None:
    visitor = visit(f"run={kept.concluded}")
    visitor.page.get_by_text("Evidence: ").click()
    visitor.page.get_by_text("Note: ").first.wait_for()
    said = read(visitor.seen())
    html = read(HOSTILE["html"])
    label = html[:LONGEST_LABEL]
    assert f"Problem as stated {html}" in said
    assert f"Note: {read(ALL)}" in said
    assert joined(f"{label} (suspected)") in joined(said)
    assert said.count(read(ALL)) == 2  # the note, and how it was found out in the end


def test_a_choice_is_read_as_it_was_typed(visit: Visit, kept: Kept) -> None:
    visitor = visit(f"run={kept.concluded}")
    field = visitor.page.get_by_label("The real cause")
    field.scroll_into_view_if_needed()
    field.press_sequentially("img")
    assert read(visitor.page.get_by_role("option").filter(has_text="onerror").inner_text()) == read(
        HOSTILE["html"][:LONGEST_LABEL]
    )


def test_no_text_becomes_a_link_an_image_or_an_icon(visit: Visit, kept: Kept) -> None:
    visitor = visit(f"run={kept.concluded}")
    main = visitor.page.get_by_test_id("stMain")
    links = main.locator("a[href]").evaluate_all("found => found.map(link => link.getAttribute('href'))")
    assert not [link for link in links if not link.startswith("#")]  # a heading links to itself
    assert main.locator("img").count() == 0
    assert main.locator(".katex").count() == 0
    assert main.get_by_test_id("stIconMaterial").filter(has_text="home").count() == 0


def test_a_link_with_markdown_in_its_run_is_read_as_it_is(visit: Visit) -> None:
    visitor = visit("run=![x](http://203.0.113.7/x.png)[y](http://203.0.113.7)")
    assert "There is no run “![x](http://203.0.113.7/x.png)" in read(visitor.page.inner_text("body"))
    assert visitor.page.get_by_test_id("stMain").locator("img").count() == 0
