"""The same calls against a server that we did not write: aimock, installed for this test alone.

It is one npm package (MIT) without dependencies; its scripts are not run. Without npm, or without a way to
its index, these tests are skipped.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.llm.errors import AllFailed
from agents.llm.probe import WORD
from tests.agents.llm.conftest import MakeWorld
from tests.agents.llm.kit import KEY, Causes, Sink, World, context_of, filled, provider
from tests.servers.chat_server import ANSWER

PACKAGE = "@copilotkit/aimock"
VERSION = "1.43.0"
INSTALL_S = 120


def fixture_for(problem: str, response: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"match": {"userMessage": problem, **others.pop("match", {})}, "response": response, **others}


def error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error"}, "status": status}


FIXTURES = [
    fixture_for("Limited", error(429, "Slow down")),
    fixture_for("Broken", error(500, "It went wrong")),
    fixture_for("Forbidden", error(401, "Wrong key")),
    fixture_for("Missing", error(404, "No such model")),
    fixture_for("Malformed", {"content": ANSWER}, chaos={"malformedRate": 1}),
    fixture_for("Disconnected", {"content": ANSWER}, chaos={"disconnectRate": 1}),
    fixture_for("Misshapen", {"content": '{"causes": 1}'}, match={"turnIndex": 0}),
    fixture_for("That reply cannot be used", {"content": ANSWER}, match={"turnIndex": 1}),
    fixture_for("Sales", {"content": ANSWER}),
    fixture_for(WORD, {"content": '{"reply": "pong"}'}, match={"responseFormat": "json_schema"}),
    fixture_for(WORD, {"content": "pong"}),
]


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> str:
    """The server's program, installed in a folder of its own."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed, so the foreign server cannot be fetched")
    folder = Path(request.config.cache.mkdir(f"aimock-{VERSION}"))
    found = folder / "node_modules" / ".bin" / "llmock"
    if not found.exists():
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        try:
            subprocess.run(
                [npm, "install", *options, f"{PACKAGE}@{VERSION}"],
                check=True,
                capture_output=True,
                timeout=INSTALL_S,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("the package index cannot be reached, so the foreign server cannot be fetched")
    return str(found)


@pytest.fixture(scope="session")
def address(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running server's address."""
    fixtures = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": FIXTURES}))
    command = [program, "--port", "0", "--fixtures", str(fixtures), "--strict"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        found = next((match for line in lines if (match := re.search(r"listening on (\S+)", line))), None)
        assert found, "the foreign server did not start"
        yield f"{found[1]}/v1"
        process.terminate()


@pytest.fixture
def world(address: str, make_world: MakeWorld) -> World:
    return make_world(provider(address))


def ask(world: World, problem: str) -> Any:
    return world.client.ask(Causes, filled(problem), "diagnosis", context_of(), world.cancel, 20.0)


def test_a_foreign_server_gives_a_checked_result_and_its_usage(world: World) -> None:
    assert ask(world, "Sales fell.").value.causes == ["price", "mix"]
    (row,) = world.rows()
    assert (row.error_type, row.usage_source, row.finish_reason) == (None, "provider", "stop")
    assert row.output_tokens


def test_a_foreign_server_streams_a_text_and_its_usage(world: World) -> None:
    sink = Sink()
    assert world.write(sink).text == sink.text == ANSWER
    (row,) = world.rows()
    assert row.usage_source == "provider"
    assert row.time_to_first_chunk_s is not None


@pytest.mark.parametrize(
    ("problem", "kind", "http_status", "attempts"),
    [
        ("Limited", "rate_limited", 429, 3),
        ("Broken", "server_error", 500, 3),
        ("Forbidden", "auth", 401, 1),
        ("Missing", "model_not_found", 404, 1),
        ("Malformed", "not_a_reply", 200, 3),
        ("Disconnected", "connection_lost", None, 3),
        ("Unheard of", "server_error", 503, 3),
    ],
)
def test_a_foreign_servers_faults_become_sentences_and_rows(
    problem: str, kind: str, http_status: int | None, attempts: int, world: World
) -> None:
    with pytest.raises(AllFailed) as raised:
        ask(world, problem)
    assert "Nothing was made up" in str(raised.value)
    assert KEY not in str(raised.value)
    assert [(row.error_type, row.http_status) for row in world.rows()] == [(kind, http_status)] * attempts


def test_a_foreign_servers_retry_after_is_honoured(world: World) -> None:
    with pytest.raises(AllFailed, match="to wait 1 s"):
        ask(world, "Limited")
    assert world.clock.waits == [1.0, 1.0]


def test_a_foreign_servers_bad_shape_is_mended_by_one_turn_of_repair(world: World) -> None:
    assert ask(world, "Misshapen").value.confidence == 0.5
    assert [row.error_type for row in world.rows()] == ["wrong_shape", None]


def test_a_foreign_server_can_be_probed(world: World) -> None:
    finding = world.client.probe("alpha", "gpt-4.1", context_of("probe"), world.cancel)
    assert finding.failure is None
    assert finding.capability
    assert (finding.capability.json_mode, finding.capability.stream_usage) == ("json_schema", True)
