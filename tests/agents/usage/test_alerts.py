"""Rules fire when they should, once, with a sentence; and who took note is kept."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.errors import BadInput, NotFound
from agents.usage import alerts
from storage.db import Store
from storage.usage import alerts as kept
from storage.usage import audit
from storage.usage.filters import Filters, Span
from tests.usage_rows import NOON, admit, call, record

AFTER = NOON + timedelta(minutes=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(tmp_path / "whytree.duckdb")
    yield opened
    opened.close()


def test_a_threshold_warns_first_and_alerts_from_its_own_bound_on(store: Store) -> None:
    alerts.set_rule(store, "Spend", "threshold", "spend", "ada", warn_at=2, alert_at=4)
    record(store, call())
    assert alerts.check(store, AFTER) == []
    record(store, call())
    (warning,) = alerts.check(store, AFTER)
    assert (warning.level, warning.value, warning.bound) == ("warn", 2.0, 2.0)
    record(store, call(), call())
    (alert,) = alerts.check(store, AFTER)
    assert alert.level == "alert"
    assert alert.sentence == "Spend is USD 4.00 in 24 hours and has reached USD 4.00 (rule “Spend”)."


def test_a_rule_that_fired_is_silent_until_it_has_cooled_down(store: Store) -> None:
    alerts.set_rule(store, "Spend", "threshold", "spend", "ada", warn_at=1, cooldown_h=6, window_h=48)
    record(store, call())
    assert len(alerts.check(store, AFTER)) == 1
    assert alerts.check(store, AFTER + timedelta(hours=5, minutes=59)) == []
    assert len(alerts.check(store, AFTER + timedelta(hours=6))) == 1


def test_a_rule_sees_only_what_its_filters_let_through(store: Store) -> None:
    filters = Filters(Span(NOON.date(), NOON.date()), users=("bob",))
    alerts.set_rule(store, "Bob", "threshold", "spend", "ada", warn_at=1, filters=filters)
    record(store, call(), call(environment="demo", user_id="bob"))
    assert alerts.check(store, AFTER) == []
    record(store, call(user_id="bob"))
    assert len(alerts.check(store, AFTER)) == 1


def test_growth_is_against_the_equal_time_before_and_nothing_where_there_was_none(store: Store) -> None:
    alerts.set_rule(store, "Growth", "change", "spend", "ada", warn_at=0.5, alert_at=1.5)
    record(store, call(), call(), call())
    assert alerts.check(store, AFTER) == []
    record(store, call(NOON - timedelta(days=1)))
    (alert,) = alerts.check(store, AFTER)
    assert (alert.level, alert.value) == ("alert", 2.0)
    assert "grew by 200 %" in alert.sentence


def test_a_run_far_above_median_and_spread_of_the_last_ones_is_told_with_its_id(store: Store) -> None:
    for n in range(12):
        at = NOON - timedelta(hours=30, minutes=n)
        record(store, call(at, run_id=admit(store, at).run_id, cost_amount=Decimal("1") + n % 3))
    usual, dear = admit(store, NOON), admit(store, NOON + timedelta(seconds=1))
    record(store, call(run_id=usual.run_id, cost_amount=Decimal(3)))
    alerts.set_rule(store, "Dear run", "outlier", "run_cost", "ada", warn_at=3, alert_at=5)
    assert alerts.check(store, AFTER) == []
    record(store, call(run_id=dear.run_id, cost_amount=Decimal(9)))
    (alert,) = alerts.check(store, AFTER)
    assert (alert.subject, alert.level, alert.value) == (dear.run_id, "alert", 9.0)
    assert "cost USD 9.0000, 7.0 MADs above the median of USD 2.0000" in alert.sentence
    assert alerts.check(store, AFTER + timedelta(hours=1)) == []


def test_silence_is_told_where_there_were_calls_in_the_days_before(store: Store) -> None:
    alerts.set_rule(store, "Silence", "no_data", "calls", "ada", window_h=6)
    assert alerts.check(store, AFTER) == []
    record(store, call(NOON - timedelta(days=2)))
    (alert,) = alerts.check(store, AFTER)
    assert alert.sentence == "No call was recorded for 6 hours (rule “Silence”)."
    record(store, call())
    assert alerts.check(store, AFTER + timedelta(days=2)) != []
    assert alerts.check(store, NOON) == []


def test_p95_and_failures_are_watched_over_what_is_known_of_them(store: Store) -> None:
    alerts.set_rule(store, "Slow", "threshold", "p95_latency", "ada", alert_at=5)
    alerts.set_rule(store, "Failing", "threshold", "failure_rate", "ada", alert_at=0.5)
    assert alerts.check(store, AFTER) == []
    record(store, call(duration_s=9.0), call(error_type="timeout", duration_s=60.0))
    assert {alert.value for alert in alerts.check(store, AFTER)} == {9.0, 0.5}


def test_who_took_note_and_who_set_the_rule_is_kept(store: Store) -> None:
    rule = alerts.set_rule(store, "Spend", "threshold", "spend", "ada", warn_at=1)
    record(store, call())
    (alert,) = alerts.check(store, AFTER)
    alerts.acknowledge(store, alert.alert_id, "bob", "Was a test")
    (shown,) = kept.latest(store)
    assert (shown.acked_by, shown.ack_note) == ("bob", "Was a test")
    done = {(event.actor, event.action, event.subject) for event in audit.latest(store)}
    assert done == {
        ("ada", "set_alert_rule", rule.rule_id),
        ("bob", "acknowledge_alert", alert.alert_id),
    }
    with pytest.raises(NotFound, match="no alert"):
        alerts.acknowledge(store, "nothing", "bob")


def test_a_rule_is_changed_under_its_id_and_can_be_switched_off(store: Store) -> None:
    rule = alerts.set_rule(store, "Spend", "threshold", "spend", "ada", warn_at=1)
    alerts.set_rule(
        store, "Spend", "threshold", "spend", "bob", warn_at=1, is_enabled=False, rule_id=rule.rule_id
    )
    record(store, call())
    assert alerts.check(store, AFTER) == []
    assert [(one.set_by, one.is_enabled) for one in kept.rules(store)] == [("bob", False)]


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"kind": "outlier", "metric": "spend", "warn_at": 1}, "watches run_cost"),
        ({"kind": "threshold", "metric": "spend"}, "no bound"),
        ({"kind": "threshold", "metric": "spend", "warn_at": 3, "alert_at": 2}, "before the alert"),
        ({"kind": "threshold", "metric": "spend", "warn_at": 3, "window_h": 0}, "between 1 and"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_nothing_changes(
    terms: dict[str, object], sentence: str, store: Store
) -> None:
    with pytest.raises(BadInput, match=sentence):
        alerts.set_rule(store, "Rule", set_by="ada", **terms)  # type: ignore[arg-type]
    assert kept.rules(store) == []
