"""Providers are frozen, checked records."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from agents.errors import BadInput
from agents.llm.providers import PRESETS, Provider, chain, from_preset

MODELS = {"diagnosis": "some-model"}


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "azure"])
def test_a_preset_needs_only_a_model_and_a_key_where_one_is_needed(name: str) -> None:
    key = "sk-0123456789" if PRESETS[name].needs_key else None
    made = from_preset(name, MODELS, key)  # type: ignore[arg-type]
    assert made.base_url == PRESETS[name].base_url
    assert (made.rates != ()) == PRESETS[name].free


def test_a_preset_that_needs_a_key_says_so() -> None:
    with pytest.raises(BadInput, match="Groq needs a key"):
        from_preset("groq", MODELS)  # type: ignore[arg-type]


def test_an_address_with_a_place_to_fill_in_is_refused() -> None:
    with pytest.raises(BadInput, match="resource"):
        from_preset("azure", MODELS, "sk-0123456789")  # type: ignore[arg-type]
    ours = "https://ours.openai.azure.com/openai/v1/"
    assert from_preset("azure", MODELS, "sk-0123456789", ours).base_url == ours[:-1]  # type: ignore[arg-type]


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(BadInput, match="ollama"):
        from_preset("nowhere", MODELS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8000", "ftp://a/v1", "http://", "https://user:secret@a/v1", "https://a/v1?key=1"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="base_url"):
        from_preset("vllm", MODELS, base_url=address or " ")  # type: ignore[arg-type]


def test_a_provider_cannot_be_changed() -> None:
    made = from_preset("ollama", MODELS)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        made.name = "other"  # type: ignore[misc]


def test_every_fault_of_a_provider_is_named_at_once() -> None:
    with pytest.raises(BadInput) as raised:
        from_preset("vllm", {"cooking": "m"}, base_url="x", timeout_s=0)  # type: ignore[dict-item]
    assert all(name in str(raised.value) for name in ("base_url", "models.cooking", "timeout_s"))


def test_a_chain_holds_those_that_have_a_model_for_the_role_in_their_order() -> None:
    first = from_preset("ollama", {"router": "small"})
    second = from_preset("vllm", {"router": "large", "code": "coder"})
    assert [(each.name, model) for each, model in chain([first, second], "router")] == [
        ("ollama", "small"),
        ("vllm", "large"),
    ]
    assert [model for _, model in chain([first, second], "code")] == ["coder"]


def test_a_rate_below_zero_is_refused() -> None:
    with pytest.raises(BadInput, match="rates"):
        from_preset("vllm", MODELS, rates=({"input": Decimal(-1), "output": 0},))  # type: ignore[arg-type]


def test_an_empty_key_counts_as_none() -> None:
    made = Provider(name="a", base_url="http://localhost:1/v1", key="", models={})  # type: ignore[arg-type]
    assert made.key is None
