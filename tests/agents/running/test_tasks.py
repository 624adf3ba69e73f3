"""A file of tasks is read whole, or its faults are named line by line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import BadInput
from agents.running.tasks import MOST, Task, read_tasks


def test_each_line_of_a_text_is_a_task() -> None:
    assert read_tasks("tasks.txt", b"Late buses\n\n  Sick drivers \n") == [
        Task(1, "Late buses"),
        Task(3, "Sick drivers"),
    ]


def test_a_table_names_task_agent_and_priority_by_its_headings() -> None:
    content = 'Priority,Task,Agent\n5,"Late, very late",data\n,"Two\nlines",\n'
    assert read_tasks("tasks.csv", content.encode("utf-8-sig")) == [
        Task(2, "Late, very late", "data", 5),
        Task(4, "Two\nlines"),
    ]


def test_each_line_of_json_is_a_task() -> None:
    content = '{"text": "Late", "agent": "data", "priority": 3}\n\n{"task": "Sick"}\n'
    assert read_tasks("tasks.jsonl", content.encode()) == [Task(1, "Late", "data", 3), Task(3, "Sick")]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"", "The file holds no task."),
        ("a.txt", b"\xff\xfe", "The file is not UTF-8 text (byte 1)."),
        (
            "a.csv",
            b"name,age\nx,1\n",
            "The first line has no column task, text, input, question or complaint",
        ),
        ("a.csv", b"task,priority\nx,soon\n", "Line 2 has a priority that is no whole number from 1 to 1000"),
        ("a.jsonl", b'{"text": "x"}\nnot json\n["x"]\n', "Line 2 is no JSON; Line 3 is no JSON object."),
        ("a.jsonl", b'{"text": 5}', "Line 1 has no task"),
        (
            "a.csv",
            b"task\nSales fell\nSales fell, costs rose\n",
            "Line 3 has more fields than the first line has columns: put a text that holds a comma in double "
            "quotes. Nothing was started",
        ),
        ("a.csv", b"task,agent\nSales fell, costs rose,ask\n", "Line 2 has more fields than"),
        ("a.csv", b"task,agent\nSales fell,ask,\n", "Line 2 has more fields than"),
        ("a.jsonl", b'{"text": "x", "agent": 5}', "Line 1 names its agent in no text"),
        ("a.jsonl", b'{"text": "x", "priority": true}', "Line 1 has a priority"),
        ("a.jsonl", b'{"text": "x", "priority": 0}', "Line 1 has a priority"),
        ("a.jsonl", b'{"text": "x", "priority": "%s"}' % (b"9" * 5_000), "Line 1 has a priority"),
        ("a.csv", b"task,priority\nx," + b"9" * 5_000, "Line 2 has a priority"),
        ("a.csv", b"task," + b"x" * 131_073 + b"\ny,z\n", "Line 1: field larger than field limit"),
        ("a.jsonl", b"[" * 100_000, "Line 1 is no JSON"),
        ("a.jsonl", b"\n".join([b"x"] * 8), "and 3 more"),
        ("a.txt", b"x\n" * (MOST + 1), "10,001 tasks; 10,000 are the most"),
    ],
)
def test_a_fault_is_named_and_nothing_is_started(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match="Nothing was started") as caught:
        read_tasks(name, content)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("name", "form"), [("a.jsonl", '{"text": "%s"}'), ("a.txt", "%s")])
def test_only_line_feeds_end_a_line(name: str, form: str) -> None:
    first = "one\u2028more\x85line"
    content = f"{form % first}\r\n\r\n{form % 'two'}\n"
    assert read_tasks(name, content.encode()) == [Task(1, first), Task(3, "two")]


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip() != ""), min_size=1, max_size=20))
def test_any_texts_come_through_json_as_they_were(texts: list[str]) -> None:
    content = "\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts)
    assert [task.text for task in read_tasks("a.jsonl", content.encode())] == [text.strip() for text in texts]


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl", "a.txt", "a", ""]))
def test_whatever_is_sent_is_read_or_refused_with_a_sentence(content: bytes, name: str) -> None:
    try:
        assert read_tasks(name, content)
    except BadInput as error:
        assert "Nothing was started" in str(error)
