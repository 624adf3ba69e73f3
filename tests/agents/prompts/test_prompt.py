"""Prompts are checked files, and what people type stays data."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import BadInput
from agents.prompts.prompt import DATA_RULE, Prompt, PromptError, load_prompt

FILE = """---
variables: [problem, facts]
temperature: 0.3
max_output_tokens: 500
---
# System
You name causes.

# User
The problem:

{{problem}}

What is known: {{ facts }}
"""


@pytest.fixture
def prompt(tmp_path: Path) -> Prompt:
    return load_prompt(written(tmp_path, FILE))


def written(folder: Path, text: str) -> Path:
    file = folder / "causes.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_stable_part_comes_first_and_does_not_change(prompt: Prompt) -> None:
    one = prompt.fill({"problem": "a", "facts": "b"})
    other = prompt.fill({"problem": "c", "facts": "d"})
    assert one.messages[0] == other.messages[0]
    assert one.messages[0] == {"role": "system", "content": f"You name causes.\n\n{DATA_RULE}"}
    assert (one.temperature, one.max_output_tokens) == (0.3, 500)


def test_missing_and_unknown_variables_are_named_in_one_error(prompt: Prompt) -> None:
    with pytest.raises(PromptError, match="missing: facts, problem; unknown: colour, size"):
        prompt.fill({"colour": "red", "size": "large"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[problem, facts]", "[problem, facts, size]"), "missing: size"),
        (("[problem, facts]", "[problem]"), "unknown: facts"),
        (("You name causes.", "You name {{problem}}."), "a variable stands in the system part"),
        (("# System", "# Sistem"), "has not the expected parts"),
        (("temperature: 0.3", "colour: red"), "may hold only"),
    ],
)
def test_a_wrong_file_is_one_error_that_says_what_is_wrong(
    change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(PromptError, match=re.escape(told)):
        load_prompt(written(tmp_path, FILE.replace(*change)))


def test_the_version_changes_with_the_file_and_with_nothing_else(tmp_path: Path) -> None:
    first = load_prompt(written(tmp_path, FILE)).version
    assert load_prompt(written(tmp_path, FILE.replace("\n", "\r\n"))).version == first
    assert load_prompt(written(tmp_path, FILE.replace("causes", "reasons"))).version != first


def test_half_of_a_character_is_refused_before_it_is_sent(prompt: Prompt) -> None:
    with pytest.raises(BadInput, match="half of a character"):
        prompt.fill({"problem": "\ud83d", "facts": ""})


PIECES = ["~", "~~~~", "{", "}", "\n", "problem", "facts", "{{facts}}", "%s", "\\1", " "]
hostile = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(hostile, hostile)
def test_whatever_people_type_stands_between_fences_that_it_cannot_close(problem: str, facts: str) -> None:
    plain = Prompt("p", "1", "s", "{{problem}} and {{facts}}", frozenset({"problem", "facts"}), 0.0, 9)
    text = plain.fill({"problem": problem, "facts": facts}).messages[1]["content"]
    fence = text[: re.match("~+", text).end()]  # type: ignore[union-attr]
    assert len(fence) >= 4
    assert fence not in problem
    assert fence not in facts
    expected = f"{fence} problem\n{problem}\n{fence} and {fence} facts\n{facts}\n{fence}"
    assert text == expected
