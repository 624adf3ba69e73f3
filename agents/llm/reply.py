"""A reply of the protocol, read without trust: its shape is checked before its content is."""

import json
from dataclasses import dataclass
from typing import Any

from agents.llm.faults import Fault, Kind
from agents.llm.usage import Usage, reported
from agents.llm.words import label

STATUS_KINDS = {401: Kind.AUTH, 402: Kind.NO_CREDIT, 403: Kind.AUTH, 404: Kind.MODEL_NOT_FOUND}
RATE_LIMIT = 429
HTTP_STATUSES = range(100, 600)
NO_CREDIT_CODES = {"insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"}
FILTER_CODES = {"content_filter", "content_policy_violation"}
"""What some providers call a refusal of the request itself."""
WRONG_KEY = "api key not valid"
"""What a provider says that answers a wrong key with status 400."""
CUT_OFF = {"length", "max_tokens", "model_length"}
WITHHELD = {"content_filter", "safety", "recitation", "prohibited_content", "blocklist", "spii"}
"""Reasons for an ending, as different providers spell them."""
REPEATABLE = {408, 409, 425}
"""Statuses below 500 that ask for another try."""


@dataclass(frozen=True)
class RawReply:
    """What came back, before anybody looked at what it says."""

    text: str
    finish_reason: str | None = None
    usage: Usage | None = None
    """As reported; None when it was missing or senseless."""
    response_model: str | None = None
    response_id: str | None = None
    service_tier: str | None = None
    refusal: bool = False
    http_status: int | None = 200


def read_body(body: bytes) -> RawReply:
    """A reply that came in one piece; raises Fault when it is none."""
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Fault(Kind.NOT_A_REPLY, http_status=200) from None
    if not isinstance(value, dict):
        raise Fault(Kind.NOT_A_REPLY, http_status=200)
    if value.get("error"):
        raise error_fault(None, value["error"])
    choice = first_choice(value)
    if choice is None:
        kind = Kind.EMPTY if isinstance(value.get("choices"), list) else Kind.NOT_A_REPLY
        raise Fault(kind, http_status=200)
    if choice.get("error"):
        raise error_fault(None, choice["error"])
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Fault(Kind.NOT_A_REPLY, http_status=200)
    return RawReply(
        text=content_text(message.get("content")),
        finish_reason=label(choice.get("finish_reason")),
        usage=reported(value.get("usage")),
        response_model=label(value.get("model")),
        response_id=label(value.get("id")),
        service_tier=label(value.get("service_tier")),
        refusal=bool(message.get("refusal")),
    )


def first_choice(value: dict[str, Any]) -> dict[str, Any] | None:
    """The first choice of a reply or a chunk, or None when there is none."""
    choices = value.get("choices")
    found = choices[0] if isinstance(choices, list) and choices else None
    return found if isinstance(found, dict) else None


def content_text(content: object) -> str:
    """The text of a message, whose content may be a text, a list of parts or nothing."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def check_ending(reply: RawReply) -> None:
    """Raise Fault when the model did not say all it had to say."""
    if reply.refusal:
        raise Fault(Kind.REFUSAL, http_status=200)
    ending = (reply.finish_reason or "").casefold()
    if ending in WITHHELD:
        raise Fault(Kind.CONTENT_FILTER, http_status=200)
    if ending in CUT_OFF:
        raise Fault(Kind.TRUNCATED, http_status=200)
    if not reply.text.strip():
        raise Fault(Kind.EMPTY, http_status=200)


def error_fault(status: int | None, error: object, retry_after_s: float | None = None) -> Fault:
    """The fault that an error in the protocol's form stands for, or one in a list, or a bare text."""
    told = _error_part(error)
    code = told.get("code")
    if status is None and isinstance(code, int) and code in HTTP_STATUSES:
        status = code
    words = told["message"] if isinstance(told.get("message"), str) else ""
    return Fault(
        _kind(status, {name for name in (code, told.get("type")) if isinstance(name, str)}, words),
        http_status=status,
        retry_after_s=retry_after_s,
        words=words,
        parameter=label(told.get("param")) or "",
    )


def _error_part(error: object) -> dict[str, Any]:
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict) and isinstance(error.get("error"), (dict, str)):
        error = error["error"]
    return error if isinstance(error, dict) else {"message": error}


def _kind(status: int | None, codes: set[str], words: str) -> Kind:
    if codes & NO_CREDIT_CODES:
        return Kind.NO_CREDIT
    if codes & FILTER_CODES:
        return Kind.CONTENT_FILTER
    if status == 400 and WRONG_KEY in words.casefold():
        return Kind.AUTH
    if status is None:
        return Kind.SERVER_ERROR
    if status == RATE_LIMIT:
        return Kind.RATE_LIMITED
    if status in STATUS_KINDS:
        return STATUS_KINDS[status]
    return Kind.BAD_REQUEST if 300 <= status < 500 and status not in REPEATABLE else Kind.SERVER_ERROR
