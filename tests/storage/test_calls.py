"""Attempts are rows: once each, without loss, and nothing is invented."""

from dataclasses import replace
from decimal import Decimal

from storage import calls
from storage.clock import new_id, now
from storage.db import Store


def attempt(run_id: str = "run-1", **changes: object) -> calls.Call:
    call_id = new_id()
    plain = calls.Call(
        call_id=call_id,
        attempt_no=1,
        idempotency_key=f"{call_id}:draft:first",
        provider_name="openai",
        request_model="gpt-4.1",
        started_at=now(),
        duration_s=0.5,
        user_id="me",
        project_id="default",
        environment="live",
        run_id=run_id,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def text_for(call: calls.Call, answer: str | None = "an answer") -> calls.CallText:
    return calls.CallText(call.call_id, call.run_id, "[]", answer, now())


def test_an_attempt_recorded_twice_is_one_row(store: Store) -> None:
    call = attempt()
    calls.record(store, call, text_for(call))
    store.flush()
    calls.record(store, call, text_for(call))
    store.flush()
    assert calls.of_run(store, "run-1") == [call]
    assert store.read("select count(*) as n from call_texts")[0]["n"] == 1


def test_what_is_unknown_comes_back_as_unknown(store: Store) -> None:
    call = attempt(cost_amount=None, input_tokens=None)
    calls.record(store, call, text_for(call, None))
    store.flush()
    kept = calls.of_run(store, "run-1")[0]
    assert kept.cost_amount is None
    assert kept.input_tokens is None
    text = calls.text_of(store, call.call_id)
    assert text is not None
    assert text.answer is None


def test_both_rows_survive_json_without_loss() -> None:
    call = attempt(cost_amount=Decimal("0.00012345"), cost_input=Decimal("0.0001"), output_tokens=7)
    text = text_for(call, 'Umlaut ü and "quotes"')
    assert calls.from_json(calls.to_json(call, text)) == (call, text)


def test_the_attempts_of_a_run_come_in_the_order_of_their_start(store: Store) -> None:
    made = [attempt(attempt_no=number) for number in (1, 2, 3)]
    for call in reversed(made):
        calls.record(store, call, text_for(call))
    store.flush()
    assert [call.attempt_no for call in calls.of_run(store, "run-1")] == [1, 2, 3]


def test_the_last_failures_leave_out_what_was_used(store: Store) -> None:
    good, bad = attempt(), attempt(error_type="timeout")
    for call in (good, bad):
        calls.record(store, call, text_for(call))
    store.flush()
    assert calls.last_failures(store) == [bad]


def test_provider_events_come_back_newest_first_and_by_kind(store: Store) -> None:
    calls.note_provider(store, "openai", "gpt-4.1", "breaker_opened", {"failures": 5})
    calls.note_provider(store, "openai", "gpt-4.1", "capability", {"json_mode": "json_schema"})
    calls.note_provider(store, "openai", "gpt-4.1", "breaker_closed", {})
    store.flush()
    found = calls.provider_events(store, ["breaker_opened", "breaker_closed"])
    assert [row["kind"] for row in found] == ["breaker_closed", "breaker_opened"]
    assert found[1]["data"] == {"failures": 5}


def test_the_keys_that_no_row_has_are_told(store: Store) -> None:
    call = attempt()
    calls.record(store, call, text_for(call))
    store.flush()
    assert calls.unknown_keys(store, [call.idempotency_key, "other"]) == {"other"}
    assert calls.unknown_keys(store, []) == set()
