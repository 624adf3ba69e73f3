"""The ordinary ways of a call, over a real socket and on a real store."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import BaseModel

from agents.errors import BadInput, NotFound
from agents.llm.budget import Payer, Reservation
from agents.llm.build import build_client
from agents.llm.errors import AllFailed, BudgetExceeded, NoProvider
from agents.llm.prices import Cost
from agents.llm.providers import Limits, Rate
from storage import calls
from storage.sessions import DiskConvenience
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import PROMPT, Causes, Sink, World, context_of, filled, provider
from tests.servers import faults
from tests.servers.chat_server import ANSWER, USAGE, ChatServer, answer, completion, status


def test_a_reply_is_a_checked_result_and_one_row(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    reply = world.ask()
    assert reply.value.causes == ["price", "mix"]
    (row,) = world.rows()
    assert (row.error_type, row.http_status, row.served_from) == (None, 200, "provider")
    assert (row.input_tokens, row.output_tokens, row.usage_source) == (100, 20, "provider")
    assert (row.request_model, row.response_model) == ("gpt-4.1", "gpt-4.1-2025-04-14")
    assert (row.prompt_name, row.prompt_version) == ("example", PROMPT.version)
    assert (row.finish_reason, row.response_id, row.agent_name) == ("stop", "reply-1", "diagnosis")
    assert reply.call_id == row.call_id
    assert world.answers() == [ANSWER]


def test_a_text_arrives_piece_by_piece(server: ChatServer, make_world: MakeWorld) -> None:
    world, sink = make_world(provider(server.url)), Sink()
    reply = world.write(sink)
    assert sink.text == reply.text == ANSWER
    assert len(sink.pieces) > 1
    (row,) = world.rows()
    assert (row.usage_source, row.input_tokens) == ("provider", 100)
    assert row.time_to_first_chunk_s is not None


def test_a_character_split_between_two_chunks_arrives_whole(
    server: ChatServer, make_world: MakeWorld
) -> None:
    def split(exchange: faults.Exchange) -> None:
        exchange.start_stream()
        for half in ("\\ud83d", "\\ude00"):
            exchange.event('{"choices": [{"delta": {"content": "' + half + '"}}]}')
        exchange.event('{"choices": [{"delta": {}, "finish_reason": "stop"}]}')
        exchange.close()

    server.default = split
    world, sink = make_world(provider(server.url)), Sink()
    assert world.write(sink).text == sink.text == "\N{GRINNING FACE}"


def test_a_long_text_whose_wrapping_is_larger_than_itself_arrives_whole(
    server: ChatServer, make_world: MakeWorld
) -> None:
    def wrapped(exchange: faults.Exchange) -> None:
        exchange.start_stream()
        for _ in range(600):
            exchange.event(faults.piece("ten chars.", padding="x" * 10_000))
        exchange.event(faults.piece(finish_reason="stop"))
        exchange.close()

    server.default = wrapped
    world = make_world(provider(server.url))
    assert world.write(Sink()).text == "ten chars." * 600


def test_a_server_that_cannot_stream_still_gives_the_text(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = lambda exchange: exchange.respond(completion("The price."))
    world, sink = make_world(provider(server.url)), Sink()
    assert world.write(sink).text == sink.text == "The price."
    assert world.rows()[0].usage_source == "provider"


def test_the_schema_stands_behind_the_last_message_until_it_is_known_to_be_enforced(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))
    world.ask()
    context = context_of("second")
    world.client.ask(Causes, filled("Costs rose."), "diagnosis", context, threading.Event())
    first, second = (request.body["messages"] for request in server.requests)
    assert "JSON schema" in first[-1]["content"]
    assert first[0] == second[0] == PROMPT.fill({"problem": "", "facts": ""}).messages[0]
    assert server.requests[0].body["response_format"]["json_schema"]["strict"] is True


def test_tokens_of_all_classes_are_kept_and_priced(server: ChatServer, make_world: MakeWorld) -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 300},
        "completion_tokens_details": {"reasoning_tokens": 150},
    }
    server.default = answer(usage=usage, service_tier="default")
    rate = Rate(input=Decimal(2), cache_read=Decimal("0.5"), cache_write=Decimal("2.5"), output=Decimal(8))
    world = make_world(provider(server.url, rates=(rate,)))
    reply = world.ask()
    (row,) = world.rows()
    assert (row.cache_read_input_tokens, row.cache_write_input_tokens) == (600, 300)
    assert (row.reasoning_output_tokens, row.service_tier) == (150, "default")
    assert row.cost_input == Decimal("0.00125")  # (100 x 2 + 600 x 0.5 + 300 x 2.5) / 1e6
    assert row.cost_output == Decimal("0.0016")
    assert row.cost_amount == reply.cost == Decimal("0.00285")
    assert (row.cost_source, row.price_version) == ("rate_card", "own rate *")


def test_an_unknown_price_stays_unknown(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url, models={"diagnosis": "nobody-knows-this"}))
    assert world.ask().cost is None
    row = world.rows()[0]
    assert (row.cost_amount, row.cost_currency, row.cost_source) == (None, None, None)


def test_the_same_request_is_answered_from_the_cache_and_says_what_it_saved(
    server: ChatServer, make_world: MakeWorld
) -> None:
    rate = Rate(input=Decimal(1), output=Decimal(1))
    world = make_world(provider(server.url, rates=(rate,)))
    world.ask("first")
    again = world.ask("second")
    assert len(server.requests) == 1
    assert (again.served_from, again.cost) == ("cache", 0)
    row = world.rows()[1]
    assert (row.served_from, row.cost_amount, row.cost_source) == ("cache", 0, "cache")
    assert row.cost_avoided_amount == world.rows()[0].cost_amount == Decimal("0.00012")
    assert (row.input_tokens, row.output_tokens, row.usage_source) == (0, 0, None)


def test_another_prompt_or_model_is_not_answered_from_the_cache(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url, models={"diagnosis": "gpt-4.1", "router": "gpt-4.1-mini"}))
    world.ask()
    context, cancel = context_of("second"), threading.Event()
    world.client.ask(Causes, filled("Costs rose."), "diagnosis", context, cancel)
    world.client.ask(Causes, filled(), "router", context_of("third"), cancel)
    assert len(server.requests) == 3


def test_sampling_is_never_answered_from_the_cache(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    warm = replace(filled(), temperature=0.7)
    for call in ("first", "second"):
        world.client.ask(Causes, warm, "diagnosis", context_of(call), threading.Event())
    assert len(server.requests) == 2


def test_a_failed_reply_is_not_cached(server: ChatServer, make_world: MakeWorld) -> None:
    server.then(*[answer("no JSON")] * 2)
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed):
        world.ask("first")
    assert world.ask("second").value.causes == ["price", "mix"]


def restarted(world: World, *providers: object) -> World:
    """The same folder after a crash that lost every row not flushed."""
    cache = DiskConvenience(world.folder / "other-replies")
    client = build_client(world.store, world.journal, cache, providers, world.clock)  # type: ignore[arg-type]
    return World(client, world.store, world.journal, world.clock, world.folder)


def test_a_resumed_step_finds_its_paid_reply_and_pays_nothing(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))
    paid = world.ask()
    again = restarted(world, provider(server.url)).ask()
    assert (again.value, again.served_from, again.call_id) == (paid.value, "replay", paid.call_id)
    assert len(server.requests) == 1
    assert len(world.rows()) == 1


def test_a_resumed_text_is_given_whole_to_a_new_sink(server: ChatServer, make_world: MakeWorld) -> None:
    world, sink = make_world(provider(server.url)), Sink()
    world.write(Sink())
    restarted(world, provider(server.url)).write(sink)
    assert (sink.restarts, sink.text) == (1, ANSWER)
    assert len(server.requests) == 1


def test_rows_that_a_crash_lost_are_rebuilt_from_the_journal(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))
    world.ask()
    (row,) = world.rows()
    world.store.transact(lambda connection: connection.execute("delete from calls"))
    world.store.transact(lambda connection: connection.execute("delete from call_texts"))
    restarted(world, provider(server.url))
    assert world.rows() == [row]
    assert world.answers() == [ANSWER]


def test_after_a_bad_reply_and_a_crash_attempts_are_counted_on(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.then(*[answer("no JSON")] * 2)
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed):
        world.ask()
    reply = restarted(world, provider(server.url)).ask()
    assert reply.value.causes == ["price", "mix"]
    assert [row.attempt_no for row in world.rows()] == [1, 2, 3]


def test_a_reply_that_no_longer_fits_is_asked_for_again(server: ChatServer, make_world: MakeWorld) -> None:
    class Newer(BaseModel):
        verdict: str

    world = make_world(provider(server.url))
    world.ask()
    server.default = answer('{"verdict": "price"}')
    resumed = restarted(world, provider(server.url))
    reply = resumed.client.ask(Newer, filled(), "diagnosis", context_of(), threading.Event())
    assert reply.value.verdict == "price"


def test_a_call_outside_of_any_run_is_a_row_but_no_entry_of_the_journal(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))
    world.ask(run_id=None)
    world.store.flush()
    assert world.store.read("select count(*) as n from calls where run_id is null")[0]["n"] == 1
    assert world.journal.values() == []


def test_a_budget_stops_the_call_before_it_is_made(server: ChatServer, make_world: MakeWorld) -> None:
    rate = Rate(input=Decimal(10), output=Decimal(10))
    world = make_world(provider(server.url, rates=(rate,)))
    world.client.budgets.set("run", "*", Decimal("0.001"), False, "me")
    with pytest.raises(BudgetExceeded, match=r"this run would be passed.*Nothing was sent"):
        world.ask()
    assert server.requests == []
    assert world.rows() == []


def test_a_limit_whose_sums_are_read_as_a_call_ends_does_not_miss_it(
    server: ChatServer, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(provider(server.url, rates=(Rate(input=Decimal(10), output=Decimal(10)),)))
    budgets = world.client.budgets
    settled = budgets.settle

    def then_limited(reservation: Reservation, cost: Cost) -> None:
        settled(reservation, cost)
        budgets.set("month", "*", Decimal(1), False, "me")
        assert budgets.limits()

    monkeypatch.setattr(budgets, "settle", then_limited)
    cost = world.ask().cost
    (standing,) = budgets.standings(Payer("me", "default", "test"))
    assert cost and standing.spent == cost


def test_a_budget_lets_a_free_model_further_down_the_chain_answer(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    dear = provider(server.url, rates=(Rate(input=Decimal(10), output=Decimal(10)),))
    free = provider(other_server.url, "local", rates=(Rate(input=Decimal(0), output=Decimal(0)),))
    world = make_world(dear, free)
    world.client.budgets.set("user", "me", Decimal("0.001"), False, "me")
    assert world.ask().provider_name == "local"
    assert server.requests == []


def test_a_budget_that_ends_a_call_half_way_tells_what_had_gone_wrong_before(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = answer("no JSON", usage={"prompt_tokens": 3400, "completion_tokens": 1})
    world = make_world(provider(server.url, rates=(Rate(input=Decimal(1), output=Decimal(1)),)))
    world.client.budgets.set("run", "*", Decimal("0.0035"), False, "me")
    with pytest.raises(AllFailed) as raised:
        world.ask()
    assert "no valid JSON" in str(raised.value)
    assert "may not be asked, because a budget would be passed" in str(raised.value)
    assert len(server.requests) == 1


def test_five_failures_leave_a_provider_alone_and_are_events(
    server: ChatServer, make_world: MakeWorld
) -> None:
    server.default = status(500)
    world = make_world(provider(server.url))
    for call in ("first", "second"):
        with pytest.raises(AllFailed):
            world.ask(call)
    assert len(server.requests) == 5
    with pytest.raises(AllFailed, match=r"is left alone for another \d+ s after repeated failures"):
        world.ask("third")
    assert len(server.requests) == 5
    world.store.flush()
    (event,) = calls.provider_events(world.store, ["breaker"])
    assert (event["provider_name"], event["data"]["after"]) == ("alpha", "open")
    breaker = world.client.breakers()["alpha", "gpt-4.1"]
    assert (breaker.state, breaker.failures, breaker.locked_out) == ("open", 5, False)


def test_after_a_minute_one_trial_closes_the_breaker(server: ChatServer, make_world: MakeWorld) -> None:
    server.then(*[status(401)])
    world = make_world(provider(server.url))
    with pytest.raises(AllFailed):
        world.ask("first")
    world.clock.ahead += 60
    assert world.ask("second").value
    assert world.client.breakers()["alpha", "gpt-4.1"].state == "closed"


def test_bad_json_never_opens_the_breaker(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = answer("no JSON")
    world = make_world(provider(server.url))
    for number in range(4):
        with pytest.raises(AllFailed):
            world.ask(f"call-{number}")
    assert world.client.breakers()["alpha", "gpt-4.1"].state == "closed"


def test_a_limited_provider_passes_the_call_on_when_there_is_no_room_in_time(
    server: ChatServer, other_server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(
        provider(server.url, limits=Limits(requests_per_minute=1)), provider(other_server.url, "beta")
    )
    assert world.ask("first").provider_name == "alpha"
    context = context_of("second")
    reply = world.client.ask(Causes, filled("Costs rose."), "diagnosis", context, world.cancel, 20.0)
    assert reply.provider_name == "beta"


def test_waiting_for_a_limit_stands_in_the_row(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url, limits=Limits(tokens_per_minute=1000)))
    world.client.ask(Causes, filled(), "diagnosis", context_of("first"), world.cancel, 300.0)
    context = context_of("second")
    world.client.ask(Causes, filled("Costs rose."), "diagnosis", context, world.cancel, 300.0)
    assert [row.queue_wait_s > 50 for row in world.rows()] == [False, True]


def test_a_role_without_a_model_is_a_sentence(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    with pytest.raises(NoProvider, match="No model is set up for code"):
        world.client.ask(Causes, filled(), "code", context_of(), threading.Event())


def test_two_providers_of_one_name_are_refused(server: ChatServer, make_world: MakeWorld) -> None:
    with pytest.raises(BadInput, match="alpha"):
        make_world(provider(server.url), provider(server.url))


def test_a_probe_finds_what_a_server_enforces(server: ChatServer, make_world: MakeWorld) -> None:
    def honest(exchange: faults.Exchange) -> None:
        asked = exchange.body.get("response_format", {}).get("type")
        answer('{"reply": "pong"}' if asked else "pong")(exchange)

    server.default = honest
    world = make_world(provider(server.url))
    finding = world.client.probe("alpha", "gpt-4.1", context_of("probe", run_id=None), threading.Event())
    assert finding.failure is None
    assert finding.reachable
    assert finding.capability
    assert (finding.capability.json_mode, finding.capability.stream_usage) == ("json_schema", True)
    assert not finding.price_known
    server.default = answer()
    world.ask()
    assert "JSON schema" not in server.requests[-1].body["messages"][-1]["content"]


def test_a_probe_finds_an_ignored_response_format(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = answer("pong")
    world = make_world(provider(server.url))
    finding = world.client.probe("alpha", "gpt-4.1", context_of("probe"), threading.Event())
    assert finding.capability
    assert finding.capability.json_mode == "none"
    server.default = answer()
    world.ask("later")
    assert "response_format" not in server.requests[-1].body


def test_what_a_probe_found_outlives_the_client(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = answer("pong")
    world = make_world(provider(server.url))
    world.client.probe("alpha", "gpt-4.1", context_of("probe"), threading.Event())
    server.default = answer()
    restarted(world, provider(server.url)).ask()
    assert "response_format" not in server.requests[-1].body


def test_a_probe_of_a_wrong_key_is_a_sentence(server: ChatServer, make_world: MakeWorld) -> None:
    server.default = status(401)
    world = make_world(provider(server.url))
    finding = world.client.probe("alpha", "gpt-4.1", context_of("probe"), threading.Event())
    assert finding.failure == "alpha (gpt-4.1) refused the key (HTTP 401). Check the key in Settings."
    assert (finding.reachable, finding.capability) == (True, None)


def test_a_probe_of_an_unknown_provider_is_a_sentence(server: ChatServer, make_world: MakeWorld) -> None:
    with pytest.raises(NotFound, match="nobody"):
        make_world(provider(server.url)).client.probe("nobody", "m", context_of(), threading.Event())


@pytest.mark.parametrize(
    ("refused", "left_out"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'.", "max_tokens"),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(
    refused: str, left_out: str, server: ChatServer, make_world: MakeWorld
) -> None:
    def strict(exchange: faults.Exchange) -> None:
        if left_out in exchange.body:
            exchange.respond({"error": {"message": refused, "param": left_out}}, 400)
        else:
            answer()(exchange)

    server.default = strict
    world = make_world(provider(server.url))
    world.ask("first")
    world.ask("second")
    assert [row.error_type for row in world.rows()].count("bad_request") == 1


def test_what_the_sdk_finds_in_the_environment_goes_to_no_provider(
    server: ChatServer, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer from-the-environment")
    make_world(provider(server.url)).ask()
    assert "from-the-environment" not in str(server.requests[0].headers)


def test_usage_stands_as_the_provider_reports_it(server: ChatServer, make_world: MakeWorld) -> None:
    reply = make_world(provider(server.url)).ask()
    assert reply.usage
    assert reply.usage.input_tokens == USAGE["prompt_tokens"]
