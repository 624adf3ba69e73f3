"""From the text of a reply to what the caller asked for."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agents.llm.faults import Fault, Kind
from agents.llm.text_gate import checked_json, checked_text, json_part
from agents.llm.words import cleaned_words

T = TypeVar("T", bound=BaseModel)

SHOWN = 8
"""Of a validator's complaints, the first so many are passed on."""
LONGEST = 1_500
"""Characters of a validator's words."""
LARGEST_RESULT = 2**18
"""Characters of a result; many times what any prompt allows, and few enough to be judged at once."""


def taking(result_type: type[T]) -> Callable[[str], T]:
    """A function that reads a result strictly out of a reply, or raises Fault with the validator's words."""

    def take(text: str) -> T:
        if len(text) > LARGEST_RESULT:
            raise Fault(Kind.TOO_LARGE, http_status=200)
        part = json_part(text)
        checked_json(part)
        try:
            return result_type.model_validate_json(part, strict=True)
        except ValidationError as error:
            raise Fault(Kind.WRONG_SHAPE, words=_complaints(error)) from None

    return take


def take_text(text: str) -> str:
    """The text itself, checked."""
    return checked_text(text)


def _complaints(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, fault['loc'])) or 'the reply'}: {fault['msg']}" for fault in found[:SHOWN]]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return cleaned_words("; ".join([*told, *more]), LONGEST)
