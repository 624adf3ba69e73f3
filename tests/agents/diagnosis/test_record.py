"""The record to take away: JSON that parses, and a memo in which people's words stay words."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.shared import Inches
from docx.text.paragraph import Paragraph
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agents.diagnosis.case import CLIENT_STATED, Inquiry
from agents.diagnosis.conclusion import conclude
from agents.diagnosis.memo_word import HEADS, as_word
from agents.diagnosis.record import _text, answer_rows, as_json, as_memo
from agents.diagnosis.view import DiagnosisView, view
from storage.outcomes import Outcome
from storage.runs import Run

AT = datetime(2026, 3, 14, 9, 30)
HOSTILE = (
    "# Sales *fell* _hard_ `rm -rf` <script>alert(1)</script> ![x](http://evil.example/x.png) "
    "[link](javascript:alert(1)) | a | {braces} ${HOME} & 'quotes' \"; drop table runs; -- \u202e 📉"
)

Inquire = Callable[..., Inquiry]
Guilty = Callable[[str], dict[str, str]]


def concluded(inquire: Inquire, run: Run, answers: dict[str, str], **changes: Any) -> DiagnosisView:
    """The view of a case that was concluded with these answers."""
    data = conclude(inquire(answers, **changes)).model_dump(mode="json")
    return view(run, inquire(answers, ("concluded", data), **changes))


def test_the_json_record_holds_the_view_the_diagnosis_and_the_outcome(
    inquire: Inquire, run: Run, guilty: Guilty
) -> None:
    shown = concluded(inquire, run, guilty("roads"))
    outcome = Outcome("run-1", "roads", "Roads are jammed", "seen on site", "me", AT)
    data = json.loads(as_json(shown, outcome, AT))
    assert data["format"] == "whytree.diagnosis/1"
    assert data["made_at"] == "2026-03-14T09:30:00Z"
    assert data["diagnosis"]["identified_business_problem"]["text"].startswith("Roads are jammed")
    assert data["outcome"] == {"cause": "Roads are jammed", "note": "seen on site"}
    assert "questions" not in data
    kept = {key: value for key, value in data.items() if key in DiagnosisView.model_fields}
    assert DiagnosisView.model_validate(kept) == shown.model_copy(update={"questions": ()})


def test_an_unconcluded_record_says_so(inquire: Inquire, run: Run) -> None:
    shown = view(run, inquire({"towings": "yes"}))
    assert json.loads(as_json(shown, None, AT))["diagnosis"] is None
    assert "**Not concluded yet.**" in as_memo(shown, None, AT)


def test_the_memo_begins_with_the_answer(inquire: Inquire, run: Run, guilty: Guilty) -> None:
    lines = as_memo(concluded(inquire, run, guilty("roads")), None, AT).splitlines()
    assert lines[0] == "# Buses run late"
    assert lines[2].startswith("**Roads are jammed and that is why buses run late.** (")
    assert lines[4].startswith("Urgency: Medium.")
    assert lines[6] == (
        "Hidden root risk: none stands out. No other listed cause holds more than 10 % of belief. "
        "An answer or a finding that speaks for another cause would bring one up."
    )


def test_a_memo_without_a_verdict_says_so_first_and_tells_what_would_decide(
    inquire: Inquire, run: Run
) -> None:
    memo = as_memo(concluded(inquire, run, {"towings": "yes"}), None, AT)
    assert memo.splitlines()[2].startswith("**Not decided.** Engines break down leads with ")
    assert "of belief; a verdict needs 94 %." in memo.splitlines()[2]
    assert "## What would decide it\n\n- Ask: " in memo
    assert (
        "Urgency: not known yet. Urgency follows from the cause, and none is decided. Answers that decide "
        "the cause would supply it; the next steps say where they come from."
    ) in memo


def test_the_memo_fits_on_a_page(inquire: Inquire, run: Run, guilty: Guilty) -> None:
    memo = as_memo(concluded(inquire, run, guilty("roads"), note="n" * 60), None, AT)
    assert len(memo.splitlines()) <= 75
    assert len(memo) < 6_000


def test_the_longest_complaint_and_notes_leave_the_memo_a_page(
    inquire: Inquire, run: Run, guilty: Guilty
) -> None:
    wordy = Run(**{**run.__dict__, "input": "It goes on and on. " * 1000})
    found = conclude(inquire(guilty("roads"))).model_dump(mode="json")
    memo = as_memo(view(wordy, inquire(guilty("roads"), ("concluded", found), note="n" * 2000)), None, AT)
    assert memo.count("… (the whole text is in the record)") == 1 + len(guilty("roads"))
    assert len(memo.splitlines()) <= 75
    assert len(memo) < 6_000


def test_a_pair_of_causes_stands_in_the_memo(inquire: Inquire, run: Run) -> None:
    people, garage = ("sick_leave", "open_posts", "overtime"), ("towings", "old_fleet", "spare_parts")
    both = dict.fromkeys(("roadworks", "detours", "where"), "no") | dict.fromkeys(people + garage, "yes")
    shown = concluded(inquire, run, both)
    assert shown.diagnosis
    assert shown.diagnosis.pair
    assert f"## Two causes at once\n\n- {shown.diagnosis.pair.text}" in as_memo(shown, None, AT)


def test_a_cause_that_rounds_to_nothing_is_not_called_impossible(
    inquire: Inquire, run: Run, guilty: Guilty
) -> None:
    memo = as_memo(concluded(inquire, run, guilty("roads")), None, AT)
    assert "- Engines break down: under 1 %" in memo
    assert ": 0 %" not in memo


def test_hostile_words_stay_words_in_the_memo(inquire: Inquire, run: Run) -> None:
    hostile_run = Run(**{**run.__dict__, "title": HOSTILE[:80], "input": HOSTILE})
    shown = view(
        hostile_run, inquire({"towings": "yes"}, note=HOSTILE, stated_id=CLIENT_STATED, stated_text=HOSTILE)
    )
    outcome = Outcome("run-1", CLIENT_STATED, HOSTILE, HOSTILE, "me", AT)
    memo = as_memo(shown, outcome, AT)
    without_escaped = re.sub(r"\\.", "", memo)
    for raw in ("<script", "![x](", "[link](", "*fell", "_hard", "`rm", "| a ", "http:", "\n# Sales"):
        assert raw not in without_escaped
    assert "{braces}" in memo
    assert "📉" in memo
    assert json.loads(as_json(shown, outcome, AT))["text"] == HOSTILE


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("1. first\n\n2. second", "1\\. first 2. second"),
        ("- dash", "\\- dash"),
        ("> quote", "\\> quote"),
        ("=== rule", "\\=== rule"),
        ("a\n\n    code", "a code"),
        ("5 % of 20", "5 % of 20"),
        ("see https://evil.example", "see https\\://evil.example"),
        ("www.evil.example", "www\\.evil.example"),
        ("mail me@evil.example", "mail me\\@evil.example"),
        (":red[x] :smile:", "\\:red\\[x\\] \\:smile:"),
        ("reason: late", "reason: late"),
        ("at 12:30 or 9:05", "at 12:30 or 9:05"),
        (":100: and a:b", "\\:100: and a\\:b"),
    ],
)
def test_text_is_shown_letter_for_letter(raw: str, shown: str) -> None:
    assert _text(raw) == shown


@given(st.text())
def test_no_text_leaves_its_line_or_opens_markup(text: str) -> None:
    escaped = _text(text)
    assert len(escaped.splitlines()) <= 1
    bare = escaped.replace("\\\\", "")
    assert not any(bare[i - 1 : i] != "\\" for i, c in enumerate(bare) if c in "`*_[]<>|$&")


def test_the_title_of_the_memo_is_the_whole_complaint_or_its_first_sentence(
    inquire: Inquire, run: Run
) -> None:
    said = "Our sales dropped by a fifth this quarter, mostly in the north, although prices did not change"
    shown = concluded(inquire, run, {}).model_copy(update={"text": said, "title": "Our sales…"})
    assert as_memo(shown, None, AT).startswith(f"# {said}\n")
    longer = shown.model_copy(update={"text": f"{said}. {said}. {said}."})
    assert as_memo(longer, None, AT).startswith(f"# {said}.\n")


def test_the_word_memo_says_what_the_memo_says_in_words_own_styles(
    inquire: Inquire, run: Run, guilty: Guilty
) -> None:
    memo = as_memo(concluded(inquire, run, guilty("roads"), note=HOSTILE), None, AT)
    written = docx.Document(BytesIO(as_word(memo, AT)))
    styles = {style: [p.text for p in group] for style, group in by_style(written.paragraphs).items()}
    assert styles["Title"] == [written.core_properties.title] == ["Buses run late"]
    assert [f"## {heading}" for heading in styles["Heading 1"]] == re.findall("^## .*", memo, re.MULTILINE)
    assert len(styles["List Number"]) == len(guilty("roads"))
    assert all(HOSTILE[:150].rstrip() in line for line in styles["List Number"])
    bold = [piece.text for p in written.paragraphs for piece in p.runs if piece.bold]
    assert bold == ["Roads are jammed and that is why buses run late."]
    said = "".join("".join(p.text.split()) for p in written.paragraphs)
    unescaped = re.sub(r"\\(.)", r"\1", re.sub(r"^(#+ |- |\d+\. |> )", "", memo, flags=re.MULTILINE))
    assert said == "".join(unescaped.replace("**", "").split())


def by_style(paragraphs: list[Paragraph]) -> dict[str, list[Paragraph]]:
    """Paragraphs by the name of their style."""
    found: dict[str, list[Paragraph]] = {}
    for paragraph in paragraphs:
        found.setdefault(paragraph.style.name if paragraph.style else "", []).append(paragraph)
    return found


@given(st.text(max_size=40))
def test_every_text_can_be_written_into_a_word_memo(text: str) -> None:
    written = docx.Document(BytesIO(as_word(f"# {_text(text)}\n\n- {_text(text)} end\n", AT)))
    assert written.paragraphs[-1].text.endswith("end")


def test_each_answer_of_the_memo_says_which_way_it_spoke(inquire: Inquire, run: Run, guilty: Guilty) -> None:
    shown = concluded(inquire, run, {**guilty("roads"), "detours": "no"})
    memo = as_memo(shown, None, AT)
    assert "In brackets: what each answer did to belief in “Roads are jammed”." in memo
    assert "No, detours is fine (against: 99 to 94 %)." in memo
    assert memo.count("(for: ") == 8
    assert [row[2] for row in answer_rows(shown)].count("Against") == 1


def test_the_facts_of_the_memo_begin_with_capitals(inquire: Inquire, run: Run) -> None:
    shown = concluded(
        inquire, run, {}, missing=("scope",), facts=({"kind": "size", "text": "20 %", "tag": None},)
    )
    memo = as_memo(shown, None, AT)
    assert "- Size: 20 %\n- Scope: not stated\n" in memo


def test_the_word_memo_shows_the_answers_as_a_table_and_the_tree_as_a_picture_on_its_page(
    inquire: Inquire, run: Run, guilty: Guilty
) -> None:
    shown = concluded(inquire, run, {**guilty("roads"), "detours": "no"})
    rows = answer_rows(shown)
    drawn = BytesIO()
    Image.new("RGB", (300, 900)).save(drawn, "PNG")
    written = docx.Document(BytesIO(as_word(as_memo(shown, None, AT), AT, rows, drawn.getvalue())))
    [table] = written.tables
    assert [tuple(cell.text for cell in row.cells) for row in table.rows] == [HEADS, *rows]
    [picture] = written.inline_shapes
    assert picture.height <= Inches(8)
    assert picture.height == pytest.approx(3 * picture.width, rel=0.01)


def test_the_word_memo_says_why_there_is_no_picture() -> None:
    written = docx.Document(BytesIO(as_word("# Late\n", AT, (), "It could not be drawn.")))
    assert written.paragraphs[-1].text == "It could not be drawn."


def test_the_word_memo_is_described_as_ours_and_made_when_it_was_made() -> None:
    written = docx.Document(BytesIO(as_word("# Late\n", AT)))
    properties = written.core_properties
    assert (properties.author, properties.last_modified_by) == ("Whytree", "Whytree")
    assert (properties.title, properties.comments) == ("Late", "")
    assert properties.created == properties.modified == AT.replace(tzinfo=UTC)
    links = written.part.package.rels.values()
    assert not any("thumbnail" in link.reltype for link in links)
