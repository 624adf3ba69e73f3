"""Connections: encrypted ones, ones through a proxy, and ones that hang before anything was sent."""

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.llm.errors import AllFailed, CallCancelled
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import Causes, Sink, context_of, filled, provider
from tests.servers import faults
from tests.servers.chat_server import ANSWER, ChatServer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of this machine in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, so no certificate can be made")
    folder = tmp_path_factory.mktemp("certificate")
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *made, *names]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def encrypted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    with ChatServer(encryption=context) as running:
        yield running


def test_an_encrypted_connection_gives_results_and_texts(
    encrypted: ChatServer, make_world: MakeWorld
) -> None:
    world, sink = make_world(provider(encrypted.url)), Sink()
    assert world.ask("first").value.causes == ["price", "mix"]
    assert world.write(sink, "second").text == sink.text == ANSWER


def test_a_drip_over_an_encrypted_connection_ends_at_the_deadline(
    encrypted: ChatServer, make_world: MakeWorld
) -> None:
    encrypted.default = faults.drip(0.05)
    world = make_world(provider(encrypted.url, timeout_s=60.0))
    with pytest.raises(AllFailed, match="in time"):
        world.ask(deadline_s=0.6)
    assert [row.error_type for row in world.rows()] == ["timeout"]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    encrypted: ChatServer, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    world = make_world(provider(encrypted.url))
    with pytest.raises(AllFailed, match="could not be reached"):
        world.ask()
    assert encrypted.requests == []


def test_a_server_that_never_shakes_hands_ends_in_time_and_costs_nothing(make_world: MakeWorld) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        address = f"https://127.0.0.1:{deaf.getsockname()[1]}/v1"
        world = make_world(provider(address, timeout_s=0.3))
        with pytest.raises(AllFailed, match="in time"):
            world.ask()
    row = world.rows()[0]
    assert (row.error_type, row.cost_source, row.usage_source) == ("timeout", "not_billed", None)


def test_a_call_can_be_cancelled_while_it_connects(make_world: MakeWorld) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for taken in (first, second):  # nobody accepts, so the queue is full and the next one hangs
            taken.setblocking(False)
            taken.connect_ex(full.getsockname())
        world = make_world(provider(f"http://127.0.0.1:{full.getsockname()[1]}/v1", timeout_s=60.0))
        threading.Timer(0.3, world.cancel.set).start()
        with pytest.raises(CallCancelled):
            world.ask(deadline_s=60.0)
    (row,) = world.rows()
    assert (row.error_type, row.usage_source) == ("cancelled", None)


def test_a_large_prompt_arrives_whole(server: ChatServer, make_world: MakeWorld) -> None:
    world = make_world(provider(server.url))
    prompt = filled("Sales fell. " * 100_000)
    world.client.ask(Causes, prompt, "diagnosis", context_of(), world.cancel, 20.0)
    assert server.requests[0].body["messages"][1]["content"].startswith(prompt.messages[1]["content"])


def test_a_server_that_does_not_read_a_large_prompt_cannot_hold_the_call(make_world: MakeWorld) -> None:
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        world = make_world(provider(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", timeout_s=60.0))
        prompt = filled("Sales fell. " * 1_000_000)
        with pytest.raises(AllFailed, match="in time"):
            world.client.ask(Causes, prompt, "diagnosis", context_of(), world.cancel, 0.6)


def test_the_systems_proxy_is_used(
    server: ChatServer, make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    world = make_world(provider("http://models.invalid/v1"))
    assert world.ask().value.causes == ["price", "mix"]
    assert server.requests[0].headers["host"] == "models.invalid"


def test_a_connection_that_was_closed_in_the_meantime_is_opened_again(
    server: ChatServer, make_world: MakeWorld
) -> None:
    world = make_world(provider(server.url))

    def answer_and_close(exchange: Any) -> None:
        exchange.respond(faults.completion())
        exchange.close()

    server.then(answer_and_close)
    world.ask("first")
    context = context_of("second")
    world.client.ask(Causes, filled("Costs rose."), "diagnosis", context, world.cancel, 20.0)
    assert len(server.requests) == 2


def test_nothing_slow_is_imported_before_the_first_call() -> None:
    script = "import sys, agents.llm.build; print({'openai', 'httpx2', 'genai_prices'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
