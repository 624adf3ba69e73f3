"""The environment as one checked object."""

from pathlib import Path

import pytest

from agents.errors import BadInput
from agents.settings import Settings


def test_settings_that_cannot_be_used_are_told_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_ENVIRONMENT", "moon")
    with pytest.raises(BadInput, match=r"WHYTREE_ENVIRONMENT: .*Correct them and start again"):
        Settings.load()
    monkeypatch.setenv("WHYTREE_ENVIRONMENT", "demo")
    assert Settings.load().environment == "demo"
