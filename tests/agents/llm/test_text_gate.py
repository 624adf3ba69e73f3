"""A corpus of bad model output: repair, fallback or a named failure follows, never a changed value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.llm.errors import AllFailed
from agents.llm.faults import Fault, Kind
from agents.llm.taking import taking
from agents.llm.text_gate import checked_json, checked_text, json_part
from agents.llm.words import cleaned_words, label, storable
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import Causes, Sink, provider
from tests.servers import faults
from tests.servers.chat_server import ANSWER, ChatServer, answer

GOOD = '{"causes": ["price"], "confidence": 0.5}'
CORPUS: dict[str, tuple[str, Kind]] = {
    "a lone surrogate": ('{"causes": ["\\ud800"], "confidence": 0.5}', Kind.UNUSABLE_TEXT),
    "a lone surrogate in a key": ('{"causes": [], "confidence": 0.5, "\\udfff": 1}', Kind.UNUSABLE_TEXT),
    "a raw lone surrogate": ('{"causes": ["\ud800"], "confidence": 0.5}', Kind.UNUSABLE_TEXT),
    "NUL as an escape": ('{"causes": ["a\\u0000b"], "confidence": 0.5}', Kind.UNUSABLE_TEXT),
    "NUL as it is": ('{"causes": ["a\x00b"], "confidence": 0.5}', Kind.UNUSABLE_TEXT),
    "NaN": ('{"causes": [], "confidence": NaN}', Kind.UNUSABLE_TEXT),
    "Infinity": ('{"causes": [], "confidence": Infinity}', Kind.UNUSABLE_TEXT),
    "minus Infinity": ('{"causes": [], "confidence": -Infinity}', Kind.UNUSABLE_TEXT),
    "a number too large for a float": ('{"causes": [], "confidence": 1e999}', Kind.UNUSABLE_TEXT),
    "2 to the 70": ('{"causes": [], "confidence": 1180591620717411303424}', Kind.UNUSABLE_TEXT),
    "a number of 5,000 digits": ('{"causes": [], "confidence": ' + "9" * 5000 + "}", Kind.BAD_JSON),
    "2,000 levels of lists": ("[" * 2000 + "]" * 2000, Kind.UNUSABLE_TEXT),
    "2,000 levels of objects": ('{"a":' * 2000 + "1" + "}" * 2000, Kind.UNUSABLE_TEXT),
    "100,000 levels that never close": ("[" * 100_000, Kind.UNUSABLE_TEXT),
    "the same key twice": ('{"causes": [], "confidence": 0.1, "confidence": 0.9}', Kind.BAD_JSON),
    "a number as text": ('{"causes": [], "confidence": "0.5"}', Kind.WRONG_SHAPE),
    "a yes for a number": ('{"causes": [], "confidence": true}', Kind.WRONG_SHAPE),
    "a text for a list": ('{"causes": "price", "confidence": 0.5}', Kind.WRONG_SHAPE),
    "numbers for texts": ('{"causes": [1, 2], "confidence": 0.5}', Kind.WRONG_SHAPE),
    "null for a list": ('{"causes": null, "confidence": 0.5}', Kind.WRONG_SHAPE),
    "a missing key": ('{"causes": []}', Kind.WRONG_SHAPE),
    "a key nobody asked for": ('{"causes": [], "confidence": 0.5, "verdict": "x"}', Kind.WRONG_SHAPE),
    "a bare list": ("[]", Kind.WRONG_SHAPE),
    "a bare text": ('"price"', Kind.WRONG_SHAPE),
    "a bare null": ("null", Kind.WRONG_SHAPE),
    "cut in the middle": ('{"causes": ["price", "mi', Kind.BAD_JSON),
    "two objects": (GOOD + GOOD, Kind.BAD_JSON),
    "prose": ("The price is the cause.", Kind.BAD_JSON),
    "prose around JSON": (f"Here you are: {GOOD} Good luck!", Kind.BAD_JSON),
    "a trailing comma": ('{"causes": [], "confidence": 0.5,}', Kind.BAD_JSON),
    "single quotes": ("{'causes': [], 'confidence': 0.5}", Kind.BAD_JSON),
    "an open fence": (f"```json\n{GOOD}", Kind.BAD_JSON),
    "nothing in a fence": ("```json\n\n```", Kind.EMPTY),
    "10 MB": ('{"causes": ["' + "x" * 10_000_000 + '"], "confidence": 0.5}', Kind.TOO_LARGE),
    "3 MB": ('{"causes": ["' + "x" * 3_000_000 + '"], "confidence": 0.5}', Kind.TOO_LARGE),
    "a text of escaped quotes that never ends": ('"' + '\\"' * 130_000, Kind.BAD_JSON),
    "20,000 keys, one of them twice": (
        "{" + "".join(f'"{n}": 1, ' for n in range(20_000)) + '"7": 2}',
        Kind.BAD_JSON,
    ),
    "20,000 wrong values": ('{"causes": [' + "1," * 20_000 + '1], "confidence": 0.5}', Kind.WRONG_SHAPE),
    "300,000 wrong values": ('{"causes": [' + "1," * 300_000 + '1], "confidence": 0.5}', Kind.TOO_LARGE),
    "empty": ("", Kind.EMPTY),
    "blanks": (" \n\t ", Kind.EMPTY),
}
take = taking(Causes)


@pytest.mark.parametrize(("text", "kind"), CORPUS.values(), ids=CORPUS)
def test_bad_output_is_a_fault_of_its_kind(text: str, kind: Kind) -> None:
    with pytest.raises(Fault) as raised:
        take(text)
    assert raised.value.kind is kind


@pytest.mark.parametrize(("text", "kind"), CORPUS.values(), ids=CORPUS)
def test_bad_output_over_the_wire_ends_in_repair_or_a_named_failure(
    text: str, kind: Kind, server: ChatServer, make_world: MakeWorld
) -> None:
    server.then(answer(text))
    world = make_world(provider(server.url))
    try:
        assert world.ask().text == ANSWER
    except AllFailed as failure:
        assert kind is Kind.TOO_LARGE
        assert "Nothing was made up" in str(failure)
    first, *others = world.rows()
    assert first.error_type == kind
    assert [row.error_type for row in others] == ([] if kind is Kind.TOO_LARGE else [None])


@pytest.mark.parametrize("name", [name for name in CORPUS if "10 MB" not in name])
def test_bad_output_that_stays_goes_to_the_next_provider(
    name: str, server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = answer(CORPUS[name][0])
    world = make_world(provider(server.url), provider(other_server.url, "beta"))
    assert world.ask().provider_name == "beta"
    assert None not in world.answers()[-1:]


@pytest.mark.parametrize("text", ["a \ud800 b", "a \x00 b", "x" * 3_000_000])
def test_bad_text_in_a_stream_is_a_named_failure_and_never_shown(
    text: str, server: ChatServer, make_world: MakeWorld
) -> None:
    def bad(exchange: faults.Exchange) -> None:
        exchange.start_stream()
        exchange.event(faults.piece("The cause "))
        exchange.event(faults.piece(text))
        exchange.close()

    server.default = bad
    world, sink = make_world(provider(server.url)), Sink()
    with pytest.raises(AllFailed):
        world.write(sink)
    assert sink.text == "The cause "
    assert world.rows()[0].error_type in (Kind.UNUSABLE_TEXT, Kind.TOO_LARGE)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_good_json_comes_through_unchanged(value: Any, fenced: bool) -> None:
    text = json.dumps(value)
    assert checked_json(json_part(f"```json\n{text}\n```" if fenced else text)) == value


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_good_text_comes_through_unchanged(text: str) -> None:
    assert checked_text(text) == text


@given(st.text(st.characters()))
def test_any_text_is_either_kept_as_it_is_or_refused(text: str) -> None:
    try:
        assert checked_text(text) == text
    except Fault:
        assert "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)
    storable(text).encode()


@given(st.text(st.characters(), max_size=500))
def test_words_and_labels_can_be_kept_and_shown(text: str) -> None:
    words = cleaned_words(text, 50)
    assert len(words) <= 50
    assert words.isprintable()
    words.encode()
    shown = label(text)
    assert shown is None or (shown == text and text.isprintable())


def test_brackets_inside_of_texts_are_no_levels() -> None:
    deep = "[" * 5000
    assert checked_json(json.dumps({"a": deep})) == {"a": deep}
