"""The environment as one frozen, checked object; nothing reads the environment elsewhere."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from agents.errors import BadInput
from agents.llm.providers import Limits, Rate, Role
from agents.usage.webhook import is_address
from storage.runs import Environment


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


class Settings(BaseSettings):
    """What can be set from outside, as `WHYTREE_...` or in `.env`; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="WHYTREE_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
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
    def load(cls) -> Self:
        """Read the environment; raises BadInput naming every variable that is wrong, and never its value."""
        try:
            return cls()
        except SettingsError:
            raise BadInput(
                "The settings cannot be used: WHYTREE_MODELS is no JSON list, such as "
                '[{"preset": "ollama", "model": "llama3.1"}]. Correct it and start again.'
            ) from None
        except ValidationError as error:
            faults = "; ".join(
                f"WHYTREE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors(include_input=False, include_context=False)
            )
            raise BadInput(f"The settings cannot be used: {faults}. Correct them and start again.") from None
