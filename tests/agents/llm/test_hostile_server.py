"""A hostile or broken server: what it sends costs bounded time and is never taken for more than it is."""

import json
from typing import Any

import pytest

from agents.llm.errors import AllFailed
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, Causes, Sink, context_of, filled, provider
from tests.agents.llm.test_fault_table import Case
from tests.servers import faults
from tests.servers.chat_server import ANSWER, ChatServer, Exchange, answer, completion, head, piece


def error_body(status: int, error: Any) -> Any:
    return lambda exchange: exchange.respond(json.dumps(error), status)


def raw(*parts: bytes) -> Any:
    """These bytes as they are, then the end of the connection."""

    def behave(exchange: Exchange) -> None:
        for part in parts:
            exchange.send(part)
        exchange.close()

    return behave


def endless(part: bytes, start: bytes = b"") -> Any:
    """The same bytes again and again, as fast as they are taken."""

    def behave(exchange: Exchange) -> None:
        exchange.send(start)
        while not exchange.stopping.is_set():
            exchange.send(part)

    return behave


GEMINI_KEY = [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}]
GEMINI = [{"error": {"code": 400, "message": "Request contains an invalid argument."}}]
FILTERED = {"error": {"message": "The prompt was filtered.", "code": "content_filter"}}
ODD_CODE = {"error": {"message": {"not": "a text"}, "code": {}, "type": [], "param": 7}}
IN_CHOICE = {"choices": [{"error": {"code": 502, "message": "upstream"}, "message": {"content": ""}}]}
CHUNKED = head(200, "application/json", {"Transfer-Encoding": "chunked"})

CASES = [
    Case("an error in a list", error_body(400, GEMINI), "“Request contains an", [("bad_request", 400)]),
    Case("a wrong key told by 400", error_body(400, GEMINI_KEY), "refused the key", [("auth", 400)]),
    Case("a filter told by 400", error_body(400, FILTERED), "content filter", [("content_filter", 400)]),
    Case("an error of odd types", error_body(500, ODD_CODE), "(HTTP 500)", [("server_error", 500)] * 3),
    Case(
        "an error inside of a choice",
        faults.body(json.dumps(IN_CHOICE)),
        "reported a fault of its own (HTTP 502)",
        [("server_error", 502)] * 3,
    ),
    Case(
        "an error with a code that is no status",
        faults.body('{"error": {"message": "x", "code": 99999999999999999999}}'),
        "reported a fault of its own.",
        [("server_error", None)] * 3,
    ),
    Case(
        "no content",
        raw(head(204, "text/plain", {"Connection": "close"})),
        "damaged bytes",
        [("not_a_reply", 200)] * 3,
    ),
    Case(
        "a longer body announced than sent",
        raw(head(200, "application/json", {"Content-Length": "1000"}), b'{"choices"'),
        "broke off the connection",
        [("connection_lost", None)] * 3,
    ),
    Case(
        "a length below zero",
        raw(head(200, "application/json", {"Content-Length": "-5"}), b"{}"),
        "broke off the connection",
        [("connection_lost", None)] * 3,
    ),
    Case(
        "chunks of no size",
        raw(CHUNKED, b"zz\r\n{}\r\n"),
        "broke off the connection",
        [("connection_lost", None)] * 3,
    ),
    Case(
        "one chunk of a terabyte",
        raw(CHUNKED, b"10000000000\r\n{}"),
        "broke off the connection",
        [("connection_lost", None)] * 3,
    ),
    Case(
        "a head of a megabyte",
        raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 130_000 + b"\r\n{}"),
        "broke off the connection",
        [("connection_lost", None)] * 3,
    ),
    Case(
        "promises without end",
        endless(b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case(
        "chunks of one byte without end",
        endless(b"1\r\n \r\n" * 1000, CHUNKED),
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case(
        "a stream where none was asked for",
        faults.stream_without_usage(ANSWER),
        "damaged bytes",
        [("not_a_reply", 200)] * 3,
    ),
    Case("tool calls alone", answer(None, message={"tool_calls": [{}]}), "empty reply", [("empty", 200)] * 3),
    Case("text of another kind", answer(None, message={"content": 7}), "empty reply", [("empty", 200)] * 3),
    Case("cut off in other words", answer(finish_reason="MAX_TOKENS"), "limit on the", [("truncated", 200)]),
    Case("withheld in other words", answer(finish_reason="SAFETY"), "filter", [("content_filter", 200)]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_hostile_server_sends_becomes_a_sentence_and_rows(
    case: Case, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = case.behaviour
    world = make_world(provider(server.url, **case.settings))
    with pytest.raises(AllFailed) as raised:
        world.ask()
    assert case.sentence in str(raised.value)
    assert "Nothing was made up" in str(raised.value)
    assert [(row.error_type, row.http_status) for row in world.rows()] == case.rows


STREAMS = {
    "comments without end": (endless(b": still here\n\n" * 100), "in time"),
    "chunks that say nothing, without end": (endless(b"data: {}\n\n" * 100), "in time"),
    "one line without end": (endless(b"x" * 65_536, b"data: "), "more than a reply may hold"),
    "events that are no text": (raw(b"data: \xff\xfe\n\n"), "damaged bytes"),
    "a text in half a megabyte of pieces that never ends": (
        endless(b'data: {"choices": [{"delta": {"content": "' + b"x" * 500_000 + b'"}}]}\n\n'),
        "more than a reply may hold",
    ),
}


@pytest.mark.parametrize(("rest", "sentence"), STREAMS.values(), ids=STREAMS)
def test_a_stream_without_end_ends_by_time_or_by_size(
    rest: Any, sentence: str, server: ChatServer, make_world: MakeWorld
) -> None:
    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        rest(exchange)

    server.default = behave
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed) as raised:
        world.write(Sink(), deadline_s=0.6 if sentence == "in time" else 60.0)
    assert sentence in str(raised.value)


def ended_then(rest: Any) -> Any:
    """A text with its last word said, and then this."""

    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event(piece("The cause is the price."))
        exchange.event(piece(finish_reason="stop"))
        rest(exchange)

    return behave


AFTERWARDS = {"silence": faults.silent, "a reset": Exchange.reset, "the end": Exchange.close}


@pytest.mark.parametrize("rest", AFTERWARDS.values(), ids=AFTERWARDS)
def test_what_follows_a_texts_last_word_costs_only_its_usage(
    rest: Any, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = ended_then(rest)
    world, sink = make_world(provider(server.url, timeout_s=0.3)), Sink()
    assert world.write(sink).text == sink.text == "The cause is the price."
    (row,) = world.rows()
    assert (row.error_type, row.usage_source) == (None, "estimated")


def test_words_after_the_end_of_a_stream_are_not_read(server: ChatServer, make_world: MakeWorld) -> None:
    def behave(exchange: Exchange) -> None:
        ended_then(lambda e: e.event("[DONE]"))(exchange)
        exchange.event(piece(" Not at all."))
        exchange.stopping.wait()

    server.default = behave
    world, sink = make_world(provider(server.url)), Sink()
    assert world.write(sink).text == sink.text == "The cause is the price."


def test_a_reply_that_nobody_asked_for_is_not_taken_for_the_next_one(
    server: ChatServer, make_world: MakeWorld
) -> None:
    stray = json.dumps(completion('{"causes": ["stray"], "confidence": 1.0}')).encode()

    def two_at_once(exchange: Exchange) -> None:
        own = json.dumps(completion()).encode()
        whole = b""
        for body in (own, stray):
            whole += head(200, "application/json", {"Content-Length": str(len(body))}) + body
        exchange.send(whole)

    server.then(two_at_once)
    world = make_world(provider(server.url))
    assert world.ask("first").value.causes == ["price", "mix"]
    server.default = answer('{"causes": ["second"], "confidence": 0.5}')
    other = filled("Costs rose.")
    reply = world.client.ask(Causes, other, "diagnosis", context_of("second"), world.cancel)
    assert reply.value.causes == ["second"]
    assert [row.error_type for row in world.rows()] == [None, "not_a_reply", None]


@pytest.mark.parametrize("size", range(280, 301, 4))
def test_a_key_is_blotted_out_before_long_words_are_cut(
    size: int, server: ChatServer, make_world: MakeWorld
) -> None:
    message = "x" * (size - len(KEY)) + " " + KEY
    server.default = error_body(404, {"error": {"message": message}})
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed) as raised:
        world.ask()
    assert KEY[:8] not in str(raised.value)


def test_a_key_in_escapes_that_reading_would_undo_is_a_key(server: ChatServer, make_world: MakeWorld) -> None:
    hidden = "".join(f"\\u{ord(character):04x}" for character in KEY)
    server.default = answer(ANSWER.replace("price", hidden))
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed, match="an access key in it"):
        world.ask()
    assert world.rows()[0].error_type == "key_in_reply"


def test_a_reply_with_a_mark_before_its_first_byte_is_read(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = faults.body(b"\xef\xbb\xbf" + json.dumps(completion()).encode())
    assert make_world(provider(server.url)).ask().value.causes == ["price", "mix"]
