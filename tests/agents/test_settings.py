"""The environment as one checked object."""

import json
import traceback
from pathlib import Path

import pytest

from agents.errors import BadInput
from agents.settings import Settings
from agents.workbench import Workbench

KEY = "sk-test-9d3e5f7a1b2c4860"


def test_settings_that_cannot_be_used_are_told_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_ENVIRONMENT", "moon")
    with pytest.raises(BadInput, match=r"WHYTREE_ENVIRONMENT: .*Correct them and start again"):
        Settings.load()
    monkeypatch.setenv("WHYTREE_ENVIRONMENT", "demo")
    assert Settings.load().environment == "demo"


@pytest.mark.parametrize(
    "models",
    [
        f'[{{"preset": "openai", "model": "m", "key": "{KEY}"',
        f'[{{"preset": "openai", "key": "{KEY}"}}]',
        f'[{{"model": "m", "key": ["{KEY}"]}}]',
        f'{{"model": "m", "key": "{KEY}"}}',
        f'["{KEY}"]',
        KEY,
    ],
)
def test_models_that_cannot_be_read_are_told_without_their_keys(
    models: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYTREE_MODELS", models)
    with pytest.raises(BadInput, match=r"WHYTREE_MODELS.*orrect .* and start again") as raised:
        Settings.load()
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_models_and_their_keys_are_also_read_from_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHYTREE_MODELS", raising=False)
    line = f'WHYTREE_MODELS=[{{"preset": "openai", "model": "m", "key": "{KEY}"}}]\n'
    (tmp_path / ".env").write_text(line)
    (model,) = Settings.load().models
    assert model.key is not None
    assert model.key.get_secret_value() == KEY
    assert KEY not in repr(model)


def test_a_model_of_the_environment_has_limits_prices_and_a_name_per_task(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = {
        "preset": "openai",
        "model": {"router": "small", "diagnosis": "large"},
        "key": KEY,
        "limits": {"requests_per_minute": 60},
        "rates": [{"input": "0.25", "output": "2"}],
        "timeout_s": 90,
    }
    monkeypatch.setenv("WHYTREE_MODELS", json.dumps([entry]))
    with Workbench.opened(Settings.load()) as bench:
        (provider,) = bench.models.connected()
    assert provider.models == {"router": "small", "diagnosis": "large"}
    assert provider.limits.requests_per_minute == 60
    assert provider.rates[0].output == 2
    assert provider.timeout_s == 90


@pytest.mark.parametrize(
    "text",
    [
        f'WHYTREE_MODELS = \'[{{"preset": "openai", "model": "m", "key": "{KEY}"}}]\'\n',
        f'[[WHYTREE_MODELS]]\npreset = "openai"\nmodel = "m"\nkey = "{KEY}"\n',
    ],
)
def test_models_and_their_keys_are_also_read_from_the_projects_file_of_secrets(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHYTREE_MODELS", raising=False)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(f"OTHER = 1\nWHYTREE_WEB_SEARCH = true\n{text}")
    settings = Settings.load()
    (model,) = settings.models
    assert model.key is not None
    assert (model.key.get_secret_value(), settings.web_search) == (KEY, True)
    monkeypatch.setenv("WHYTREE_MODELS", '[{"preset": "ollama", "model": "own"}]')
    assert [model.model for model in Settings.load().models] == ["own"]


@pytest.mark.parametrize("text", [f"WHYTREE_MODELS = {KEY}", f"WHYTREE_MODELS = '{KEY}'"])
def test_a_file_of_secrets_that_cannot_be_read_is_told_without_its_secrets(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHYTREE_MODELS", raising=False)
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(text)
    with pytest.raises(BadInput, match=r"Correct it and start again") as raised:
        Settings.load()
    assert KEY not in "".join(traceback.format_exception(raised.value))


DEEP = "[" * 3_000 + "]" * 3_000


@pytest.mark.parametrize("text", [f"WHYTREE_MODELS = '{DEEP}'", f"WHYTREE_MODELS = {DEEP}", None])
def test_settings_nested_too_deep_to_be_read_are_told_like_any_that_cannot_be_read(
    text: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHYTREE_MODELS", raising=False)
    if text is None:
        monkeypatch.setenv("WHYTREE_MODELS", DEEP)
    else:
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / ".streamlit" / "secrets.toml").write_text(text)
    with pytest.raises(BadInput, match=r"that can be read.*orrect it and start again"):
        Settings.load()
