"""SIGTERM to the real server: the step at work ends or breaks off, and the next start goes on from there."""

import json
import threading
from contextlib import closing
from pathlib import Path

from agents.settings import ModelSetting, Settings
from agents.workbench import Workbench
from benchmarks.server import Server
from benchmarks.watching import admitted
from storage import runs
from storage.db import Store
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer, Exchange

WORD_S = 0.003
TIMEOUT_S = 30.0


def test_a_server_that_is_asked_to_end_lets_its_step_end_and_the_next_start_pays_for_nothing_again(
    tmp_path: Path,
) -> None:
    writing, write = threading.Event(), ask_model.slowly(WORD_S)

    def begun(exchange: Exchange) -> None:
        writing.set()
        write(exchange)

    with ChatServer(begun) as model:
        setting = {"preset": "vllm", "model": "writer", "base_url": model.url}
        run_id = admitted(tmp_path)
        environment = {"WHYTREE_ENVIRONMENT": "test", "WHYTREE_MODELS": json.dumps([setting])}
        with Server(tmp_path, environment=environment) as server:
            assert writing.wait(TIMEOUT_S)
            server.stop()
        with closing(Store.open(tmp_path / "whytree.duckdb")) as store:
            left = runs.find(store, run_id)
            assert left is not None
            assert left.status in ("running", "completed")
            assert store.gap is None
        models = (ModelSetting.model_validate(setting),)
        with Workbench.opened(Settings(data=tmp_path, models=models, environment="test")) as bench:
            bench.conversations.settle(run_id, TIMEOUT_S)
            assert bench.runs.run(run_id).status == "completed"
            turn = bench.conversations.turn(run_id)
        assert "word399" in str(turn)
        assert len(model.requests) == 1
