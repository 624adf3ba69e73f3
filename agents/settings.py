"""The environment as one frozen, checked object; nothing reads the environment elsewhere."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.errors import BadInput
from storage.runs import Environment


class ModelSetting(BaseModel):
    """A model's address in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    preset: str = "openai"
    """One of the presets of `agents/llm/providers.py`."""
    model: str
    """Name of the model, for every kind of task."""
    key: SecretStr | None = None
    base_url: str | None = None
    """None: the preset's own."""
    name: str | None = None


class Settings(BaseSettings):
    """What can be set from outside, as `WHYTREE_...` or in `.env`; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_prefix="WHYTREE_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
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

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises BadInput naming every variable that is wrong."""
        try:
            return cls()
        except ValidationError as error:
            faults = "; ".join(
                f"WHYTREE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors()
            )
            raise BadInput(f"The settings cannot be used: {faults}. Correct them and start again.") from error
