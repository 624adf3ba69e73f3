"""The environment as one frozen, checked object; nothing reads the environment elsewhere."""

import json
from importlib.resources.abc import Traversable
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from agents.errors import BadInput
from agents.llm.providers import Limits, Rate, Role
from agents.usage.webhook import is_address
from storage.runs import Environment

PREFIX = "WHYTREE_"
SECRETS = Path(".streamlit/secrets.toml")
OWNER_ONLY = 0o077
"""Mask under which a process makes its files, so that nobody else can read them."""


class ModelSetting(BaseModel):
    """A model's address in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    preset: str = "openai"
    """One of the presets of `agents/llm/providers.py`."""
    model: str | dict[Role, str]
    """Name of the model for every kind of task, or one for each kind."""
    key: SecretStr | None = None
    base_url: str | None = None
    """None: the preset's own."""
    name: str | None = None
    limits: Limits = Limits()
    rates: tuple[Rate, ...] = ()
    """Own prices, which go before the public list."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    """Seconds one attempt may take; None: the usual time."""


class Secrets(TomlConfigSettingsSource):
    """Streamlit's file of secrets: the names of the environment, with values as TOML or as there."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        try:
            found = super()._read_file(file_path)
        except (TOMLDecodeError, UnicodeDecodeError, RecursionError):
            raise BadInput(f"{SECRETS} is no TOML that can be read. Correct it and start again.") from None
        own = {name[len(PREFIX) :].casefold(): value for name, value in found.items() if _is_own(name)}
        if isinstance(own.get("models"), str):
            try:
                own["models"] = json.loads(own["models"])
            except (ValueError, RecursionError):
                raise SettingsError("models") from None
        return own


def _is_own(name: str) -> bool:
    return name.upper().startswith(PREFIX)


class Settings(BaseSettings):
    """What can be set from outside: as `WHYTREE_...`, in `.env` (see `.env.example`), or as a secret.

    The environment goes before `.env`, and that before the file of secrets.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=SECRETS,
    )

    data: Path = Path(".whytree")
    """Folder for everything that is kept."""
    playbooks: Path | None = None
    """Folder with own playbooks."""
    environment: Environment = "live"
    """What runs are recorded as; demo and test never mix with real figures."""

    models: tuple[ModelSetting, ...] = ()
    """Models in the order they are tried, as JSON in `WHYTREE_MODELS`; none by default."""

    tavily_key: SecretStr | None = None
    """Key of the web search that the Ask page may use; None: no such search."""
    web_address: str | None = None
    """Address in place of the search's own: a proxy, or a MediaWiki of one's own."""
    web_search: bool = False
    """Search Wikipedia where there is no key; off, so that nothing is sent anywhere by default."""

    alert_webhook: SecretStr | None = None
    """Address that alerts of usage are sent to; it may hold a secret, so it is never shown."""

    @field_validator("alert_webhook")
    @classmethod
    def _can_be_sent_to(cls, address: SecretStr | None) -> SecretStr | None:
        if address is not None and not is_address(address.get_secret_value()):
            raise ValueError("it has to be an address that starts with https:// or http://")
        return address

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where settings come from, the strongest first."""
        return init_settings, env_settings, dotenv_settings, Secrets(settings_cls)

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises BadInput naming every variable that is wrong, and never its value."""
        try:
            return cls()
        except (SettingsError, RecursionError):
            raise BadInput(
                "The settings cannot be used: WHYTREE_MODELS is no JSON list that can be read, such as "
                '[{"preset": "ollama", "model": "llama3.1"}]. Correct it and start again.'
            ) from None
        except ValidationError as error:
            faults = "; ".join(
                f"WHYTREE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors(include_input=False, include_context=False)
            )
            raise BadInput(f"The settings cannot be used: {faults}. Correct them and start again.") from None
