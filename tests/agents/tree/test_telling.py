"""What a manager reads in a deck: the complaint, and in plain words what each answer did to belief."""

import io
import re
from itertools import pairwise
from typing import Any

from pptx import Presentation

from agents.diagnosis.structure import LISTED
from agents.tree.ops import Conclude
from agents.workbench import Workbench
from tests.conftest import TEXT, Diagnose, Play


def test_the_powerpoint_tells_the_complaint_and_what_each_answer_did_to_belief(
    bench: Workbench, diagnose: Diagnose
) -> None:
    tree_id = bench.open_tree(diagnose(bench, {"sick_leave": "yes", "open_posts": "yes"}))
    op = Conclude(node_id="cause.drivers", status="supported", evidence_ids=("sick_leave", "Query 7"))
    bench.trees.edit(tree_id, op, bench.trees.state(tree_id).seq, "me")
    slides = Presentation(io.BytesIO(bench.trees.export(tree_id, "pptx"))).slides
    texts = [[s.text_frame.text for s in slide.shapes if s.has_text_frame] for slide in slides]
    first, last = texts[0], texts[-1]
    assert f"The complaint: \u201c{TEXT}\u201d" in first
    answered = "\u201cDoes sick_leave look odd to you?\u201d was answered \u201cYes, sick_leave does\u201d"
    [line] = [text for text in last if re.match(rf"\d\. {re.escape(answered)}\. ", text)]
    assert re.search(r"Belief in \u201cDrivers are missing\u201d rose from \d+ % to \d+ %\.$", line)
    assert any(f"supported. Shown by: {answered}; Query 7." in text for text in last)
    assert not any("nats" in text for text in last)
    assert not any("On record as" in text for slide in texts for text in slide)


def test_the_evidence_of_a_deck_stands_in_the_order_of_the_answers(
    bench: Workbench, diagnose: Diagnose
) -> None:
    run = diagnose(bench, {"open_posts": "no", "sick_leave": "yes", "towings": "yes"})
    [slide] = list(_deck(bench, bench.open_tree(run)))[-1:]
    said = [s.text_frame.text for s in slide.shapes if s.has_text_frame and s != slide.shapes.title]
    lines = [text for text in said if re.match(r"\d\. ", text)]
    assert [line[0] for line in lines] == [f"{n}" for n in range(1, len(lines) + 1)]
    moved = [re.findall(r"(\d+) %", line.rsplit("Belief in", 1)[1]) for line in lines]
    assert len(moved) >= 3
    assert all(before[-1] == after[0] for before, after in pairwise(moved))


def test_every_title_of_a_deck_is_a_message_and_the_next_step_has_a_slide(
    bench: Workbench, diagnose: Diagnose, play: Play
) -> None:
    run = diagnose(bench)
    assert play(bench, run, "drivers").phase == "concluded"
    found = bench.view(run).diagnosis
    assert found is not None
    tree_id = bench.open_tree(run)
    assert bench.trees.state(tree_id).tree.title == bench.run(run).title == TEXT
    slides = list(_deck(bench, tree_id))
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert titles[1] == f"To do next: {found.next_steps[0].do}"
    assert any(
        title.startswith("Most belief lies with \u201cDrivers are missing\u201d: ") for title in titles
    )
    assert re.search(
        r"^\d+ answers raised belief in \u201cDrivers are missing\u201d from \d+ % to \d+ %", titles[-1]
    )
    assert not {"Evidence", "Work plan", "One of the causes on the list", LISTED} & set(titles)
    below = "\n".join(s.text_frame.text for s in slides[1].shapes if s.has_text_frame)
    assert "Urgency: " in below
    assert all(step.owner in below and step.disproof in below for step in found.next_steps)


def _deck(bench: Workbench, tree_id: str) -> Any:
    return Presentation(io.BytesIO(bench.trees.export(tree_id, "pptx"))).slides
