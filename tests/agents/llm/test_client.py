"""The ordinary ways of a call, over a real socket and on a real store."""

from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import Sink, provider
from tests.servers.chat_server import ANSWER, ChatServer


def test_a_reply_is_a_checked_result_and_one_row(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    reply = world.ask()
    assert reply.value.causes == ["price", "mix"]
    (row,) = world.rows()
    assert (row.error_type, row.http_status, row.served_from) == (None, 200, "provider")
    assert (row.input_tokens, row.output_tokens, row.usage_source) == (100, 20, "provider")
    assert row.response_model == "gpt-4.1-2025-04-14"
    assert world.answers() == [ANSWER]


def test_a_text_arrives_piece_by_piece(server: ChatServer, make_world: MakeWorld) -> None:
    world, sink = make_world(provider(server.url)), Sink()
    reply = world.write(sink)
    assert sink.text == reply.text == ANSWER
    assert len(sink.pieces) > 1
    (row,) = world.rows()
    assert row.usage_source == "provider"
    assert row.time_to_first_chunk_s is not None
