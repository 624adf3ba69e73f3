"""Where models are reached: frozen, checked records, and presets for the usual places."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from agents.errors import BadInput

Role = Literal["router", "diagnosis", "writing", "code"]
OutputLimit = Literal["max_tokens", "max_completion_tokens"]
Name = Annotated[str, Field(pattern=r"^[\w .-]{1,60}$")]
Price = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=8)]
Account = tuple[str, str, SecretStr | None]
"""What failures and limits belong to: a provider's name, its address and its key."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Rate(_Frozen):
    """Own price of a model, per million tokens; goes before the public list."""

    model: str = "*"
    """The model's name, or `*` for all models of the provider."""
    input: Price
    output: Price
    cache_read: Price | None = None
    """None: as fresh input."""
    cache_write: Price | None = None
    """None: as fresh input."""
    currency: str = "USD"


class Limits(_Frozen):
    """What a provider allows per minute; None means no limit."""

    requests_per_minute: Annotated[int, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[int, Field(gt=0)] | None = None
    """Prompt and longest reply together, as providers count them."""


class Provider(_Frozen):
    """One address with its key, models, limits and prices."""

    name: Name
    base_url: str
    """Up to and including the version, such as `https://api.openai.com/v1`."""
    key: SecretStr | None = None
    """None where the address needs none."""
    models: Mapping[Role, str]
    """Model per kind of task; a task whose role is missing goes to the next provider."""
    limits: Limits = Limits()
    rates: tuple[Rate, ...] = ()
    output_limit: OutputLimit = "max_tokens"
    """Name of the parameter that limits the length of a reply."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Seconds one attempt may take; while a text streams, seconds without a byte."""

    @property
    def account(self) -> Account:
        """Whose failures and limits these are."""
        return (self.name, self.base_url, self.key)

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        address = urlsplit(value)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("must be an address that starts with http:// or https://")
        if address.username or address.password or address.query or address.fragment:
            raise ValueError("must not hold a user, a password or a query; the key has its own place")
        if "{" in value:
            raise ValueError("has a place still to be filled in, such as {resource}")
        return value.rstrip("/")

    @field_validator("key")
    @classmethod
    def _printable(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        if text != text.strip() or not text.isascii() or not (text == "" or text.isprintable()):
            raise ValueError("holds spaces around it or characters that no key has; paste it again")
        return value if text else None


class Preset(_Frozen):
    """What is known about a place where models are reached."""

    label: str
    base_url: str
    needs_key: bool
    output_limit: OutputLimit = "max_tokens"
    free: bool = False
    """Runs on own machines, so its price is zero by an explicit rate."""


PRESETS: Mapping[str, Preset] = {
    "openai": Preset(
        label="OpenAI",
        base_url="https://api.openai.com/v1",
        needs_key=True,
        output_limit="max_completion_tokens",
    ),
    "gemini": Preset(
        label="Google Gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        needs_key=True,
    ),
    "anthropic": Preset(label="Anthropic", base_url="https://api.anthropic.com/v1", needs_key=True),
    "groq": Preset(
        label="Groq",
        base_url="https://api.groq.com/openai/v1",
        needs_key=True,
        output_limit="max_completion_tokens",
    ),
    "openrouter": Preset(label="OpenRouter", base_url="https://openrouter.ai/api/v1", needs_key=True),
    "azure": Preset(
        label="Azure OpenAI",
        base_url="https://{resource}.openai.azure.com/openai/v1",
        needs_key=True,
        output_limit="max_completion_tokens",
    ),
    "ollama": Preset(label="Ollama", base_url="http://localhost:11434/v1", needs_key=False, free=True),
    "lm_studio": Preset(label="LM Studio", base_url="http://localhost:1234/v1", needs_key=False, free=True),
    "vllm": Preset(label="vLLM", base_url="http://localhost:8000/v1", needs_key=False, free=True),
}


def from_preset(
    preset: str,
    models: Mapping[Role, str],
    key: str | None = None,
    base_url: str | None = None,
    **others: object,
) -> Provider:
    """A provider from a preset's data; raises BadInput naming what is wrong, and never the key."""
    known = PRESETS.get(preset)
    if known is None:
        raise BadInput(f"There is no preset {preset!r}. Choose one of {', '.join(PRESETS)}.")
    if known.needs_key and not key:
        raise BadInput(f"{known.label} needs a key. Paste one, or set it in the environment.")
    zero = Decimal(0)
    fields: dict[str, object] = {
        "name": preset,
        "base_url": base_url or known.base_url,
        "key": key,
        "models": models,
        "output_limit": known.output_limit,
        "rates": (Rate(input=zero, output=zero),) if known.free else (),
    }
    return provider({**fields, **others})


def provider(fields: Mapping[str, object]) -> Provider:
    """A checked provider; raises BadInput naming what is wrong, and never the key."""
    try:
        return Provider.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise BadInput(f"This model provider cannot be used: {faults}. Correct it in Settings.") from None


def chain(providers: Iterable[Provider], role: Role) -> Sequence[tuple[Provider, str]]:
    """Providers that have a model for a role, in the order they are tried, each with that model."""
    return [(each, each.models[role]) for each in providers if role in each.models]


def checked(providers: Iterable[Provider]) -> tuple[Provider, ...]:
    """The chain itself; raises BadInput when two of its providers have the same name."""
    found = tuple(providers)
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"More than one model provider is called {', '.join(twice)}. Give each its own name.")
    return found
