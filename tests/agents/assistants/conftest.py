"""The agents with a model that a real server plays, and without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.settings import ModelSetting, Settings
from agents.workbench import Workbench
from tests.servers import ask_model
from tests.servers.chat_server import ChatServer


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with ChatServer(ask_model.behave) as server:
        yield server


@pytest.fixture
def bench(tmp_path: Path, model: ChatServer) -> Iterator[Workbench]:
    """A workbench with a model."""
    setting = ModelSetting(preset="vllm", model="writer", base_url=model.url)
    opened = Workbench.open(Settings(data=tmp_path / "with", models=(setting,), environment="test"))
    yield opened
    opened.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench without a model."""
    opened = Workbench.open(Settings(data=tmp_path / "without", environment="test"))
    yield opened
    opened.close()
