"""A key is never found in anything that is kept, logged, shown or raised."""

import logging
import threading
import traceback
from pathlib import Path

import pytest

from agents.errors import BadInput, WhytreeError
from agents.llm.keys import BLOT, Keys
from agents.llm.providers import Provider, from_preset
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, Causes, Sink, context_of, filled, provider
from tests.servers import faults
from tests.servers.chat_server import ANSWER, Behaviour, ChatServer, Exchange, completion, piece

HALF = len(KEY) // 2


def key_of(exchange: Exchange) -> str:
    return exchange.headers["authorization"].removeprefix("Bearer ")


def in_labels(exchange: Exchange) -> None:
    key = key_of(exchange)
    exchange.respond(completion(id=key, model=key, service_tier=key))


def in_stream_pieces(exchange: Exchange) -> None:
    key = key_of(exchange)
    exchange.start_stream()
    for text in ("The key is ", key[:HALF], key[HALF:], " indeed."):
        exchange.event(piece(text))
    exchange.event(piece(finish_reason="stop"))
    exchange.close()


def in_stream_error(exchange: Exchange) -> None:
    exchange.start_stream()
    exchange.event({"error": {"message": f"bad key {key_of(exchange)}", "code": 400}})
    exchange.close()


def in_bad_request(exchange: Exchange) -> None:
    exchange.respond({"error": {"message": f"what is {key_of(exchange)}?", "param": key_of(exchange)}}, 400)


def in_bad_json(exchange: Exchange) -> None:
    exchange.respond(completion("{" + key_of(exchange)))


def in_unknown_field(exchange: Exchange) -> None:
    exchange.respond(completion(ANSWER.replace("confidence", key_of(exchange))))


def in_headers(exchange: Exchange) -> None:
    exchange.respond(completion(), 500, x_echo=key_of(exchange))


LEAKS: list[Behaviour] = [
    faults.echoing_key,
    faults.refusing_key,
    in_labels,
    in_bad_request,
    in_bad_json,
    in_unknown_field,
    in_headers,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_server_that_repeats_the_key_leaves_no_trace_of_it(
    leak: Behaviour, server: ChatServer, make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.default = leak
    world = make_world(provider(server.url))
    with pytest.raises(WhytreeError) as raised:
        world.ask()
    world.store.flush()
    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert KEY not in caplog.text
    assert files_with_key(world.folder) == []
    assert world.rows()


@pytest.mark.parametrize("leak", [in_stream_pieces, in_stream_error], ids=lambda leak: leak.__name__)
def test_a_stream_that_repeats_the_key_leaves_no_trace_of_it(
    leak: Behaviour, server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = leak
    world, sink = make_world(provider(server.url)), Sink()
    with pytest.raises(WhytreeError) as raised:
        world.write(sink)
    assert KEY not in str(raised.value)
    assert KEY[:HALF] not in sink.text
    world.store.flush()
    assert files_with_key(world.folder) == []


def test_a_key_that_somebody_typed_into_the_problem_is_blotted_out(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))
    prompt = filled(f"My key is {KEY}.")
    world.client.ask(Causes, prompt, "diagnosis", context_of(), threading.Event())
    world.store.flush()
    assert files_with_key(world.folder) == []


def test_a_provider_never_shows_its_key() -> None:
    made = provider("http://localhost:1/v1")
    assert KEY not in f"{made!r} {made} {made.model_dump()} {made.model_dump_json()}"


@pytest.mark.parametrize("wrong", [{"base_url": "nonsense"}, {"name": ""}, {"timeout_s": -1}, {"other": 1}])
def test_a_provider_that_cannot_be_used_is_refused_without_its_key(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput) as raised:
        from_preset("openai", {"diagnosis": "gpt-4.1"}, KEY, **wrong)
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_a_key_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(BadInput, match="paste it again") as raised:
        from_preset("openai", {"diagnosis": "gpt-4.1"}, f"{KEY}\n")
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_only_a_telling_start_of_a_key_is_held_back() -> None:
    keys = Keys([provider("http://localhost:1/v1")])
    assert keys.begun_at_end("This is") == 0
    assert keys.begun_at_end(f"The key is {KEY[:9]}") == 9
    assert keys.begun_at_end(f"The key is {KEY[:9]} and so on") == 0


def test_a_short_key_is_no_key_but_a_word() -> None:
    short = Provider(name="a", base_url="http://localhost:1/v1", key="price", models={})  # type: ignore[arg-type]
    assert Keys([short]).blot("the price rose") == "the price rose"


def test_a_key_is_also_found_as_part_of_an_address() -> None:
    odd = Provider(name="a", base_url="http://localhost:1/v1", key="ab/cd+ef=12", models={})  # type: ignore[arg-type]
    assert Keys([odd]).blot("?key=ab%2Fcd%2Bef%3D12&x") == f"?key={BLOT}&x"


def files_with_key(folder: Path) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
