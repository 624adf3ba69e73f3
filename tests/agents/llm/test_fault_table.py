"""What a person reads and what `calls` holds for everything a server can do wrong; never a made-up answer."""

import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.errors import ModelFailed
from agents.llm.errors import AllFailed, CallCancelled
from storage import calls
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, Sink, provider
from tests.servers import faults
from tests.servers.chat_server import ANSWER, Behaviour, ChatServer, answer, completion, status

TRUNCATED = '{"causes": ["price", "m'
WRONG_SHAPE = '{"causes": "price", "confidence": "high"}'


@dataclass(frozen=True)
class Case:
    """A server that does one thing wrong every time."""

    name: str
    behaviour: Behaviour
    sentence: str
    """Part of what the person reads."""
    rows: list[tuple[str | None, int | None]]
    """`error_type` and `http_status` of each attempt."""
    settings: dict[str, Any] = field(default_factory=dict)
    deadline_s: float = 60.0


CASES = [
    Case("429", status(429), "asked for fewer requests (HTTP 429)", [("rate_limited", 429)] * 3),
    Case(
        "429 with retry-after",
        status(429, retry_after="2"),
        "asked for fewer requests (HTTP 429), and to wait 2 s",
        [("rate_limited", 429)] * 3,
    ),
    Case(
        "429 with a retry-after of 90 s",
        status(429, retry_after="90"),
        "and to wait 90 s",
        [("rate_limited", 429)],
    ),
    Case("500", status(500), "reported a fault of its own (HTTP 500)", [("server_error", 500)] * 3),
    Case(
        "502 with a web page",
        faults.html(502),
        "reported a fault of its own (HTTP 502)",
        [("server_error", 502)] * 3,
    ),
    Case(
        "200 with a web page",
        faults.html(200),
        "such as a web page or damaged bytes",
        [("not_a_reply", 200)] * 3,
    ),
    Case(
        "reset in mid-answer",
        faults.reset_in_answer,
        "broke off the connection in the middle of its reply",
        [("connection_lost", None)] * 3,
    ),
    Case("no HTTP at all", faults.not_http, "broke off the connection", [("connection_lost", None)] * 3),
    Case(
        "timeout",
        faults.silent,
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case(
        "a drip",
        faults.drip(0.05),
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case(
        "a drip in the head",
        faults.drip_head(0.05),
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case("401", status(401), "refused the key (HTTP 401)", [("auth", 401)]),
    Case("402", status(402), "has no credit left", [("no_credit", 402)]),
    Case(
        "404 model",
        status(404, "The model gpt-9 does not exist"),
        "has no such model, or no such address (HTTP 404): “The model gpt-9 does not exist”",
        [("model_not_found", 404)],
    ),
    Case("400", status(400, "Unknown field"), "refused the request (HTTP 400)", [("bad_request", 400)]),
    Case("a redirect", status(307, location="http://127.0.0.1:1/"), "HTTP 307", [("bad_request", 307)]),
    Case(
        "malformed JSON",
        answer("{causes: price}"),
        "sent a reply that is no valid JSON",
        [("bad_json", 200)] * 2,
    ),
    Case(
        "right JSON of the wrong shape",
        answer(WRONG_SHAPE),
        "sent a reply of another form than was asked for",
        [("wrong_shape", 200)] * 2,
    ),
    Case(
        "truncated by length",
        answer(TRUNCATED, finish_reason="length"),
        "was cut off by the limit on the length of a reply",
        [("truncated", 200)],
    ),
    Case(
        "refusal",
        answer(None, message={"refusal": "I cannot help with that."}),
        "declined to answer",
        [("refusal", 200)],
    ),
    Case(
        "content filter",
        answer("", finish_reason="content_filter"),
        "withheld its reply because of a content filter",
        [("content_filter", 200)],
    ),
    Case("empty choices", faults.body('{"choices": []}'), "sent an empty reply", [("empty", 200)] * 3),
    Case("empty text", answer("  "), "sent an empty reply", [("empty", 200)] * 3),
    Case(
        "a choice that is none",
        faults.body('{"choices": ["yes"]}'),
        "sent an empty reply",
        [("empty", 200)] * 3,
    ),
    Case("a reply of 20 MB", faults.large(20_000_000), "more than a reply may hold", [("too_large", None)]),
    Case("garbage bytes", faults.garbage, "damaged bytes", [("not_a_reply", 200)] * 3),
    Case("a bare list", faults.body("[1, 2]"), "damaged bytes", [("not_a_reply", 200)] * 3),
    Case("an endless nesting", faults.body("[" * 100_000), "damaged bytes", [("not_a_reply", 200)] * 3),
    Case(
        "an error with status 200",
        faults.body('{"error": {"message": "overloaded", "code": 503}}'),
        "reported a fault of its own (HTTP 503)",
        [("server_error", 503)] * 3,
    ),
    Case(
        "a packed reply that nobody asked for",
        lambda exchange: exchange.respond(b"\x1f\x8b junk", content_encoding="gzip"),
        "damaged bytes",
        [("not_a_reply", 200)] * 3,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_that_stays_becomes_a_sentence_and_a_row_per_attempt(
    case: Case, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = case.behaviour
    world = make_world(provider(server.url, **case.settings))
    with pytest.raises(ModelFailed) as raised:
        world.ask(deadline_s=case.deadline_s)
    told = str(raised.value)
    assert case.sentence in told
    assert told.startswith("No model gave a usable reply. alpha (gpt-4.1) ")
    assert "Nothing was made up" in told
    rows = world.rows()
    assert [(row.error_type, row.http_status) for row in rows] == case.rows
    assert [row.attempt_no for row in rows] == list(range(1, len(rows) + 1))
    if not case.settings:  # a busy machine may use up a short timeout before the request is sent
        assert len(server.requests) == len(rows)
    assert KEY not in told


def test_a_server_that_is_not_there_becomes_a_sentence(make_world: MakeWorld) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        world = make_world(provider(f"http://127.0.0.1:{taken.getsockname()[1]}/v1"))
        with pytest.raises(AllFailed, match=r"could not be reached.*the server is running"):
            world.ask()
    rows = world.rows()
    assert [row.error_type for row in rows] == ["unreachable"] * 3
    assert all(row.cost_amount == 0 and row.cost_source == "not_billed" for row in rows)
    assert all(row.input_tokens is None for row in rows)


STREAM_CASES = [
    Case(
        "a stream cut in the middle",
        faults.cut_stream("The cause ", "is"),
        "stopped before the end of its reply",
        [("cut", 200)] * 3,
    ),
    Case(
        "a stream that ends in an error",
        faults.stream_with_error,
        "reported a fault of its own (HTTP 503)",
        [("server_error", 503)] * 3,
    ),
    Case(
        "a stream of broken events",
        lambda exchange: (exchange.start_stream(), exchange.event("{broken"), exchange.close())[0],
        "damaged bytes",
        [("not_a_reply", 200)] * 3,
    ),
    Case(
        "a stream that drips for ever",
        faults.drip_stream(0.05),
        "did not finish its reply in time",
        [("timeout", None)],
        deadline_s=0.6,
    ),
    Case(
        "a stream that falls silent",
        faults.silent,
        "did not finish its reply in time",
        [("timeout", None)] * 3,
        {"timeout_s": 0.3},
    ),
    Case("a web page for a stream", faults.html(200), "such as a web page", [("not_a_reply", 200)] * 3),
]


@pytest.mark.parametrize("case", STREAM_CASES, ids=lambda case: case.name)
def test_a_broken_stream_becomes_a_sentence_and_a_row_per_attempt(
    case: Case, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = case.behaviour
    world = make_world(provider(server.url, **case.settings))
    with pytest.raises(AllFailed) as raised:
        world.write(Sink(), deadline_s=case.deadline_s)
    assert case.sentence in str(raised.value)
    assert [(row.error_type, row.http_status) for row in world.rows()] == case.rows


def test_a_stream_cut_before_its_usage_is_estimated_and_marked(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = faults.stream_without_usage("The cause ", "is the price.")
    world, sink = make_world(provider(server.url)), Sink()
    reply = world.write(sink)
    assert reply.text == sink.text == "The cause is the price."
    (row,) = world.rows()
    assert row.usage_source == "estimated"
    assert row.output_tokens == 6
    assert row.error_type is None


def test_missing_usage_is_estimated_and_marked(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = faults.without_usage
    world = make_world(provider(server.url))
    world.ask()
    (row,) = world.rows()
    assert row.usage_source == "estimated"
    assert row.input_tokens
    assert row.output_tokens


@pytest.mark.parametrize("usage", ['"many"', "{}", '{"prompt_tokens": -5, "completion_tokens": 3}', "null"])
def test_senseless_usage_counts_as_missing(usage: str, server: ChatServer, make_world: MakeWorld) -> None:
    text = faults.json.dumps(completion(usage="USAGE")).replace('"USAGE"', usage)
    server.default = faults.body(text)
    world = make_world(provider(server.url))
    world.ask()
    assert world.rows()[0].usage_source == "estimated"


def test_a_stream_that_was_cut_after_text_is_paid_for_by_estimate(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = faults.cut_stream("The cause ", "is")
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed):
        world.write(Sink())
    row = world.rows()[0]
    assert row.usage_source == "estimated"
    assert row.output_tokens == 3
    assert world.answers()[0] == "The cause is"


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{ANSWER}\n```",
        f"```\n{ANSWER}\n```",
        f"\n\n {ANSWER}\n",
        f"<think>Is it the price?</think>\n{ANSWER}",
    ],
)
def test_json_in_a_fence_or_behind_thoughts_is_read_as_it_is(
    text: str, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = answer(text)
    world = make_world(provider(server.url))
    assert world.ask().value.confidence == 0.5
    assert [row.error_type for row in world.rows()] == [None]


@pytest.mark.parametrize("accepted", ["json_object", None])
def test_a_refused_response_format_is_left_out_and_remembered(
    accepted: str | None, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = faults.only_with(accepted)
    world = make_world(provider(server.url))
    world.ask("first")
    refused = [row.error_type for row in world.rows()].count("bad_request")
    assert refused == (1 if accepted else 2)
    world.ask("second")
    assert [row.error_type for row in world.rows()].count("bad_request") == refused
    assert "JSON schema" in server.requests[-1].body["messages"][-1]["content"]


def test_an_ignored_response_format_is_mended_by_one_turn_of_repair(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.then(answer("The causes are price and mix."))
    world = make_world(provider(server.url))
    assert world.ask().value.causes == ["price", "mix"]
    assert [row.error_type for row in world.rows()] == ["bad_json", None]
    *_, echo, asked = server.requests[1].body["messages"]
    assert echo == {"role": "assistant", "content": "The causes are price and mix."}
    assert "cannot be used: Expecting value" in asked["content"]
    assert "confidence" in asked["content"]


def test_the_repair_turn_holds_the_validators_words(server: ChatServer, make_world: MakeWorld) -> None:
    server.then(answer(WRONG_SHAPE))
    world = make_world(provider(server.url))
    world.ask()
    asked = server.requests[1].body["messages"][-1]["content"]
    assert "causes: Input should be a valid array" in asked
    assert "confidence: Input should be a valid number" in asked


def test_the_next_provider_answers_when_one_fails(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = status(401)
    world = make_world(provider(server.url), provider(other_server.url, "beta"))
    assert world.ask().provider_name == "beta"
    first, second = world.rows()
    assert (first.provider_name, first.fallback_from) == ("alpha", None)
    assert (second.provider_name, second.fallback_from) == ("beta", "alpha/gpt-4.1")


def test_a_bad_reply_goes_from_repair_to_the_next_provider(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = answer("no JSON")
    world = make_world(provider(server.url), provider(other_server.url, "beta"))
    assert world.ask().provider_name == "beta"
    assert [row.error_type for row in world.rows()] == ["bad_json", "bad_json", None]


def test_a_model_that_declines_is_not_shopped_around(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = answer(None, message={"refusal": "No."})
    world = make_world(provider(server.url), provider(other_server.url, "beta"))
    with pytest.raises(AllFailed, match="declined to answer"):
        world.ask()
    assert other_server.requests == []


def test_when_all_fail_each_provider_is_named(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default, other_server.default = status(401), status(500)
    world = make_world(provider(server.url), provider(other_server.url, "beta"))
    with pytest.raises(AllFailed) as raised:
        world.ask()
    told = str(raised.value)
    assert "alpha (gpt-4.1) refused the key (HTTP 401)." in told
    assert "beta (gpt-4.1) reported a fault of its own (HTTP 500)." in told
    assert "Check the key in Settings." in told


def test_a_passing_fault_is_tried_again_after_a_growing_wait(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.then(status(500), status(429, retry_after="3"))
    world = make_world(provider(server.url))
    world.ask()
    assert [row.error_type for row in world.rows()] == ["server_error", "rate_limited", None]
    first, second = world.clock.waits
    assert 0.25 <= first <= 0.5
    assert second == 3


def test_a_cut_stream_begins_anew_at_the_next_try(server: ChatServer, make_world: MakeWorld) -> None:
    server.then(faults.cut_stream("Half a "))
    world, sink = make_world(provider(server.url)), Sink()
    reply = world.write(sink)
    assert sink.restarts == 1
    assert sink.text == reply.text == ANSWER


def test_a_server_that_drips_cannot_hold_a_call_beyond_its_deadline(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = faults.drip(0.05)  # would be a good reply if anybody waited for its end
    world = make_world(provider(server.url, timeout_s=60.0))
    with pytest.raises(AllFailed, match="in time"):
        world.ask(deadline_s=1.5)
    assert len(server.requests) == 1


def test_when_the_time_is_used_up_the_next_provider_is_not_asked(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = faults.silent
    world = make_world(provider(server.url, timeout_s=60.0), provider(other_server.url, "beta"))
    with pytest.raises(AllFailed, match=r"beta .* was not asked, because the time for this call was used up"):
        world.ask(deadline_s=0.4)
    assert other_server.requests == []


WAITING = {
    "for a silent server": faults.silent,
    "for a dripping reply": faults.drip(0.05),
    "for a dripping head": faults.drip_head(0.05),
}


@pytest.mark.parametrize("behaviour", WAITING.values(), ids=WAITING)
def test_a_call_can_be_cancelled_while_it_waits(
    behaviour: Behaviour, server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url, timeout_s=60.0))

    def cancel_then(exchange: Any) -> None:
        world.cancel.set()
        behaviour(exchange)

    server.default = cancel_then
    with pytest.raises(CallCancelled, match="cancelled"):
        world.ask(deadline_s=60.0)
    assert [row.error_type for row in world.rows()] == ["cancelled"]


def test_a_text_can_be_cancelled_in_the_middle(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = faults.drip_stream(0.02)
    world = make_world(provider(server.url, timeout_s=60.0))

    class Impatient(Sink):
        def chunk(self, text: str) -> None:
            super().chunk(text)
            if len(self.pieces) == 5:
                world.cancel.set()

    sink = Impatient()
    with pytest.raises(CallCancelled):
        world.write(sink, deadline_s=60.0)
    (row,) = world.rows()
    assert row.error_type == "cancelled"
    assert row.usage_source == "estimated"
    assert (world.answers()[0] or "").startswith("xxxxx")


def test_a_cancelled_call_does_not_wait_for_its_next_try(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))

    def fail_and_cancel(exchange: Any) -> None:
        world.cancel.set()
        status(500)(exchange)

    server.default = fail_and_cancel
    with pytest.raises(CallCancelled):
        world.ask()
    assert len(server.requests) == 1


def test_a_receiver_that_breaks_off_leaves_a_row(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))

    class Broken(Sink):
        def chunk(self, text: str) -> None:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        world.write(Broken())
    assert [row.error_type for row in world.rows()] == ["cancelled"]


def test_calls_in_many_threads_run_side_by_side(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    gate = threading.Barrier(8, timeout=20)

    def together(exchange: Any) -> None:
        gate.wait()
        answer()(exchange)

    server.default = together
    done: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: done.append(world.ask(f"call-{n}").call_id)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(done)) == 8
    assert len(world.rows()) == 8


def test_every_attempt_keeps_prompt_and_answer(server: ChatServer, make_world: MakeWorld) -> None:
    server.then(answer("no JSON"))
    world = make_world(provider(server.url))
    world.ask()
    texts = [calls.text_of(world.store, row.call_id) for row in world.rows()]
    assert [text.answer for text in texts if text] == ["no JSON", ANSWER]
    assert all(text and "Sales fell by 20 %." in text.prompt for text in texts)
