"""Alerts leave for a webhook on a real socket: once, tried again, never in the way, never with its secret."""

import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.errors import BadInput
from agents.settings import Settings
from agents.usage import alerts, webhook
from agents.usage.watcher import PAUSES, Watcher
from agents.workbench import Workbench
from storage.db import Store
from storage.usage import alerts as kept
from storage.usage.alerts import Alert
from tests.servers.chat_server import ChatServer, Exchange, status
from tests.usage_rows import NOON, call, record

SECRET = "T0K3N-of-the-room"
WATCHING = timedelta(minutes=5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a rule that a call of one dollar breaks."""
    opened = Store.open(tmp_path / "whytree.duckdb")
    alerts.set_rule(opened, "Dear day", "threshold", "spend", "ada", alert_at=0.5, cooldown_h=2)
    record(opened, call(NOON))
    yield opened
    opened.close()


def taken(exchange: Exchange) -> None:
    exchange.respond("ok", content_type="text/plain")


def address(server: ChatServer) -> SecretStr:
    return SecretStr(f"{server.url}/{SECRET}")


def only(store: Store) -> Alert:
    (alert,) = kept.latest(store)
    return alert


def test_an_alert_arrives_once_as_a_sentence_with_its_figures(store: Store) -> None:
    with ChatServer(taken) as server:
        watcher = Watcher(store, address(server))
        watcher.look(NOON + WATCHING)
        watcher.look(NOON + 2 * WATCHING)
    (told,) = server.requests
    assert told.target.endswith(SECRET)
    assert told.body["text"].startswith("Alert: Spend is USD 1.00 in 24 hours and has reached USD 0.50")
    assert told.body["level"] == "alert"
    assert told.body["value"] == 1.0
    assert told.body["fired_at"].endswith("Z")
    assert only(store).sent_at == NOON + WATCHING
    assert only(store).send_problem is None


def test_a_failure_is_told_and_tried_again_after_growing_pauses(store: Store) -> None:
    with ChatServer(taken) as server:
        server.then(status(500), status(404))
        watcher, at = Watcher(store, address(server)), NOON + WATCHING
        watcher.look(at)
        assert only(store).send_problem == "The webhook answered with status 500."
        assert only(store).sent_at is None
        watcher.look(at + timedelta(seconds=59))
        assert len(server.requests) == 1
        watcher.look(at + timedelta(minutes=1))
        assert only(store).send_problem == "The webhook answered with status 404."
        watcher.look(at + timedelta(minutes=7))
    assert len(server.requests) == 3
    assert only(store).sent_at == at + timedelta(minutes=7)


def test_a_webhook_that_never_takes_it_is_given_up_and_the_alert_stays_in_the_app(store: Store) -> None:
    with ChatServer(status(503)) as server:
        watcher = Watcher(store, address(server))
        at = NOON + WATCHING
        for minutes in (*PAUSES, 400, 500):
            at += timedelta(minutes=minutes)
            watcher.look(at)
    mine = [request for request in server.requests if request.body["fired_at"].startswith("2026-11-20T12:05")]
    assert len(mine) == len(PAUSES)
    assert any(alert.fired_at == NOON + WATCHING for alert in kept.latest(store))


def test_what_did_not_arrive_before_a_restart_arrives_after_it(store: Store) -> None:
    Watcher(store, SecretStr("http://127.0.0.1:9/nobody")).look(NOON + WATCHING)
    assert only(store).send_problem == "The webhook could not be reached. Check its address and the network."
    with ChatServer(taken) as server:
        Watcher(store, address(server)).look(NOON + 2 * WATCHING)
    assert len(server.requests) == 1
    assert only(store).sent_at == NOON + 2 * WATCHING


def test_a_redirect_is_not_followed_for_it_would_carry_figures_elsewhere(store: Store) -> None:
    with ChatServer(taken) as elsewhere, ChatServer() as server:
        server.then(lambda exchange: exchange.respond("", 302, Location=elsewhere.url))
        Watcher(store, address(server)).look(NOON + WATCHING)
    assert elsewhere.requests == []
    assert only(store).send_problem == "The webhook answered with status 302."


def silent(exchange: Exchange) -> None:
    exchange.stopping.wait(30)


def drip(exchange: Exchange) -> None:
    while not exchange.stopping.wait(0.02):
        exchange.send(b"H")


@pytest.mark.parametrize("behave", [silent, drip])
def test_a_webhook_that_keeps_us_waiting_is_left_at_the_deadline(
    behave: object, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "DEADLINE_S", 0.3)
    with ChatServer(behave) as server:  # type: ignore[arg-type]
        Watcher(store, address(server)).look(NOON + WATCHING)
    assert only(store).send_problem is not None
    assert only(store).sent_at is None


@pytest.mark.parametrize("answer", [b"no http\r\n\r\n", b"", b"HTTP/1.1 \xff\r\n"])
def test_an_answer_that_is_no_http_is_a_failure_in_a_sentence(answer: bytes, store: Store) -> None:
    def odd(exchange: Exchange) -> None:
        exchange.send(answer)
        exchange.close()

    with ChatServer(odd) as server:
        Watcher(store, address(server)).look(NOON + WATCHING)
    problem = only(store).send_problem
    assert problem is not None
    assert problem.startswith("The webhook ")


def test_closing_breaks_off_a_webhook_that_does_not_answer(store: Store) -> None:
    reached = threading.Event()

    def hold(exchange: Exchange) -> None:
        reached.set()
        exchange.stopping.wait(30)

    with ChatServer(hold) as server:
        watcher = Watcher(store, address(server), clock=lambda: NOON + WATCHING)
        watcher.start()
        assert reached.wait(10)
        watcher.close()
    assert only(store).send_problem is None


def test_the_address_stands_in_no_log_and_no_record(
    store: Store, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with ChatServer(status(500)) as server:
        watcher = Watcher(store, address(server))
        watcher.look(NOON + WATCHING)
        Watcher(store, SecretStr(f"http://127.0.0.1:9/{SECRET}")).look(NOON + 2 * WATCHING)
    out, err = capfd.readouterr()
    assert "an alert did not arrive" in out + err + caplog.text
    assert SECRET not in out + err + caplog.text
    tables = [row["table_name"] for row in store.read("select table_name from duckdb_tables()")]
    assert not any(SECRET in str(store.read(f"from {table}")) for table in tables)
    assert SECRET not in repr(watcher.__dict__)


def test_an_address_that_cannot_be_is_refused_at_the_start_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_ALERT_WEBHOOK", f"ftp://room/{SECRET}")
    with pytest.raises(BadInput, match=r"WHYTREE_ALERT_WEBHOOK: .*https://") as caught:
        Settings.load()
    assert SECRET not in str(caught.value)


def test_a_running_workbench_watches_and_sends_by_itself(settings: Settings) -> None:
    arrived = threading.Event()

    def take(exchange: Exchange) -> None:
        taken(exchange)
        arrived.set()

    with ChatServer(take) as server, Workbench.opened(settings) as bench:
        alerts.set_rule(bench._store, "Any call", "threshold", "calls", "ada", warn_at=1)
        record(bench._store, call(datetime.now().astimezone().replace(tzinfo=None)))
    assert not arrived.is_set()
    with ChatServer(take) as server:
        with_webhook = settings.model_copy(update={"alert_webhook": address(server)})
        with Workbench.opened(with_webhook):
            assert arrived.wait(20)
    assert server.requests[0].body["text"].startswith("Warning: The number of calls is 1")
