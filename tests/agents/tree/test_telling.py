"""What a manager reads in a deck: the complaint, and in plain words what each answer did to belief."""

import io
import re

from pptx import Presentation

from agents.tree.ops import Conclude
from agents.workbench import Workbench
from tests.conftest import TEXT, Diagnose


def test_the_powerpoint_tells_the_complaint_and_what_each_answer_did_to_belief(
    bench: Workbench, diagnose: Diagnose
) -> None:
    tree_id = bench.open_tree(diagnose(bench, {"sick_leave": "yes", "open_posts": "yes"}))
    op = Conclude(node_id="cause.drivers", status="supported", evidence_ids=("sick_leave", "Query 7"))
    bench.trees.edit(tree_id, op, bench.trees.state(tree_id).seq, "me")
    slides = Presentation(io.BytesIO(bench.trees.export(tree_id, "pptx"))).slides
    first, last = (
        [s.text_frame.text for s in slide.shapes if s.has_text_frame] for slide in (slides[0], slides[-1])
    )
    assert f"The complaint: \u201c{TEXT}\u201d" in first
    answered = "\u201cDoes sick_leave look odd to you?\u201d was answered \u201cYes, sick_leave does\u201d"
    [line] = [text for text in last if text.startswith(f"\u2022 {answered}. ")]
    sentence, below = line.split("\n")
    assert re.search(r"Belief in \u201cDrivers are missing\u201d rose from \d+ % to \d+ %\.$", sentence)
    assert below == "On record as: sick_leave"
    assert any(f"supported. Shown by: {answered}; Query 7." in text for text in last)
    assert not any("nats" in text for text in last)
